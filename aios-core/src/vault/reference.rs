//! `secret://tenant/namespace/name@version`: what may stand in prompts, logs and databases in place of a secret.
//!
//! One spelling each: what parses prints back as it was. A tenant of the form `issuer/tenant` is spelled
//! `issuer~tenant`, so that the first three slashes always part the same things.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::model::TenantId;

const SCHEME: &str = "secret://";
/// Longest namespace, and longest name, in bytes.
const LONGEST: usize = 128;
/// The longest text that can be a reference.
pub const LONGEST_REFERENCE: usize = SCHEME.len() + 3 * (LONGEST + 1) + 16;

/// Why a text is no reference; the rule, never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidReference(&'static str);

const FORM: InvalidReference =
    InvalidReference("a secret reference: secret://tenant/namespace/name, with @version behind it or not");
const NAMESPACE: InvalidReference =
    InvalidReference("a namespace of 1 to 128 characters of a-z 0-9 . _ -, other than . and ..");
const NAME: InvalidReference = InvalidReference(
    "a secret's name of 1 to 128 characters of a-z 0-9 . _ - and /, no part of it empty, . or ..",
);
const VERSION: InvalidReference =
    InvalidReference("a version from 1 to 9007199254740991, without zeros in front");

impl InvalidReference {
    /// The rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        self.0
    }
}

/// A version of a secret, from 1. No greater than 2^53 - 1, so that every language's numbers hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The first.
    pub const FIRST: Self = Self(1);
    const LAST: u64 = (1 << 53) - 1;

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The version after this one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::try_from(self.0 + 1).ok()
    }
}

impl TryFrom<u64> for Version {
    type Error = InvalidReference;
    fn try_from(number: u64) -> Result<Self, InvalidReference> {
        if (1..=Self::LAST).contains(&number) { Ok(Self(number)) } else { Err(VERSION) }
    }
}

impl FromStr for Version {
    type Err = InvalidReference;
    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let is_plain = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_plain || text.starts_with('0') {
            return Err(VERSION);
        }
        text.parse::<u64>().map_err(|_| VERSION)?.try_into()
    }
}

/// Where a secret lives: its tenant, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretPath {
    tenant: TenantId,
    namespace: Arc<str>,
    name: Arc<str>,
}

impl SecretPath {
    /// The path of three names.
    ///
    /// # Errors
    /// The namespace or the name goes against its rule.
    pub fn new(tenant: TenantId, namespace: &str, name: &str) -> Result<Self, InvalidReference> {
        let is_namespace = is_part(namespace) && namespace.len() <= LONGEST;
        let is_name = name.split('/').all(is_part) && name.len() <= LONGEST;
        match (is_namespace, is_name) {
            (true, true) => Ok(Self { tenant, namespace: namespace.into(), name: name.into() }),
            (false, _) => Err(NAMESPACE),
            (true, false) => Err(NAME),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Which part of the tenant's secrets it is in.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its name there.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `namespace/name`: what it is called within its tenant, and the id that policies know it by.
    #[must_use]
    pub fn local(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }

    /// A tenant's secret by what it is called there.
    ///
    /// # Errors
    /// It is not `namespace/name`.
    pub fn from_local(tenant: TenantId, local: &str) -> Result<Self, InvalidReference> {
        let (namespace, name) = local.split_once('/').ok_or(FORM)?;
        Self::new(tenant, namespace, name)
    }

    /// The reference to one of its versions, or to whichever is current when it is used.
    #[must_use]
    pub fn at(self, version: Option<Version>) -> SecretRef {
        SecretRef { path: self, version }
    }
}

/// A tenant as references and the store's keys spell it.
pub(super) fn spelled(tenant: &TenantId) -> String {
    tenant.as_str().replace('/', "~")
}

/// A reference to a secret. It leads to no value: that takes a permit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretRef {
    path: SecretPath,
    version: Option<Version>,
}

impl SecretRef {
    /// Which secret.
    #[must_use]
    pub fn path(&self) -> &SecretPath {
        &self.path
    }

    /// Which of its versions; none: whichever is current when it is used.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.version
    }
}

impl FromStr for SecretRef {
    type Err = InvalidReference;
    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        if text.len() > LONGEST_REFERENCE {
            return Err(FORM);
        }
        let rest = text.strip_prefix(SCHEME).ok_or(FORM)?;
        let (tenant, rest) = rest.split_once('/').ok_or(FORM)?;
        let (namespace, rest) = rest.split_once('/').ok_or(FORM)?;
        let (name, version) = match rest.split_once('@') {
            Some((name, version)) => (name, Some(version.parse()?)),
            None => (rest, None),
        };
        let tenant = tenant.replace('~', "/").parse().map_err(|_| FORM)?;
        Ok(SecretPath::new(tenant, namespace, name)?.at(version))
    }
}

impl fmt::Display for SecretPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{SCHEME}{}/{}/{}", spelled(&self.tenant), self.namespace, self.name)
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(out)?;
        self.version.map_or(Ok(()), |version| write!(out, "@{}", version.0))
    }
}

/// One part of a name between slashes.
fn is_part(part: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_plain)
}
