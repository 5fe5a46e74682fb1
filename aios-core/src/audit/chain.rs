//! A chain: its identity, its ratcheting key, and how entries become records.

use super::Error;
use super::record::{HEADER, Header, Kind, MAC, MAX_BODY, VERSION};
use crate::crypto::{Digest, MacKey, frame, mac, sha256};
use crate::model::TenantId;

const GENESIS: &[u8] = b"aios-audit/v1/genesis";
const EPOCH: &[u8] = b"aios-audit/v1/epoch";
const RECORD: &[u8] = b"aios-audit/v1/record";
const HEAD: &[u8] = b"aios-audit/v1/head";
const DIGEST: &[u8] = b"aios-audit/v1/digest";

/// Whose chain: a tenant's, or the deployment's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The system chain.
    System,
    /// A tenant's chain.
    Tenant(TenantId),
}

impl Owner {
    /// The tenant's name; empty for the system chain, which no tenant id can be.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::System => "",
            Self::Tenant(tenant) => tenant.as_str(),
        }
    }
}

/// What makes a chain this chain: deployment, owner and a random incarnation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainId {
    /// The deployment's configured name.
    pub deployment: String,
    /// Whose chain.
    pub owner: Owner,
    /// Random, made anew by each writer.
    pub incarnation: [u8; 16],
}

impl ChainId {
    /// What the first record's `prev` says.
    pub(super) fn genesis(&self) -> Digest {
        let owner = self.owner.as_str().as_bytes();
        sha256(&[&frame(&[GENESIS, self.deployment.as_bytes(), owner, &self.incarnation])])
    }
}

/// An owner's audit master: every chain key of that owner comes from it. Whoever holds it can forge.
#[derive(Debug)]
pub struct Master(MacKey);

impl Master {
    /// From 32 bytes.
    ///
    /// # Errors
    /// Another length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, crate::crypto::Error> {
        MacKey::from_slice(bytes).map(Self)
    }

    /// The key of keyed digests in this owner's bodies. Does not lead back to the master.
    #[must_use]
    pub fn digest_key(&self, owner: &Owner) -> MacKey {
        self.0.derive(&frame(&[DIGEST, owner.as_str().as_bytes()]))
    }

    /// k₀ of an epoch.
    pub(super) fn epoch_key(&self, id: &ChainId, epoch: u64) -> MacKey {
        self.0.derive(&frame(&[EPOCH, id.owner.as_str().as_bytes(), &id.incarnation, &epoch.to_be_bytes()]))
    }
}

/// kᵢ₊₁ of kᵢ.
pub(super) fn next_key(key: &MacKey) -> MacKey {
    key.derive(b"next")
}

/// The key of a commit's record MACs.
pub(super) fn record_key(key: &MacKey) -> MacKey {
    key.derive(b"mac")
}

/// A record's MAC.
pub(super) fn record_mac(record_key: &MacKey, header: &[u8; HEADER], body: &[u8]) -> Digest {
    let length = |part: &[u8]| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
    mac(record_key, &[&length(RECORD), RECORD, &length(header), header, &length(body), body])
}

/// Where a chain ends at present, tagged under the key of the commit that will follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The chain's incarnation.
    pub chain: [u8; 16],
    /// Key epoch.
    pub epoch: u64,
    /// The next commit.
    pub commit: u64,
    /// Records in the chain.
    pub count: u64,
    /// MAC of the last record.
    pub last: Digest,
    /// Tag over all of it under the next commit's key, which nobody who comes later can know.
    pub tag: Digest,
}

impl Head {
    pub(super) fn tagged(mut self, next_key: &MacKey) -> Self {
        let numbers = [self.epoch, self.commit, self.count].map(u64::to_be_bytes);
        let [epoch, commit, count] = &numbers;
        let covered = frame(&[HEAD, &self.chain, epoch, commit, count, &self.last]);
        self.tag = mac(&next_key.derive(b"head"), &[&covered]);
        self
    }
}

/// The writing end of a chain. Its key is that of the next commit; earlier ones no longer exist.
#[derive(Debug)]
pub struct Chain {
    id: ChainId,
    epoch: u64,
    commit: u64,
    seq: u64,
    prev: Digest,
    key: MacKey,
}

impl Chain {
    /// A new chain. Its first entry must be of kind [`Kind::Open`].
    #[must_use]
    pub fn open(id: ChainId, master: &Master) -> Self {
        Self { epoch: 0, commit: 0, seq: 0, prev: id.genesis(), key: master.epoch_key(&id, 0), id }
    }

    /// The chain's identity.
    #[must_use]
    pub fn id(&self) -> &ChainId {
        &self.id
    }
}

/// Something to be recorded.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Its body, JSON.
    pub body: Vec<u8>,
    /// Salted disclosures that the body's `_sd` digests stand for (RFC 9901), kept beside it.
    pub disclosures: Vec<String>,
}

/// One commit's worth of a chain: bytes to store, and the chain as it is once they are durable.
#[derive(Debug)]
pub struct Appended {
    /// `header || body || mac` of each entry, in order.
    pub frames: Vec<Vec<u8>>,
    /// Sequence number and MAC of each.
    pub places: Vec<(u64, Digest)>,
    /// The head after them.
    pub head: Head,
    /// The chain after them. Keep the old one until the commit is acknowledged.
    pub next: Chain,
}

/// Makes the records of one commit.
///
/// # Errors
/// No entries, a body over 1 MiB, or a counter at its end.
pub fn append(chain: &Chain, entries: &[Entry]) -> Result<Appended, Error> {
    let record_key = record_key(&chain.key);
    let (mut frames, mut places) = (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
    let (mut seq, mut prev) = (chain.seq, chain.prev);
    for (index, entry) in entries.iter().enumerate() {
        if entry.body.len() > MAX_BODY {
            return Err(Error::TooLarge);
        }
        let header = Header {
            version: VERSION,
            chain: chain.id.incarnation,
            epoch: chain.epoch,
            commit: chain.commit,
            seq,
            kind: entry.kind,
            ends_commit: index + 1 == entries.len(),
            prev,
        }
        .encode();
        prev = record_mac(&record_key, &header, &entry.body);
        let mut bytes = Vec::with_capacity(HEADER + entry.body.len() + MAC);
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&entry.body);
        bytes.extend_from_slice(&prev);
        frames.push(bytes);
        places.push((seq, prev));
        seq = seq.checked_add(1).ok_or(Error::Full)?;
    }
    if frames.is_empty() {
        return Err(Error::Empty);
    }
    let commit = chain.commit.checked_add(1).ok_or(Error::Full)?;
    let key = next_key(&chain.key);
    let untagged = Head {
        chain: chain.id.incarnation,
        epoch: chain.epoch,
        commit,
        count: seq,
        last: prev,
        tag: [0; 32],
    };
    let head = untagged.tagged(&key);
    let next = Chain { id: chain.id.clone(), epoch: chain.epoch, commit, seq, prev, key };
    Ok(Appended { frames, places, head, next })
}
