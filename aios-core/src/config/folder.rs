//! Reads the policy folder: every regular file in it, bounded, sorted by name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const MAX_TOTAL_BYTES: u64 = 64 * 1024 * 1024;
const MAX_DEPTH: usize = 16;
const MAX_FILES: usize = 100_000;

/// Why a file or folder cannot be read. The operator's.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    #[error("{name} cannot be read ({kind})")]
    Io { name: String, kind: io::ErrorKind },
    #[error("{name} is a link to a folder; put the folder itself there")]
    LinkToFolder { name: String },
    #[error("{name} is not a regular file")]
    NotAFile { name: String },
    #[error("is not a folder")]
    NotAFolder,
    #[error("{name} is a link out of the folder")]
    OutOfFolder { name: String },
    #[error("nests folders deeper than {MAX_DEPTH}")]
    TooDeep,
    #[error("{name} is larger than {limit} bytes, or together with the files before it")]
    TooLarge { name: String, limit: u64 },
    #[error("holds more than {MAX_FILES} files")]
    TooMany,
    #[error("holds a name that is not UTF-8")]
    UnreadableName,
}

/// Names, relative and with `/`, and contents. Names that begin with a dot are left out: they are editors', version
/// control's and mounts' own.
pub(super) fn read(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let root = folder.canonicalize().map_err(|error| failed(&folder.display().to_string(), &error))?;
    if !root.is_dir() {
        return Err(FolderError::NotAFolder);
    }
    let mut reader = Reader { root, left: MAX_TOTAL_BYTES, files: Vec::new() };
    reader.folder("", MAX_DEPTH)?;
    reader.files.sort();
    Ok(reader.files)
}

/// The content of one regular file of at most so many bytes.
pub(super) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, FolderError> {
    bounded(path, &path.display().to_string(), limit)
}

struct Reader {
    root: PathBuf,
    left: u64,
    files: Vec<(String, Vec<u8>)>,
}

impl Reader {
    fn folder(&mut self, prefix: &str, depth: usize) -> Result<(), FolderError> {
        let depth = depth.checked_sub(1).ok_or(FolderError::TooDeep)?;
        let path = self.root.join(prefix);
        for entry in fs::read_dir(path).map_err(|error| failed(prefix, &error))? {
            let entry = entry.map_err(|error| failed(prefix, &error))?;
            let name = entry.file_name().into_string().map_err(|_| FolderError::UnreadableName)?;
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(|error| failed(&name, &error))?;
            if kind.is_dir() {
                self.folder(&format!("{name}/"), depth)?;
            } else {
                self.file(name)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, name: String) -> Result<(), FolderError> {
        let path = self.root.join(&name).canonicalize().map_err(|error| failed(&name, &error))?;
        if !path.starts_with(&self.root) {
            return Err(FolderError::OutOfFolder { name });
        }
        if path.is_dir() {
            return Err(FolderError::LinkToFolder { name });
        }
        if self.files.len() >= MAX_FILES {
            return Err(FolderError::TooMany);
        }
        let bytes = bounded(&path, &name, self.left)?;
        self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.files.push((name, bytes));
        Ok(())
    }
}

fn bounded(path: &Path, name: &str, limit: u64) -> Result<Vec<u8>, FolderError> {
    // Asked first: opening a pipe would wait for its other end.
    if !fs::metadata(path).map_err(|error| failed(name, &error))?.is_file() {
        return Err(FolderError::NotAFile { name: name.to_owned() });
    }
    let file = File::open(path).map_err(|error| failed(name, &error))?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| failed(name, &error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(FolderError::TooLarge { name: name.to_owned(), limit });
    }
    Ok(bytes)
}

fn failed(name: &str, error: &io::Error) -> FolderError {
    FolderError::Io { name: name.to_owned(), kind: error.kind() }
}
