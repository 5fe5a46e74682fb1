//! What a tenant's row says: its masters as the root wrapped them, and how often each of its secrets' rows was written at
//! least; or that all of it was destroyed.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::row::{TAG, body, parsed, tenant_key, write};
use super::{Error, TenantKeys};
use crate::crypto::Wrapped;
use crate::model::Timestamp;

/// Most masters that came before the current one.
const MOST_FORMER: usize = 16;

/// A tenant's masters and its secrets' floors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    kid: String,
    root: String,
    master: String,
    /// Masters of before, oldest first. They stay, so that what is not in the vault and was encrypted under them still opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<Former>,
    /// By `namespace/name`; 0 where a secret is about to be made.
    pub floors: BTreeMap<String, u64>,
    /// How often the row of a secret's uses was written at least, where its terms limit them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uses: BTreeMap<String, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Former {
    kid: String,
    root: String,
    master: String,
    /// Since when the next one is current, in nanoseconds since 1970, as long as secrets may still be under this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leaving: Option<i64>,
}

/// What is left of a tenant's row once its masters are destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tombstone {
    destroyed: i64,
}

/// A master as it stands in a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldMaster {
    /// Its id.
    pub kid: String,
    /// What the root made of it.
    pub wrapped: Wrapped,
}

impl Register {
    /// A register without secrets.
    #[must_use]
    pub fn new(kid: impl Into<String>, master: &Wrapped) -> Self {
        let (root, master) = (master.kid.clone(), BASE64.encode(&master.bytes));
        Self {
            kid: kid.into(),
            root,
            master,
            former: Vec::new(),
            floors: BTreeMap::new(),
            uses: BTreeMap::new(),
        }
    }

    /// Reads a tenant's row, whose masters are still wrapped. Nothing in it may be believed before [`Register::verify`].
    ///
    /// # Errors
    /// [`Error::Offboarded`]: the masters were destroyed; [`Error::Undecryptable`].
    pub fn peek(row: &[u8]) -> Result<Self, Error> {
        let (_, body) = row.split_first_chunk::<TAG>().ok_or(Error::Undecryptable)?;
        if parsed::<Tombstone>(body).is_ok() {
            return Err(Error::Offboarded);
        }
        parsed(body)
    }

    /// Whether the row was written by whoever holds the current master, as its write of that number.
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn verify(keys: &TenantKeys, revision: u64, row: &[u8]) -> Result<(), Error> {
        body(keys, &tenant_key(keys.tenant()), revision, row).map(drop)
    }

    /// The tenant's row, to be the row's write of that number.
    #[must_use]
    pub fn write(&self, keys: &TenantKeys, revision: u64) -> Vec<u8> {
        write(keys, &tenant_key(keys.tenant()), revision, self)
    }

    /// The row of a tenant whose masters are destroyed. It bears no tag: there is no key any more.
    #[must_use]
    pub fn tombstone(now: Timestamp) -> Vec<u8> {
        // A number always has a JSON form.
        let body = serde_json::to_vec(&Tombstone { destroyed: now.nanos() }).unwrap_or_default();
        [&[0; TAG], body.as_slice()].concat()
    }

    /// The id of the current master.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The current master as the root wrapped it.
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn current(&self) -> Result<HeldMaster, Error> {
        held(&self.kid, &self.root, &self.master)
    }

    /// The master of that id, the current one or one of before; none where it never was, or is gone.
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn master(&self, kid: &str) -> Result<Option<HeldMaster>, Error> {
        if kid == self.kid {
            return self.current().map(Some);
        }
        let former = self.former.iter().find(|former| former.kid == kid);
        former.map(|former| held(&former.kid, &former.root, &former.master)).transpose()
    }

    /// Masters under which secrets may still be, besides the current one.
    ///
    /// # Errors
    /// [`Error::Undecryptable`].
    pub fn leaving(&self) -> Result<Vec<HeldMaster>, Error> {
        let leaving = self.former.iter().filter(|former| former.leaving.is_some());
        leaving.map(|former| held(&former.kid, &former.root, &former.master)).collect()
    }

    /// Since when the last of them is leaving.
    #[must_use]
    pub fn leaving_since(&self) -> Option<Timestamp> {
        self.former.iter().filter_map(|former| former.leaving).max().map(Timestamp::from_nanos)
    }

    /// The ids of the root keys that wrap its masters, one for each master.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        self.former.iter().map(|former| former.root.as_str()).chain([self.root.as_str()])
    }

    /// Another master takes the place of the current one, which secrets leave from now on.
    ///
    /// # Errors
    /// [`Error::Invalid`]: there were too many.
    pub fn succeed(mut self, kid: String, master: &Wrapped, now: Timestamp) -> Result<Self, Error> {
        if self.former.len() >= MOST_FORMER {
            return Err(Error::Invalid {
                at: "tenant",
                rule: "a tenant whose master changed at most 16 times",
            });
        }
        let root = std::mem::replace(&mut self.root, master.kid.clone());
        let wrapped = std::mem::replace(&mut self.master, BASE64.encode(&master.bytes));
        let before = std::mem::replace(&mut self.kid, kid);
        self.former.push(Former { kid: before, root, master: wrapped, leaving: Some(now.nanos()) });
        Ok(self)
    }

    /// No secret is under a former master any more.
    #[must_use]
    pub fn settled(mut self) -> Self {
        self.former.iter_mut().for_each(|former| former.leaving = None);
        self
    }

    /// The same masters, wrapped by the root anew.
    ///
    /// # Errors
    /// Those of the wrapping, and [`Error::Undecryptable`].
    pub fn rewrapped<E: From<Error>>(
        mut self,
        anew: impl Fn(&HeldMaster) -> Result<Wrapped, E>,
    ) -> Result<Self, E> {
        for former in &mut self.former {
            let wrapped = anew(&held(&former.kid, &former.root, &former.master)?)?;
            (former.root, former.master) = (wrapped.kid, BASE64.encode(&wrapped.bytes));
        }
        let wrapped = anew(&self.current()?)?;
        (self.root, self.master) = (wrapped.kid, BASE64.encode(&wrapped.bytes));
        Ok(self)
    }
}

fn held(kid: &str, root: &str, master: &str) -> Result<HeldMaster, Error> {
    let bytes = BASE64.decode(master).map_err(|_| Error::Undecryptable)?;
    Ok(HeldMaster { kid: kid.to_owned(), wrapped: Wrapped { kid: root.to_owned(), bytes } })
}
