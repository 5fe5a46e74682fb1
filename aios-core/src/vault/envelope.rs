//! The envelope, format v1: wrap records and a body, parsed with bounds on everything. Nothing is opened here.
//!
//! Byte layout: `docs/formats/envelope-v1.md`.

use super::Error;

const MAGIC: &[u8; 4] = b"AEV1";
/// Cobblestone-256: HKDF-Expand-SHA-512, AES-256-GCM in chunks.
const SUITE: u8 = 1;
/// Most wrap records.
pub const MOST_WRAPS: usize = 4;
/// Longest wrapped key in bytes.
const LONGEST_WRAPPED: usize = 4096;
/// Largest secret in bytes.
pub const MAX_SECRET: usize = 64 * 1024;
/// Salt, commitment and the tag of the last chunk: what a body has at least.
const SHORTEST_BODY: usize = 24 + 32 + 16;
/// A chunk of 16 KiB has a tag of its own, and a last, shorter one follows.
const LONGEST_BODY: usize = SHORTEST_BODY + MAX_SECRET + 4 * 16;
/// What stands in front of an envelope written as text.
const PREFIX: &str = "aev1.";

/// Whose key wraps the data key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A root key at hand.
    Local,
    /// The transit engine of Vault or `OpenBao`.
    VaultTransit,
    /// Azure Key Vault.
    AzureKeyVault,
    /// AWS KMS.
    AwsKms,
    /// Google Cloud KMS.
    GcpKms,
    /// The tenant's own key.
    TenantKey,
    /// Somebody else's, from 0x80.
    Custom(u8),
}

impl Provider {
    const fn byte(self) -> u8 {
        match self {
            Self::Local => 0,
            Self::VaultTransit => 1,
            Self::AzureKeyVault => 2,
            Self::AwsKms => 3,
            Self::GcpKms => 4,
            Self::TenantKey => 5,
            Self::Custom(byte) => byte,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Local,
            1 => Self::VaultTransit,
            2 => Self::AzureKeyVault,
            3 => Self::AwsKms,
            4 => Self::GcpKms,
            5 => Self::TenantKey,
            0x80.. => Self::Custom(byte),
            6..0x80 => return None,
        })
    }

    /// Its name in a wrap's context. Custom ones are told apart by their key ids.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::VaultTransit => "vault-transit",
            Self::AzureKeyVault => "azure-kv",
            Self::AwsKms => "aws-kms",
            Self::GcpKms => "gcp-kms",
            Self::TenantKey => "tenant-kek",
            Self::Custom(_) => "custom",
        }
    }
}

/// A data key as one key sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrap<'a> {
    /// Whose key.
    pub provider: Provider,
    /// Which key; 1 to 255 bytes.
    pub kid: &'a str,
    /// What the data key became; 1 to 4096 bytes.
    pub wrapped: &'a [u8],
}

/// An envelope, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The wrap records, 1 to 4, no two of one key.
    pub wraps: Vec<Wrap<'a>>,
    /// Salt, commitment and ciphertext.
    pub body: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Parses an envelope. What it holds is not believed before the body opens.
    ///
    /// # Errors
    /// [`Error::Undecryptable`]: it is not an envelope of this version.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        parse(bytes).ok_or(Error::Undecryptable)
    }

    /// The bytes of an envelope.
    ///
    /// # Errors
    /// [`Error::Undecryptable`]: something exceeds its bounds, so that nobody could read it.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&[SUITE, u8::try_from(self.wraps.len()).unwrap_or(u8::MAX)]);
        for wrap in &self.wraps {
            out.extend_from_slice(&[wrap.provider.byte(), u8::try_from(wrap.kid.len()).unwrap_or(0)]);
            out.extend_from_slice(wrap.kid.as_bytes());
            out.extend_from_slice(&u16::try_from(wrap.wrapped.len()).unwrap_or(0).to_be_bytes());
            out.extend_from_slice(wrap.wrapped);
        }
        out.extend_from_slice(self.body);
        // Whatever goes against a bound, or would be read as something else, is not let out.
        if parse(&out).is_some_and(|read| read == *self) { Ok(out) } else { Err(Error::Undecryptable) }
    }
}

fn parse(bytes: &[u8]) -> Option<Envelope<'_>> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let [suite, count] = take(&mut rest)?;
    if suite != SUITE || !(1..=MOST_WRAPS).contains(&usize::from(count)) {
        return None;
    }
    let mut wraps: Vec<Wrap<'_>> = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let wrap = wrap(&mut rest)?;
        if wraps.iter().any(|known| (known.provider, known.kid) == (wrap.provider, wrap.kid)) {
            return None;
        }
        wraps.push(wrap);
    }
    (SHORTEST_BODY..=LONGEST_BODY).contains(&rest.len()).then_some(Envelope { wraps, body: rest })
}

fn wrap<'a>(rest: &mut &'a [u8]) -> Option<Wrap<'a>> {
    let [provider, length] = take(rest)?;
    let kid = str::from_utf8(split(rest, usize::from(length))?).ok().filter(|kid| !kid.is_empty())?;
    let length = usize::from(u16::from_be_bytes(take(rest)?));
    let wrapped = split(rest, length).filter(|wrapped| (1..=LONGEST_WRAPPED).contains(&wrapped.len()))?;
    Some(Wrap { provider: Provider::from_byte(provider)?, kid, wrapped })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

fn split<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (first, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(first)
}

/// An envelope as text: `aev1.` and base64url without padding.
#[must_use]
pub fn to_text(envelope: &[u8]) -> String {
    use base64::Engine as _;
    let mut text = PREFIX.to_owned();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode_string(envelope, &mut text);
    text
}

/// Reads what [`to_text`] wrote, in exactly that spelling.
///
/// # Errors
/// [`Error::Undecryptable`].
pub fn from_text(text: &str) -> Result<Vec<u8>, Error> {
    use base64::Engine as _;
    let encoded = text.strip_prefix(PREFIX).ok_or(Error::Undecryptable)?;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Error::Undecryptable)
}
