//! A shelf's row of the tenant's own policies: all of them in one, so that they are always of one revision.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Error;
use super::keys::EntityKeys;
use super::row::{open, seal};
use crate::crypto::Digest;

/// Its name: no entity's, and before the head's.
pub const POLICIES: &str = "cedar";

/// All policies of a tenant, as one write of its shelf left them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRow {
    /// Their texts, by name.
    pub texts: BTreeMap<String, String>,
    /// What the row adds to the sum.
    pub stamp: Digest,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Body {
    policies: BTreeMap<String, String>,
}

impl PolicyRow {
    /// Writes them as the shelf's write of that version. Gives the row's content, and the row as it will be read.
    #[must_use]
    pub fn write(keys: &EntityKeys, version: u64, texts: BTreeMap<String, String>) -> (Vec<u8>, Self) {
        let body = Body { policies: texts };
        // Nothing in it that JSON could not say.
        let text = serde_json::to_vec(&body).unwrap_or_default();
        let (value, stamp) = seal(keys, (POLICIES, version), &text);
        (value, Self { texts: body.policies, stamp })
    }

    /// Reads the row.
    ///
    /// # Errors
    /// [`Error::Damaged`]: it is not what stood in this row after the shelf's write of that version.
    pub fn read(keys: &EntityKeys, version: u64, value: &[u8]) -> Result<Self, Error> {
        let (text, stamp) = open(keys, (POLICIES, version), value)?;
        let Body { policies } = serde_json::from_str(text).map_err(|_| Error::Damaged)?;
        Ok(Self { texts: policies, stamp })
    }
}
