//! The format of a file of rules. What it does not know is a mistake, so that no rule says something nobody looks at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A file of rules about one topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) about: String,
    /// Seconds since 1970.
    pub(crate) now: i64,
    /// Names to what their tokens' `iss` says.
    pub(crate) issuers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) configuration: Value,
    #[serde(default)]
    pub(crate) tokens: BTreeMap<String, Token>,
    pub(crate) rules: Vec<Rule>,
}

/// A token to be signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    pub(crate) issuer: String,
    pub(crate) claims: Map<String, Value>,
    #[serde(default)]
    pub(crate) header: Map<String, Value>,
    pub(crate) algorithm: Option<String>,
}

/// A rule: an opening that is refused, or steps on a fresh engine.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(rename = "rule")]
    pub(crate) name: String,
    /// A merge patch (RFC 7396) of the configuration.
    pub(crate) changes: Option<Map<String, Value>>,
    pub(crate) opening: Option<Opening>,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
}

/// How the opening must end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    pub(crate) refusal: Map<String, Value>,
}

/// A step.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Call(Box<Call>),
    Clock(Moment),
}

/// The clock is moved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moment {
    pub(crate) at: i64,
}

/// An operation is called, and what it must give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) on: String,
    pub(crate) r#do: String,
    pub(crate) with: Value,
    /// A name for the handle it gives.
    pub(crate) r#as: Option<String>,
    pub(crate) answer: Option<Map<String, Value>>,
    pub(crate) refusal: Option<Map<String, Value>>,
}

impl File {
    /// Reads a file; a mistake is said with its place as far as the parser knows it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let file: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut names = std::collections::BTreeSet::new();
        for rule in &file.rules {
            let is_sound = match rule.opening {
                Some(ref opening) => rule.steps.is_empty() && !opening.refusal.is_empty(),
                None => rule.steps.iter().any(Step::expects),
            };
            if !is_sound || !names.insert(&rule.name) {
                return Err(format!("the rule {:?} expects nothing, or stands twice", rule.name));
            }
        }
        if names.is_empty() || file.about.is_empty() {
            return Err("no rules, or nothing about them".into());
        }
        let dense: String = text.split_whitespace().collect();
        let shown = |name: &String| dense.contains(&format!("{{\"$token\":\"{name}\"}}"));
        if let Some(name) = file.tokens.keys().find(|name| !shown(name)) {
            return Err(format!("the token {name} is shown by no rule"));
        }
        Ok(file)
    }
}

impl Step {
    /// Whether the step can fail by more than being refused.
    fn expects(&self) -> bool {
        match self {
            Self::Call(call) => call.answer.is_some() || call.refusal.is_some() || call.r#as.is_some(),
            Self::Clock(_) => false,
        }
    }
}
