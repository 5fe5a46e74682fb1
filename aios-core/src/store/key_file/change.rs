//! Making a root key file and changing it: whole, at once, and by one process at a time.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::fs::{FlockOperation, flock};
use zeroize::Zeroizing;

use super::lines::{KEY_BYTES, RootKey, parse, parse_line};
use super::{KeyFileError, MAX_BYTES, folder_of, inside_its_folder, read_private};
use crate::crypto;

/// Makes a root key file with one random key, readable by its owner alone.
///
/// # Errors
/// The file exists, its folder does not, or the system fails; then nothing is left behind.
pub fn create(path: &Path) -> Result<(), KeyFileError> {
    let (line, _) = new_line()?;
    write_new(path, &line)?;
    // Half a key is worse than none: the next `create` must not find it.
    sync_folder(path).inspect_err(|_| drop(std::fs::remove_file(path))).map_err(KeyFileError::from)
}

/// Puts a new random key before all others and gives its id: from now on it wraps. The old ones stay, as what they wrapped
/// needs them.
///
/// # Errors
/// As [`super::KeyFile::open`]; another process changes the file; the system fails. Then the file is as it was.
pub fn rotate(path: &Path) -> Result<String, KeyFileError> {
    let (line, kid) = new_line()?;
    change(path, |old, _| Ok(joined(&[&line, old])))?;
    Ok(kid)
}

/// Takes a key out.
///
/// # Errors
/// As [`rotate`]; the key is the current one, or not there.
///
/// # Security
/// What is still wrapped under it is lost with it. [`crate::Aios::retire_root_key`] looks first.
pub fn remove(path: &Path, kid: &str) -> Result<(), KeyFileError> {
    change(path, |old, keys| {
        let place = keys.iter().position(|key| key.kid == kid).ok_or(KeyFileError::NoSuchKey)?;
        if place == 0 {
            return Err(KeyFileError::Current);
        }
        let is_it = |line: &&[u8]| matches!(parse_line(line), Ok(Some(root)) if root.kid == kid);
        let kept: Vec<&[u8]> =
            old.split_inclusive(|byte| *byte == b'\n').filter(|line| !is_it(line)).collect();
        Ok(joined(&kept))
    })
}

/// Replaces the file by another one, which must be sound: read before or after, it is one of the two.
fn change(
    path: &Path,
    made_of: impl FnOnce(&[u8], &[RootKey]) -> Result<Zeroizing<Vec<u8>>, KeyFileError>,
) -> Result<(), KeyFileError> {
    let target = inside_its_folder(path)?;
    let folder = File::open(folder_of(&target))?;
    // Of the folder, because the file itself is another one afterwards. Not waited for: anybody may hold it.
    flock(&folder, FlockOperation::NonBlockingLockExclusive).map_err(|_| KeyFileError::Busy)?;
    let old = read_private(&target)?;
    let new = made_of(&old, &parse(&old)?)?;
    if u64::try_from(new.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(KeyFileError::NotAFile);
    }
    parse(&new)?;
    let beside = beside(&target);
    // Whoever was killed in the middle left it, and nobody else is here.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    write_new(&beside, &new)?;
    let replaced = std::fs::rename(&beside, &target).and_then(|()| sync_folder(&target));
    replaced.inspect_err(|_| drop(std::fs::remove_file(&beside))).map_err(KeyFileError::from)
}

/// `root.keys.new` for `root.keys`.
fn beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".new");
    target.with_file_name(name)
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.inspect_err(|_| drop(std::fs::remove_file(path))).map_err(KeyFileError::from)
}

fn new_line() -> Result<(Zeroizing<Vec<u8>>, String), KeyFileError> {
    let key: Zeroizing<[u8; KEY_BYTES]> =
        Zeroizing::new(crypto::random().map_err(|_| KeyFileError::NoRandom)?);
    let id: [u8; 4] = crypto::random().map_err(|_| KeyFileError::NoRandom)?;
    let kid = format!("k-{:08x}", u32::from_be_bytes(id));
    // Room for all of it: growing would leave a copy of the key behind.
    let mut line = Zeroizing::new(String::with_capacity(64));
    // Writing to a string cannot fail.
    let _ = write!(line, "{kid} = ");
    STANDARD.encode_string(*key, &mut line);
    line.push('\n');
    Ok((Zeroizing::new(std::mem::take(&mut *line).into_bytes()), kid))
}

/// One after another, in one piece of memory.
fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut whole = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    for part in parts {
        whole.extend_from_slice(part);
    }
    whole
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}
