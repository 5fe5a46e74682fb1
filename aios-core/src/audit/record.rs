//! One stored record: `header (76) || body || mac (32)`. The stored bytes are the MACed bytes.

/// Length of the header in bytes.
pub const HEADER: usize = 76;
/// Length of the MAC in bytes.
pub const MAC: usize = 32;
/// Largest body in bytes.
pub(super) const MAX_BODY: usize = 1024 * 1024;

/// The format this code writes.
pub(super) const VERSION: u16 = 1;
/// Flag of the last record of a commit.
const LAST_OF_COMMIT: u16 = 0x0100;

/// What a record is; the low byte of its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// First of a chain: who writes it, with which clock and configuration.
    Open,
    /// A permitted call, before anything happens.
    Intent,
    /// What became of an intent.
    Outcome,
    /// Something about a tenant that is neither, for example a refused call.
    Event,
    /// Something about the deployment, in the system chain.
    System,
    /// Last of a chain's epoch.
    Close,
}

impl Kind {
    const fn number(self) -> u16 {
        match self {
            Self::Open => 1,
            Self::Intent => 2,
            Self::Outcome => 3,
            Self::Event => 4,
            Self::System => 5,
            Self::Close => 6,
        }
    }

    const fn from_number(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Open,
            2 => Self::Intent,
            3 => Self::Outcome,
            4 => Self::Event,
            5 => Self::System,
            6 => Self::Close,
            _ => return None,
        })
    }

    /// The word in the body's `type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::Event => "event",
            Self::System => "system",
            Self::Close => "close",
        }
    }
}

/// The fixed part in front of each body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Format version.
    pub version: u16,
    /// The chain's incarnation.
    pub chain: [u8; 16],
    /// Key epoch, from 0; rises only after a close record.
    pub epoch: u64,
    /// Commit within the epoch, from 0; selects the key.
    pub commit: u64,
    /// Place in the chain, from 0.
    pub seq: u64,
    /// What the record is.
    pub kind: Kind,
    /// Whether its commit ends here.
    pub ends_commit: bool,
    /// MAC of the record before, or the genesis.
    pub prev: [u8; 32],
}

impl Header {
    /// The 76 bytes: version (2), chain (16), epoch (8), commit (8), seq (8), flags (2), prev (32); big endian.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER] {
        let flags = self.kind.number() | if self.ends_commit { LAST_OF_COMMIT } else { 0 };
        let mut out = [0; HEADER];
        let parts: [&[u8]; 7] = [
            &self.version.to_be_bytes(),
            &self.chain,
            &self.epoch.to_be_bytes(),
            &self.commit.to_be_bytes(),
            &self.seq.to_be_bytes(),
            &flags.to_be_bytes(),
            &self.prev,
        ];
        out.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        out
    }

    fn decode(bytes: &[u8; HEADER]) -> Option<Self> {
        let mut rest: &[u8] = bytes;
        let version = u16::from_be_bytes(take(&mut rest)?);
        let chain = take(&mut rest)?;
        let epoch = u64::from_be_bytes(take(&mut rest)?);
        let commit = u64::from_be_bytes(take(&mut rest)?);
        let seq = u64::from_be_bytes(take(&mut rest)?);
        let flags = u16::from_be_bytes(take(&mut rest)?);
        let prev = take(&mut rest)?;
        let kind = Kind::from_number(flags & !LAST_OF_COMMIT)?;
        Some(Self {
            version,
            chain,
            epoch,
            commit,
            seq,
            kind,
            ends_commit: flags & LAST_OF_COMMIT != 0,
            prev,
        })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

/// A record's three parts.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The header, decoded.
    pub header: Header,
    /// The header's bytes.
    pub header_bytes: &'a [u8; HEADER],
    /// The body's bytes, JSON.
    pub body: &'a [u8],
    /// The stored MAC.
    pub mac: &'a [u8; MAC],
}

/// Splits a stored record. None where it is too short, too long, or its flags are not of this version.
#[must_use]
pub fn parse(frame: &[u8]) -> Option<Parts<'_>> {
    let (header_bytes, rest) = frame.split_first_chunk::<HEADER>()?;
    let (body, mac) = rest.split_last_chunk::<MAC>()?;
    if body.len() > MAX_BODY {
        return None;
    }
    Some(Parts { header: Header::decode(header_bytes)?, header_bytes, body, mac })
}
