//! What is asked for and answered, and what a record says of it.

use serde_json::{Value, json};

use crate::crypto::{frame, sha256};
use crate::model::hex::hex;
use crate::model::{Code, Refusal};
use crate::policy::KeptPolicies;

/// Most policies of one tenant in the store, and most changes of one write.
pub(super) const MAX_POLICIES: usize = 1000;
/// Most bytes of one tenant's policies in the store, and of one write.
pub(super) const MAX_BYTES: usize = 256 * 1024;
/// Longest name.
const MAX_NAME: usize = 64;
/// Most names that a record says; a digest stands for all of it.
const MAX_NOTED: usize = 200;

/// A policy in Cedar's own syntax, alone in its text, and the name that decisions call it by behind `tenants/<tenant>:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// The policy.
    pub text: String,
}

/// Changes that are made together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyChanges {
    /// Policies that take the place of those of their names.
    pub put: Vec<NamedPolicy>,
    /// The names of those that are taken out.
    pub remove: Vec<String>,
}

/// What a tenant keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPolicies {
    /// The policies, by name.
    pub policies: Vec<NamedPolicy>,
    /// Their revision: 0 where there never were any.
    pub revision: u64,
}

impl FoundPolicies {
    pub(super) fn of(kept: Option<&KeptPolicies>) -> Self {
        let texts = kept.iter().flat_map(|kept| &kept.texts);
        let policy =
            |(name, text): (&String, &String)| NamedPolicy { name: name.clone(), text: text.clone() };
        Self { policies: texts.map(policy).collect(), revision: kept.map_or(0, |kept| kept.version) }
    }
}

impl PolicyChanges {
    /// Refuses what is too much for one write, or says two things of one policy.
    pub(super) fn bound(&self) -> Result<(), Refusal> {
        let refuse =
            |at: String, expected: &str| Err(Refusal::new(Code::PolicyInput).at(at).expected(expected));
        let puts = self.put.iter().enumerate().map(|(index, put)| (format!("put[{index}].name"), &put.name));
        let removed = self.remove.iter().enumerate().map(|(index, name)| (format!("remove[{index}]"), name));
        let mut names = std::collections::HashSet::new();
        for (at, name) in puts.chain(removed) {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_plain) {
                return refuse(at, "1 to 64 letters, digits, `.`, `_` and `-`");
            }
            if !names.insert(name) {
                return refuse(at, "each policy once");
            }
        }
        if names.is_empty() || names.len() > MAX_POLICIES {
            return refuse("changes".to_owned(), "1 to 1000 changes");
        }
        let bytes: usize = self.put.iter().map(|put| put.text.len()).sum();
        if bytes > MAX_BYTES { refuse("put".to_owned(), "at most 256 KiB of policies") } else { Ok(()) }
    }

    /// What the intent says, and a digest of all that is to be written.
    pub(super) fn noted(&self, operation: &str) -> (Value, String) {
        let put: Vec<&str> = self.put.iter().map(|put| put.name.as_str()).collect();
        let removed: Vec<&str> = self.remove.iter().map(String::as_str).collect();
        let one = |parts: &[&str]| {
            let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
            sha256(&[&frame(&parts)])
        };
        let written = self.put.iter().map(|put| one(&["put", &put.name, &put.text]));
        let digests: Vec<u8> =
            written.chain(removed.iter().map(|name| one(&["remove", name]))).flatten().collect();
        let some = |names: &[&str]| -> Vec<String> {
            names.iter().take(MAX_NOTED).map(|name| (*name).to_owned()).collect()
        };
        let says = json!({
            "operation": operation, "count": put.len() + removed.len(),
            "put": some(&put), "remove": some(&removed),
        });
        (says, hex(&sha256(&[&digests])))
    }
}
