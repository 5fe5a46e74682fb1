//! Whatever bytes say: the reader of payloads does not panic, however they are cut it gives the same, and nothing is whole that
//! was not sealed so.

use std::sync::{Arc, OnceLock};

use aios_core::Secret;
use aios_core::model::EntityRef;
use aios_core::vault::{Error, PayloadOf, PayloadOpening, PayloadSealing, TenantKeys};

/// Two full chunks and a shorter one.
const LENGTH: usize = 40_000;

/// An input is how long the parts are in which it comes, and then a payload; or, after a byte of 0, changes to one that was
/// sealed: four bytes each, where and by what, and last where it is cut.
pub(crate) fn read(data: &[u8]) {
    static WORLD: OnceLock<World> = OnceLock::new();
    let world = WORLD.get_or_init(World::new);
    match data.split_first() {
        Some((0, changes)) => world.changed(changes),
        Some((most, bytes)) => assert!(!world.opens(bytes, usize::from(*most)), "nobody sealed {bytes:02x?}"),
        None => {}
    }
}

struct World {
    keys: Arc<TenantKeys>,
    of: PayloadOf,
    content: Vec<u8>,
    sealed: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let entity = EntityRef { kind: "Aios::Data".into(), id: "r".into() };
        let of = PayloadOf { tenant: "acme".parse().unwrap(), entity };
        let keys = Arc::new(TenantKeys::derive(&Secret::new(vec![7; 32]), &of.tenant, "m-1").unwrap());
        let content: Vec<u8> = (0..LENGTH).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let (mut sealing, mut sealed) = PayloadSealing::begin(&keys, &of).unwrap();
        sealed.extend(sealing.update(&content).unwrap());
        sealed.extend(sealing.finish().unwrap());
        Self { keys, of, content, sealed }
    }

    fn changed(&self, changes: &[u8]) {
        let mut bytes = self.sealed.clone();
        let mut changes = changes.chunks_exact(4);
        for change in changes.by_ref() {
            let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len();
            bytes[at] ^= change[2];
        }
        if let [high, low, ..] = changes.remainder() {
            bytes.truncate(usize::from(u16::from_be_bytes([*high, *low])));
        }
        assert_eq!(self.opens(&bytes, LENGTH), bytes == self.sealed);
    }

    /// Whether it is whole. What it gives before that is known is a beginning of what was sealed.
    fn opens(&self, bytes: &[u8], most: usize) -> bool {
        let (at_once, cut) = (self.opened(bytes, bytes.len().max(1)), self.opened(bytes, most));
        assert_eq!(
            (&at_once.1, at_once.0.len() <= cut.0.len()),
            (&cut.1, true),
            "cut otherwise, it is the same"
        );
        assert!(self.content.starts_with(&cut.0), "nobody sealed what it gives");
        cut.1
    }

    fn opened(&self, bytes: &[u8], most: usize) -> (Vec<u8>, bool) {
        let (mut opening, mut given) = (PayloadOpening::begin(self.of.clone()), Vec::new());
        for part in bytes.chunks(most) {
            let keys = |kid: &str| Ok::<_, Error>((kid == "m-1").then(|| Arc::clone(&self.keys)));
            match opening.update(keys, part) {
                Ok(more) => given.extend(more),
                Err(error) => {
                    assert_eq!(error, Error::Undecryptable);
                    return (given, false);
                }
            }
        }
        let end = opening.finish();
        let is_whole = end.is_ok();
        given.extend(end.unwrap_or_default());
        (given, is_whole)
    }
}
