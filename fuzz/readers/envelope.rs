//! Whatever bytes say: the reader of envelopes does not panic, what it reads is written the same, and nothing opens that was
//! not sealed.

use std::sync::OnceLock;

use aios_core::Secret;
use aios_core::vault::{Binding, Envelope, Error, MAX_SECRET, MOST_WRAPS, SecretPath, TenantKeys, Version};
use aios_core::vault::{from_text, open, rewrap, seal, to_text};

const TERMS: &[u8] = br#"{"v":1,"owner":{"kind":"user","issuer":"corp","id":"alice"}}"#;
const VALUE: &[u8] = b"attack at dawn";

/// An input is an envelope, as bytes or as text; or, after a first byte of 1, changes to one that was sealed: three bytes each,
/// where and by what.
pub(crate) fn read(data: &[u8]) {
    static WORLD: OnceLock<World> = OnceLock::new();
    let world = WORLD.get_or_init(World::new);
    match data.split_first() {
        Some((1, changes)) => world.changed(changes),
        Some((_, bytes)) => world.foreign(bytes),
        None => world.foreign(data),
    }
}

struct World {
    keys: TenantKeys,
    next: TenantKeys,
    path: SecretPath,
    sealed: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let path: SecretPath = SecretPath::new("acme".parse().unwrap(), "prod", "openai/main").unwrap();
        let keys = |kid| TenantKeys::derive(&Secret::new(vec![7; 32]), path.tenant(), kid).unwrap();
        let (keys, next) = (keys("m-1"), keys("m-2"));
        let sealed = seal(&[keys.wrapping()], &binding(&path), &Secret::new(VALUE.to_vec())).unwrap();
        Self { keys, next, path, sealed }
    }

    fn foreign(&self, bytes: &[u8]) {
        if let Ok(envelope) = Envelope::parse(bytes) {
            assert_eq!(envelope.write().unwrap(), bytes, "what is read is written the same");
            assert!(
                (1..=MOST_WRAPS).contains(&envelope.wraps.len()) && envelope.body.len() <= MAX_SECRET + 200
            );
            assert_eq!(from_text(&to_text(bytes)).unwrap(), bytes);
        }
        if let Ok(text) = std::str::from_utf8(bytes)
            && let Ok(read) = from_text(text)
        {
            assert_eq!(to_text(&read), text, "there is one spelling");
            self.refuses(&read);
        }
        self.refuses(bytes);
    }

    fn changed(&self, changes: &[u8]) {
        let mut bytes = self.sealed.clone();
        for change in changes.chunks_exact(3) {
            let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len();
            bytes[at] ^= change[2];
        }
        if bytes == self.sealed {
            let opened = open(&bytes, &[self.keys.wrapping()], &binding(&self.path)).unwrap();
            assert_eq!(opened.expose(), VALUE);
        } else {
            self.foreign(&bytes);
        }
    }

    fn refuses(&self, bytes: &[u8]) {
        let (keys, binding) = ([self.keys.wrapping()], binding(&self.path));
        assert_eq!(
            open(bytes, &keys, &binding).err(),
            Some(Error::Undecryptable),
            "nobody sealed {bytes:02x?}"
        );
        // A rewrap looks at the wrap alone: what it gives opens no more than what it was given.
        let next = [self.next.wrapping()];
        if let Ok(moved) = rewrap(bytes, &keys, &next, self.path.tenant()) {
            assert_eq!(
                open(&moved, &next, &binding).err(),
                Some(Error::Undecryptable),
                "nobody sealed {moved:02x?}"
            );
        }
    }
}

fn binding(path: &SecretPath) -> Binding<'_> {
    Binding { path, version: Version::FIRST, terms: TERMS }
}
