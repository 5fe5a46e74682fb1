//! Ids of records, which sort by time.

use super::body::Stamp;
use crate::model::hex::hex;

/// A `UUIDv7` (RFC 9562 section 5.7): 48 bits of milliseconds, the rest random.
pub(super) fn uuid(stamp: Stamp<'_>) -> String {
    let millis = u64::try_from(stamp.recorded.nanos() / 1_000_000).unwrap_or(0);
    let mut bytes = [0; 16];
    let random = stamp.nonces.iter().take(10);
    for (to, from) in bytes.iter_mut().zip(millis.to_be_bytes().iter().skip(2).chain(random)) {
        *to = *from;
    }
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = 0x70 | (*version & 0x0f);
    *variant = 0x80 | (*variant & 0x3f);
    let digits = hex(&bytes);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
