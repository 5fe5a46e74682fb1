//! Names that cannot be wrong once parsed.

use std::fmt;
use std::str::FromStr;

/// Why a name was refused; the message names the rule, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(&'static str);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                $check(text)?;
                Ok(Self(text.into()))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{:?}", &*self.0)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(source)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// A tenant: 1 to 128 characters of `A-Z a-z 0-9 . _ -`, with at most one `/` after an issuer's name.
    TenantId, check_tenant
}
id! {
    /// An issuer's short, stable name: 1 to 32 characters of `a-z 0-9 -`. Prefixes its subjects, groups and tenants.
    IssuerName, check_issuer
}

impl TenantId {
    /// The reserved tenant of the platform itself, which no issuer may assert.
    pub const PLATFORM: &'static str = "platform";

    /// The tenant that an issuer with `tenants = "prefixed"` may speak for.
    ///
    /// # Errors
    /// The claim holds a character that a tenant id may not have.
    pub fn prefixed(issuer: &IssuerName, claim: &str) -> Result<Self, InvalidId> {
        if claim.contains('/') {
            return Err(TENANT_RULE);
        }
        format!("{issuer}/{claim}").parse()
    }
}

const TENANT_RULE: InvalidId =
    InvalidId("a tenant id is 1 to 128 characters of A-Z a-z 0-9 . _ - with at most one / between two parts");
const ISSUER_RULE: InvalidId = InvalidId("an issuer name is 1 to 32 characters of a-z 0-9 -");

fn check_tenant(text: &str) -> Result<(), InvalidId> {
    let part_is_valid = |part: &str| {
        !part.is_empty()
            && !matches!(part, "." | "..")
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    let valid = text.len() <= 128 && text.split('/').count() <= 2 && text.split('/').all(part_is_valid);
    if valid { Ok(()) } else { Err(TENANT_RULE) }
}

fn check_issuer(text: &str) -> Result<(), InvalidId> {
    let valid = (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if valid { Ok(()) } else { Err(ISSUER_RULE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_ids_outside_the_rule_are_refused() {
        for good in ["acme", "a", "corp/72f988bf-86f1", "A.b_c-d"] {
            assert!(good.parse::<TenantId>().is_ok(), "{good}");
        }
        let long = "x".repeat(129);
        for bad in ["", "/", "a/", "/a", "a/b/c", "..", "a/..", "a b", "a\0", "\u{430}cme", "a\"b", &long] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_claim_with_a_slash_cannot_name_another_issuers_tenant() {
        let corp: IssuerName = "corp".parse().unwrap();
        assert_eq!(TenantId::prefixed(&corp, "t1").unwrap().as_str(), "corp/t1");
        assert!(TenantId::prefixed(&corp, "other/t1").is_err());
    }
}
