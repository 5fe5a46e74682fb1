//! Why a call was refused.

use std::fmt;

use super::Code;
use super::Timestamp;
use super::decision::PolicyFault;

/// A refusal: a denial (the caller's affair) or a failure (ours). Safe to show to the caller.
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal(Box<Detail>);

/// What a refusal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The stable code.
    pub code: Code,
    /// The place in the request or configuration, where there is one: a claim's name, a path.
    pub at: Option<String>,
    /// What was expected.
    pub expected: Option<String>,
    /// What came instead; only issuer, audience, type, algorithm, key id or times.
    pub actual: Option<String>,
    /// What to do, where it is more than the code's own remedy.
    pub hint: Option<String>,
    /// The nonce with which a proof has to be made, for the answer's header `DPoP-Nonce`.
    pub nonce: Option<String>,
    /// From when on trying again can help, where that is known.
    pub retry_at: Option<Timestamp>,
    /// The policies that decided.
    pub policies: Vec<String>,
    /// The policies that failed.
    pub errors: Vec<PolicyFault>,
}

impl Refusal {
    /// A refusal that says no more than its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self(Box::new(Detail {
            code,
            at: None,
            expected: None,
            actual: None,
            hint: None,
            nonce: None,
            retry_at: None,
            policies: Vec::new(),
            errors: Vec::new(),
        }))
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Everything it says.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        &self.0
    }

    /// Whether the caller is denied; otherwise something of ours failed.
    #[must_use]
    pub fn is_denial(&self) -> bool {
        self.0.code.is_denial()
    }

    /// Names the place. It can hold a caller's names, so it is cut, and what would forge lines of a log is escaped.
    #[must_use]
    pub fn at(mut self, place: impl AsRef<str>) -> Self {
        self.0.at = Some(place.as_ref().chars().take(LONGEST_PLACE).flat_map(on_one_line).collect());
        self
    }

    /// Says what was expected.
    #[must_use]
    pub fn expected(mut self, what: impl Into<String>) -> Self {
        self.0.expected = Some(what.into());
        self
    }

    /// Says what came instead.
    ///
    /// # Security
    /// Only issuer, audience, type, algorithm, key id and times; never other parts of a token.
    #[must_use]
    pub fn actual(mut self, what: impl Into<String>) -> Self {
        self.0.actual = Some(what.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, what: impl Into<String>) -> Self {
        self.0.hint = Some(what.into());
        self
    }

    /// Gives the nonce with which a proof has to be made.
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.0.nonce = Some(nonce.into());
        self
    }

    /// Says from when on trying again can help.
    #[must_use]
    pub fn retry_at(mut self, when: Timestamp) -> Self {
        self.0.retry_at = Some(when);
        self
    }

    /// Names the policies that decided and those that failed.
    #[must_use]
    pub fn policies(mut self, decided: Vec<String>, failed: Vec<PolicyFault>) -> Self {
        self.0.policies = decided;
        self.0.errors = failed;
        self
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

const LONGEST_PLACE: usize = 256;

/// A character as it can stand in a line: control characters and those that turn the direction of text are escaped.
fn on_one_line(character: char) -> impl Iterator<Item = char> {
    let turns = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let (escaped, plain) = if character.is_control() || turns {
        (Some(character.escape_unicode()), None)
    } else {
        (None, Some(character))
    };
    escaped.into_iter().flatten().chain(plain)
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &self.0;
        write!(out, "{}: {}", detail.code, detail.code.sentence())?;
        let parts = [("at", &detail.at), ("expected", &detail.expected), ("actual", &detail.actual)];
        for (name, part) in parts {
            if let Some(part) = part {
                write!(out, "; {name} {part}")?;
            }
        }
        if let Some(when) = detail.retry_at {
            write!(out, "; not before {when}")?;
        }
        for fault in &detail.errors {
            write!(out, "; policy {}: {}", fault.policy, fault.message)?;
        }
        write!(out, "; {}", detail.hint.as_deref().unwrap_or(detail.code.remedy()))
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Refusal({self})")
    }
}

impl std::error::Error for Refusal {}
