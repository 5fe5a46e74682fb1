//! What a key file may be, and what is refused.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// A folder of its own for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let id: [u8; 8] = crypto::random().unwrap();
        let path = std::env::temp_dir().join(format!("aios-keys-{:016x}", u64::from_be_bytes(id)));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn key(byte: u8) -> String {
    let mut bytes = [byte; 32];
    bytes[0] = byte.wrapping_add(1);
    STANDARD.encode(bytes)
}

#[test]
fn created_file_is_private_opens_and_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.0.join("root.keys");
    create(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!((text.lines().count(), text.len()), (1, "k-00000000 = ".len() + 44 + 1));
    assert!(text.starts_with(KeyFile::open(&path).unwrap().current()));
    assert!(matches!(create(&path), Err(KeyFileError::AlreadyExists)));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert!(matches!(create(&folder.0.join("none/root.keys")), Err(KeyFileError::Missing)));
}

#[test]
fn first_key_wraps_and_every_key_unwraps_in_its_context_only() {
    let folder = Folder::new();
    let old = KeyFile::open(&folder.file("old", &format!("a = {}\n", key(1)))).unwrap();
    let new = format!("# rotated in May\n\nb={}\r\n  a  =  {}  \n", key(2), key(1));
    let new = KeyFile::open(&folder.file("new", &new)).unwrap();
    let secret = Secret::new(vec![9; 32]);
    let wrapped = old.wrap(b"audit", &secret).unwrap();
    assert_eq!(new.unwrap(b"audit", &wrapped).unwrap().expose(), secret.expose());
    assert_eq!(new.unwrap(b"vault", &wrapped).unwrap_err(), RootKeyError::Unusable);
    let rewrapped = new.wrap(b"audit", &secret).unwrap();
    assert_eq!((rewrapped.kid.as_str(), new.current()), ("b", "b"));
    assert_eq!(old.unwrap(b"audit", &rewrapped).unwrap_err(), RootKeyError::Unusable);
    let renamed = Wrapped { kid: "a".into(), ..rewrapped };
    assert_eq!(new.unwrap(b"audit", &renamed).unwrap_err(), RootKeyError::Unusable);
}

#[test]
fn r22_unsound_contents_are_refused_with_their_line() {
    let folder = Folder::new();
    let short = STANDARD.encode([1; 31]);
    let mut long = [1; 33];
    long[3] = 2;
    for (name, text, expected) in [
        ("short", format!("a = {short}"), "line 1 of the root key file does not hold exactly 32 bytes"),
        ("long", format!("a = {}", STANDARD.encode(long)), "does not hold exactly 32 bytes"),
        ("very-long", format!("a = {}", "QUJD".repeat(40)), "holds more than 32 bytes"),
        ("not-base64", "\na = ****".to_owned(), "line 2 of the root key file is not base64"),
        ("unpadded", format!("a = {}", key(1).trim_end_matches('=')), "is not base64"),
        ("all-equal", format!("a = {}", STANDARD.encode([7; 32])), "one byte over and over"),
        ("all-zero", format!("a = {}", STANDARD.encode([0; 32])), "one byte over and over"),
        ("no-equals", "secret".to_owned(), "is not `kid = base64`"),
        ("no-kid", format!(" = {}", key(1)), "key id that is not"),
        ("odd-kid", format!("a b = {}", key(1)), "key id that is not"),
        (
            "twice",
            format!("a = {}\na = {}", key(1), key(2)),
            "line 2 of the root key file names a key id twice",
        ),
        ("second-bad", format!("a = {}\nb = {short}", key(1)), "line 2"),
        ("empty", String::new(), "holds no key"),
        ("comments", "# nothing\n\n".to_owned(), "holds no key"),
        ("huge", "#".repeat(70_000), "not a regular file of at most 64 KiB"),
    ] {
        let error = KeyFile::open(&folder.file(name, &text)).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
        assert!(!error.contains(&short) && !error.contains("secret"), "{name}: {error}");
    }
}

#[test]
fn files_that_others_could_read_or_replace_are_refused() {
    let folder = Folder::new();
    let text = format!("a = {}\n", key(1));
    for mode in [0o640, 0o620, 0o604, 0o602, 0o610, 0o601] {
        let path = folder.file("open", &text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(KeyFile::open(&path), Err(KeyFileError::TooOpen)), "{mode:o}");
    }
    let stolen = folder.file("stolen", &text);
    // Only root may give files away; elsewhere the rule is read from a file that root owns.
    let (foreign, given) = match std::os::unix::fs::chown(&stolen, Some(12345), None) {
        Ok(()) => (stolen, true),
        Err(_) => (PathBuf::from("/etc/passwd"), false),
    };
    assert!(matches!(KeyFile::open(&foreign), Err(KeyFileError::NotOurs)), "given: {given}");
}

#[test]
fn missing_files_folders_and_links_out_of_the_folder_are_refused() {
    let (folder, other) = (Folder::new(), Folder::new());
    let text = format!("a = {}\n", key(1));
    assert!(matches!(KeyFile::open(&folder.0.join("none")), Err(KeyFileError::Missing)));
    assert!(matches!(KeyFile::open(&folder.0), Err(KeyFileError::NotAFile | KeyFileError::OutsideFolder)));
    symlink(other.file("keys", &text), folder.0.join("outside")).unwrap();
    assert!(matches!(KeyFile::open(&folder.0.join("outside")), Err(KeyFileError::OutsideFolder)));
    symlink(folder.file("keys", &text), folder.0.join("inside")).unwrap();
    assert!(KeyFile::open(&folder.0.join("inside")).is_ok());
    let pipe = folder.0.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0)
        .unwrap();
    assert!(matches!(KeyFile::open(&pipe), Err(KeyFileError::NotAFile)));
}
