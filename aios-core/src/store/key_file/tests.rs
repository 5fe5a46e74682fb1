//! What a key file may be, and what is refused.

use std::os::unix::fs::{PermissionsExt, symlink};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
    STANDARD.encode(crypto::sha256(&[&[byte]]))
}

#[test]
fn created_file_is_private_opens_and_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.0.join("root.keys");
    create(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!((text.lines().count(), text.len()), (1, "k-00000000 = ".len() + 44 + 1));
    assert!(text.starts_with(&KeyFile::open(&path).unwrap().current().unwrap()));
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
    assert_eq!((rewrapped.kid.as_str(), new.current().unwrap().as_str()), ("b", "b"));
    assert_eq!(old.unwrap(b"audit", &rewrapped).unwrap_err(), RootKeyError::Unknown);
    // R23: a relabelled key does not open.
    let renamed = Wrapped { kid: "a".into(), ..rewrapped };
    assert_eq!(new.unwrap(b"audit", &renamed).unwrap_err(), RootKeyError::Unusable);
}

#[test]
fn r22_unsound_contents_are_refused_with_their_line() {
    let folder = Folder::new();
    let short = STANDARD.encode([1; 31]);
    let mut long = [1; 33];
    long[3] = 2;
    let rising: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let falling = rising.map(|byte| 255 - 3 * byte);
    let halves = [&crypto::sha256(&[b"half"])[..16]; 2].concat();
    for (name, text, expected) in [
        ("short", format!("a = {short}"), "line 1 of the root key file does not hold exactly 32 bytes"),
        ("long", format!("a = {}", STANDARD.encode(long)), "does not hold exactly 32 bytes"),
        ("very-long", format!("a = {}", "QUJD".repeat(40)), "holds more than 32 bytes"),
        ("not-base64", "\na = ****".to_owned(), "line 2 of the root key file is not base64"),
        ("unpadded", format!("a = {}", key(1).trim_end_matches('=')), "is not base64"),
        ("all-equal", format!("a = {}", STANDARD.encode([7; 32])), "one byte over and over"),
        ("all-zero", format!("a = {}", STANDARD.encode([0; 32])), "one byte over and over"),
        ("rising", format!("a = {}", STANDARD.encode(rising)), "bytes that follow one another"),
        ("falling", format!("a = {}", STANDARD.encode(falling)), "bytes that follow one another"),
        ("halves", format!("a = {}", STANDARD.encode(halves)), "the same 16 bytes twice"),
        (
            "few",
            format!("a = {}", STANDARD.encode(b"aaaabbbbccccddddeeeeffffgggghhhh")),
            "too few different bytes",
        ),
        ("text", format!("a = {}", STANDARD.encode(b"correct-horse-battery-staple-123")), "holds text"),
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

#[test]
fn a_rotated_file_keeps_the_old_keys_behind_the_new_one_and_its_mode() {
    let folder = Folder::new();
    let path = folder.file("root.keys", &format!("# of May\na = {}", key(1)));
    let (first, running) = (KeyFile::open(&path).unwrap(), KeyFile::open(&path).unwrap());
    let wrapped = first.wrap(b"x", &Secret::new(vec![9; 32])).unwrap();
    let kid = rotate(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&format!("{kid} = ")) && text.ends_with(&format!("# of May\na = {}", key(1))));
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    // Whoever runs wraps under the new one, and opens what others wrapped under it.
    let anew = running.wrap(b"x", &Secret::new(vec![9; 32])).unwrap();
    assert_eq!((anew.kid.as_str(), running.current().unwrap()), (kid.as_str(), kid.clone()));
    assert_eq!(first.unwrap(b"x", &anew).unwrap().expose(), [9; 32]);
    assert_eq!(first.unwrap(b"x", &wrapped).unwrap().expose(), [9; 32]);
    // The current one stays, what is not there is said, and the old one goes with its line alone.
    assert!(matches!(remove(&path, &kid), Err(KeyFileError::Current)));
    assert!(matches!(remove(&path, "none"), Err(KeyFileError::NoSuchKey)));
    remove(&path, "a").unwrap();
    let left = std::fs::read_to_string(&path).unwrap();
    assert_eq!((left.lines().count(), left.lines().last()), (2, Some("# of May")));
    assert_eq!(KeyFile::open(&path).unwrap().unwrap(b"x", &wrapped).unwrap_err(), RootKeyError::Unknown);
}

#[test]
fn of_many_who_rotate_at_once_each_leaves_a_whole_file_with_its_key_or_says_that_it_is_busy() {
    let folder = Folder::new();
    let path = folder.file("root.keys", &format!("a = {}\n", key(1)));
    let made: Vec<String> = std::thread::scope(|scope| {
        let turn = || {
            (0..20)
                .filter_map(|_| match rotate(&path) {
                    Ok(kid) => Some(kid),
                    Err(KeyFileError::Busy) => None,
                    Err(other) => panic!("{other}"),
                })
                .collect::<Vec<_>>()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(turn)).collect();
        let reader = scope.spawn(|| (0..200).for_each(|_| drop(KeyFile::open(&path).unwrap())));
        let made = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        reader.join().unwrap();
        made
    });
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!made.is_empty() && made.iter().all(|kid| text.contains(kid.as_str())));
    assert_eq!(text.lines().count(), made.len() + 1);
}

#[test]
fn a_rotation_that_fails_leaves_the_file_as_it_was_and_what_a_killed_one_left_is_replaced() {
    let folder = Folder::new();
    let full = format!("a = {}\n{}", key(1), "#".repeat(65_500 - 48));
    for text in [full.as_str(), "a = broken\n", ""] {
        let path = folder.file("root.keys", text);
        assert!(rotate(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    let path = folder.file("root.keys", &format!("a = {}\n", key(1)));
    folder.file("root.keys.new", "half a k");
    rotate(&path).unwrap();
    assert!(!folder.0.join("root.keys.new").exists());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(rotate(&path), Err(KeyFileError::TooOpen)));
}

#[test]
fn a_file_that_cannot_be_read_any_more_wraps_nothing_and_still_opens_what_it_wrapped() {
    let folder = Folder::new();
    let path = folder.file("root.keys", &format!("a = {}\n", key(1)));
    let keys = KeyFile::open(&path).unwrap();
    let wrapped = keys.wrap(b"x", &Secret::new(vec![9; 32])).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(keys.wrap(b"x", &Secret::new(vec![9; 32])).unwrap_err(), RootKeyError::Unavailable);
    assert_eq!(keys.unwrap(b"x", &wrapped).unwrap().expose(), [9; 32]);
}
