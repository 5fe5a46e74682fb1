//! Writes bodies: adds time, configuration and fresh randomness to what the audit room formats.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::audit::body::{self, Call, Nonces, Stamp};
use crate::audit::{Entry, Kind, Owner};
use crate::crypto;
use crate::model::permit::RecordId;
use crate::model::{Clock, Code, Refusal, Timestamp};

/// What every record of this engine has in common.
#[derive(Debug)]
pub(super) struct Scribe {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deployment: String,
    /// Digest of configuration and policies.
    pub(super) config: Arc<str>,
    /// Whether plain HTTP to loopback was allowed.
    pub(super) plaintext_loopback: bool,
}

impl Scribe {
    /// An intent and its id.
    pub(super) fn intent(
        &self,
        owner: &Owner,
        at: Timestamp,
        call: Call<'_>,
        policies: &[String],
    ) -> Result<(Entry, String), Refusal> {
        Ok(body::intent(self.stamp(owner, at, &nonces()?), call, policies))
    }

    /// A refused call of a verified caller.
    pub(super) fn refused(
        &self,
        owner: &Owner,
        at: Timestamp,
        call: Call<'_>,
        refusal: &Refusal,
    ) -> Result<Entry, Refusal> {
        Ok(body::refused(self.stamp(owner, at, &nonces()?), call, refusal))
    }

    /// What became of an intent.
    pub(super) fn outcome(
        &self,
        owner: &Owner,
        intent: &RecordId,
        status: &str,
        data: &Map<String, Value>,
    ) -> Result<Entry, Refusal> {
        Ok(body::outcome(self.stamp(owner, self.clock.now(), &nonces()?), intent, status, data))
    }

    /// A chain's first record.
    pub(super) fn open(&self, owner: &Owner) -> Result<Entry, Refusal> {
        let members = json!({
            "deployment": self.deployment,
            "clock": self.clock.name(),
            "development": {"plaintext_loopback": self.plaintext_loopback},
            "source": {"sdk": "aios-core", "version": env!("CARGO_PKG_VERSION"), "process": std::process::id()},
        });
        self.told(owner, Kind::Open, members)
    }

    /// Anything that is no call.
    pub(super) fn told(&self, owner: &Owner, kind: Kind, members: Value) -> Result<Entry, Refusal> {
        let members = if let Value::Object(members) = members { members } else { Map::new() };
        Ok(body::told(self.stamp(owner, self.clock.now(), &nonces()?), kind, members))
    }

    fn stamp<'a>(&'a self, owner: &'a Owner, occurred: Timestamp, nonces: &'a Nonces) -> Stamp<'a> {
        Stamp { owner, occurred, recorded: self.clock.now(), config: &self.config, nonces }
    }
}

fn nonces() -> Result<Nonces, Refusal> {
    crypto::random()
        .map_err(|_| Refusal::new(Code::AuditUnavailable).at("randomness of the operating system"))
}
