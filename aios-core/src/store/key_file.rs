//! Root keys in a local file: `kid = <base64 of 32 random bytes>`, a line each, the first one current.
//!
//! The file is made by [`create`] alone, so that a wrong path never becomes a new, empty key ring.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

use crate::crypto::{self, RootKeyError, RootKeys, Wrapped};
use crate::model::{Code, Refusal, Secret};

const KEY_BYTES: usize = 32;
/// Some hundred keys; more is not a key file.
const MAX_BYTES: u64 = 64 * 1024;

/// Why a key file was refused or could not be made. All but `Io` and `NoRandom` are the operator's to correct.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The operator's: there is one already, and nothing overwrites keys.
    #[error("the root key file exists already; remove it first if no data depends on it")]
    AlreadyExists,
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

/// Makes a root key file with one random key, readable by its owner alone.
///
/// # Errors
/// The file exists, its folder does not, or the system fails; then nothing is left behind.
pub fn create(path: &Path) -> Result<(), KeyFileError> {
    let key: Zeroizing<[u8; KEY_BYTES]> =
        Zeroizing::new(crypto::random().map_err(|_| KeyFileError::NoRandom)?);
    let id: [u8; 4] = crypto::random().map_err(|_| KeyFileError::NoRandom)?;
    // Room for all of it: growing would leave a copy of the key behind.
    let mut line = Zeroizing::new(String::with_capacity(64));
    // Writing to a string cannot fail.
    let _ = write!(line, "k-{:08x} = ", u32::from_be_bytes(id));
    STANDARD.encode_string(*key, &mut line);
    line.push('\n');
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written =
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| sync_folder(path));
    if let Err(error) = written {
        // Half a key is worse than none: the next `create` must not find it.
        let _ = std::fs::remove_file(path);
        return Err(error.into());
    }
    Ok(())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// The root keys of a file.
#[derive(Debug)]
pub struct KeyFile {
    current: String,
    keys: Vec<RootKey>,
}

#[derive(Debug)]
struct RootKey {
    kid: String,
    key: Secret,
}

impl KeyFile {
    /// Reads a key file, once.
    ///
    /// # Errors
    /// The file is missing, could be read or replaced by somebody else, or holds anything but sound keys.
    ///
    /// # Security
    /// Owner and mode are asked of the opened file, so it cannot be exchanged in between.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        let file = open_private(&inside_its_folder(path)?)?;
        let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(MAX_BYTES).unwrap_or_default() + 1));
        file.take(MAX_BYTES + 1).read_to_end(&mut text)?;
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_BYTES {
            return Err(KeyFileError::NotAFile);
        }
        let keys = parse(&text)?;
        let current = keys.first().ok_or(KeyFileError::Empty)?.kid.clone();
        Ok(Self { current, keys })
    }

    fn find(&self, kid: &str) -> Option<&RootKey> {
        self.keys.iter().find(|root| root.kid == kid)
    }
}

impl RootKeys for KeyFile {
    fn wrap(&self, context: &[u8], key: &Secret) -> Result<Wrapped, RootKeyError> {
        let root = self.find(&self.current).ok_or(RootKeyError::Unavailable)?;
        let bytes = crypto::seal(&root.key, context, key.expose()).map_err(|_| RootKeyError::Unavailable)?;
        Ok(Wrapped { kid: root.kid.clone(), bytes })
    }

    fn unwrap(&self, context: &[u8], wrapped: &Wrapped) -> Result<Secret, RootKeyError> {
        let root = self.find(&wrapped.kid).ok_or(RootKeyError::Unusable)?;
        crypto::open(&root.key, context, &wrapped.bytes).map_err(|_| RootKeyError::Unusable)
    }

    fn current(&self) -> &str {
        &self.current
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

fn parse(text: &[u8]) -> Result<Vec<RootKey>, KeyFileError> {
    let mut keys: Vec<RootKey> = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let refuse = |problem| KeyFileError::Line { line: index + 1, problem };
        let root = parse_line(line).map_err(refuse)?;
        if keys.iter().any(|known| known.kid == root.kid) {
            return Err(refuse("names a key id twice"));
        }
        keys.push(root);
    }
    Ok(keys)
}

fn parse_line(line: &[u8]) -> Result<RootKey, &'static str> {
    let equals = line.iter().position(|byte| *byte == b'=').ok_or("is not `kid = base64`")?;
    let (kid, rest) = line.split_at(equals);
    let kid = str::from_utf8(kid.trim_ascii()).map_err(|_| "has an unreadable key id")?;
    let kid_is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if kid.is_empty() || kid.len() > 64 || !kid.bytes().all(kid_is_plain) {
        return Err("has a key id that is not 1 to 64 characters of A-Z a-z 0-9 . _ -");
    }
    let encoded = rest.get(1..).unwrap_or_default().trim_ascii();
    // Room for one byte more than a key, so that a long one is told from a broken one.
    let mut bytes = Zeroizing::new([0_u8; KEY_BYTES + 4]);
    let length = STANDARD.decode_slice(encoded, &mut *bytes).map_err(|error| match error {
        base64::DecodeSliceError::OutputSliceTooSmall => "holds more than 32 bytes",
        base64::DecodeSliceError::DecodeError(_) => "is not base64",
    })?;
    let key = bytes.get(..length).unwrap_or_default();
    match key {
        _ if length != KEY_BYTES => Err("does not hold exactly 32 bytes"),
        [first, rest @ ..] if rest.iter().all(|byte| byte == first) => Err("holds one byte over and over"),
        _ => Ok(RootKey { kid: kid.to_owned(), key: Secret::new(key.to_vec()) }),
    }
}

#[cfg(test)]
mod tests;
