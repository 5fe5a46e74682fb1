//! A value on its way out, as plain data: the only answer that has one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::engine::vault as engine;

/// The value of a secret, where the operator lets it be shown.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RevealedSecret {
    /// The version that it is of.
    pub reference: String,
    /// 8 bytes of a keyed hash of the value, in hexadecimal.
    pub fingerprint: String,
    /// The value, as base64. Whoever reads it answers for what becomes of it.
    #[schemars(with = "String")]
    pub value_base64: ShownText,
}

/// A value as text; wiped when dropped. `Debug` shows nothing.
pub struct ShownText(Zeroizing<String>);

impl RevealedSecret {
    pub(super) fn of(revealed: engine::Revealed) -> Self {
        let engine::Revealed { reference, fingerprint, value, .. } = revealed;
        let value_base64 = ShownText(Zeroizing::new(BASE64.encode(value.expose())));
        Self { reference: reference.to_string(), fingerprint, value_base64 }
    }
}

impl std::fmt::Debug for ShownText {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ShownText")
    }
}

/// The wire itself.
impl Serialize for ShownText {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&self.0)
    }
}
