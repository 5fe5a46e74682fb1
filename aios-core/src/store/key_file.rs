//! Root keys in a local file: `kid = <base64 of 32 random bytes>`, a line each, the first one current.
//!
//! The file is made by [`create`] alone, so that a wrong path never becomes a new, empty key ring. It is read when an engine
//! opens, again before something new is wrapped, and where something names a key that was not there: so whoever runs
//! while keys are rotated goes on with the new ones.

mod change;
mod lines;

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

pub use self::change::{create, remove, rotate};
use self::lines::{RootKey, parse};
use crate::crypto::{self, RootKeyError, RootKeys, Wrapped};
use crate::model::{Code, Refusal, Secret};

/// Some hundred keys; more is not a key file.
const MAX_BYTES: u64 = 64 * 1024;

/// Why a key file was refused or could not be made. All but `Io` and `NoRandom` are the operator's to correct.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The operator's: there is one already, and nothing overwrites keys.
    #[error("the root key file exists already; remove it first if no data depends on it")]
    AlreadyExists,
    /// Another process's: it changes the file at this moment.
    #[error("another process changes the root key file, or holds a lock on its folder; try again")]
    Busy,
    /// The operator's: it wraps whatever is new.
    #[error("this root key is the current one; rotate first, then rewrap what it wraps")]
    Current,
    /// The operator's: no line holds a key.
    #[error("the root key file holds no key; restore it, or make a new one with root_keys::create")]
    Empty,
    /// The system's: the file cannot be read or written.
    #[error("the root key file cannot be used ({0}); check the disk and the folder's permissions")]
    Io(io::ErrorKind),
    /// The operator's: a line is not a key of full strength.
    #[error(
        "line {line} of the root key file {problem}; restore the line, or take it out if nothing needs it"
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The operator's: there is no such file.
    #[error("there is no root key file here; make one with root_keys::create, or correct the path")]
    Missing,
    /// The system's: no randomness.
    #[error("the operating system gives no randomness")]
    NoRandom,
    /// The operator's: no line names it.
    #[error("the root key file holds no key of this id")]
    NoSuchKey,
    /// The operator's: something else than a file, or far too large a one.
    #[error("the root key file is not a regular file of at most 64 KiB; give the path of the key file")]
    NotAFile,
    /// The operator's: another user could replace it.
    #[error("the root key file belongs to another user; chown it to the user that runs this process")]
    NotOurs,
    /// The operator's: a link leads elsewhere.
    #[error("the root key file is a link to a file outside its folder; put the file itself here")]
    OutsideFolder,
    /// The operator's: group or others may read or write it.
    #[error(
        "the root key file is open to group or others; chmod 600 it, and replace the keys if others read them"
    )]
    TooOpen,
}

impl From<KeyFileError> for Refusal {
    fn from(error: KeyFileError) -> Self {
        Self::new(Code::ConfigInvalid).at("keys.file").hint(error.to_string())
    }
}

impl From<io::Error> for KeyFileError {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        if kind == io::ErrorKind::AlreadyExists {
            Self::AlreadyExists
        } else if kind == io::ErrorKind::NotFound {
            Self::Missing
        } else {
            Self::Io(kind)
        }
    }
}

impl From<rustix::io::Errno> for KeyFileError {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}

/// The root keys of a file.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    /// Without a lock, which a forked child would inherit.
    ring: ArcSwap<Ring>,
}

/// What the file held when it was read; one key at least.
#[derive(Debug)]
struct Ring(Vec<RootKey>);

impl Ring {
    fn find(&self, kid: &str) -> Option<&RootKey> {
        self.0.iter().find(|root| root.kid == kid)
    }
}

impl KeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    /// The file is missing, could be read or replaced by somebody else, or holds anything but sound keys.
    ///
    /// # Security
    /// Owner and mode are asked of the opened file, so it cannot be exchanged in between.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        // Absolute, because a host may change its folder later.
        let path = std::path::absolute(path)?;
        let ring = ArcSwap::from_pointee(read(&path)?);
        Ok(Self { path, ring })
    }

    /// The keys as the file holds them now.
    fn current_ring(&self) -> Result<Arc<Ring>, RootKeyError> {
        let ring = Arc::new(read(&self.path).map_err(|_| RootKeyError::Unavailable)?);
        self.ring.store(Arc::clone(&ring));
        Ok(ring)
    }

    /// Keys among which this one is: those at hand, else those that the file holds now.
    fn ring_with(&self, kid: &str) -> Result<Arc<Ring>, RootKeyError> {
        let held = self.ring.load_full();
        if held.find(kid).is_some() {
            return Ok(held);
        }
        let ring = read(&self.path).ok().filter(|ring| ring.find(kid).is_some());
        let ring = Arc::new(ring.ok_or(RootKeyError::Unknown)?);
        self.ring.store(Arc::clone(&ring));
        Ok(ring)
    }
}

impl RootKeys for KeyFile {
    fn wrap(&self, context: &[u8], key: &Secret) -> Result<Wrapped, RootKeyError> {
        // Read anew: what a key wraps that was retired meanwhile opens for nobody.
        let ring = self.current_ring()?;
        let root = ring.0.first().ok_or(RootKeyError::Unavailable)?;
        let bytes = crypto::seal(&root.key, context, key.expose()).map_err(|_| RootKeyError::Unavailable)?;
        Ok(Wrapped { kid: root.kid.clone(), bytes })
    }

    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError> {
        let ring = self.ring_with(&wrapped.kid)?;
        let root = ring.find(&wrapped.kid).ok_or(RootKeyError::Unknown)?;
        crypto::open(&root.key, context, &wrapped.bytes).map_err(|_| RootKeyError::Unusable)
    }

    fn current(&self) -> Result<String, RootKeyError> {
        self.current_ring()?.0.first().map(|root| root.kid.clone()).ok_or(RootKeyError::Unavailable)
    }
}

fn read(path: &Path) -> Result<Ring, KeyFileError> {
    Ok(Ring(parse(&read_private(&inside_its_folder(path)?)?)?))
}

/// The bytes of a file that nobody else can read or replace.
fn read_private(target: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let file = open_private(target)?;
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_BYTES).unwrap_or_default() + 1));
    file.take(MAX_BYTES + 1).read_to_end(&mut text)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(KeyFileError::NotAFile);
    }
    Ok(text)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

fn inside_its_folder(path: &Path) -> Result<PathBuf, KeyFileError> {
    let target = path.canonicalize()?;
    let folder = folder_of(path).canonicalize()?;
    if target.starts_with(&folder) { Ok(target) } else { Err(KeyFileError::OutsideFolder) }
}

fn open_private(target: &Path) -> Result<File, KeyFileError> {
    // NONBLOCK: a pipe in the file's place must not stop the process.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(target, flags, Mode::empty())?);
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(KeyFileError::NotAFile);
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(KeyFileError::NotOurs);
    }
    if found.mode() & 0o077 != 0 {
        return Err(KeyFileError::TooOpen);
    }
    Ok(file)
}

#[cfg(test)]
mod tests;
