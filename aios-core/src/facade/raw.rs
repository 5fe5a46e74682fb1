//! The raw engine as other languages see it: policies for hosts that bring their own principals. It is not the gate.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::handles::{Host, aside};
use super::wire::Nothing;
use super::{facts, object};
use crate::engine::raw::{Decision, Policies, Question, Summary, Texts};
use crate::model::decision::PolicyFault;
use crate::model::{Code, EntityRef, Refusal};

/// Policies for a host that brings its own principals. Not the gate.
#[derive(Clone, Debug)]
pub struct PolicySet(Policies);

/// Policies, perhaps with a schema and static entities, as text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTexts {
    /// Policies in Cedar's own syntax.
    pub policies: String,
    /// A schema, in Cedar's own syntax or as JSON, against which everything is validated strictly.
    #[serde(default)]
    pub schema: Option<String>,
    /// Entities: the text of an array in Cedar's JSON.
    #[serde(default)]
    pub entities: Option<String>,
}

/// A question to a policy set. Whoever asks vouches for all of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawQuestion {
    /// Who acts.
    #[serde(deserialize_with = "object::one")]
    pub principal: EntityRef,
    /// What is done.
    #[serde(deserialize_with = "object::one")]
    pub action: EntityRef,
    /// What it is done to.
    #[serde(deserialize_with = "object::one")]
    pub resource: EntityRef,
    /// Further facts.
    #[serde(default, deserialize_with = "facts::object")]
    pub context: Map<String, Value>,
}

/// What a policy set says of a question. Nobody was verified and nothing recorded: it is no leave to make a call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RawDecision {
    /// Whether the policies permit it.
    pub allowed: bool,
    /// Why not.
    pub code: Option<&'static str>,
    /// Ids of the policies that decided, sorted.
    pub policies: Vec<String>,
    /// Policies that failed; any one of them is a no.
    pub errors: Vec<PolicyFault>,
    /// The place in the question that does not fit.
    pub at: Option<String>,
    /// What belongs there.
    pub expected: Option<String>,
    /// The generation of the policies that decided.
    pub generation: u64,
    /// The digest of the policies that decided.
    pub digest: Arc<str>,
}

/// What a policy set holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicySetView {
    /// 1 at first, one more with each reload that took effect.
    pub generation: u64,
    /// Digest of the texts, lower-case hex of SHA-256.
    pub digest: Arc<str>,
    /// How many policies there are.
    pub policies: usize,
    /// How many static entities there are.
    pub entities: usize,
}

impl Host {
    /// `load_policies`.
    ///
    /// # Errors
    /// As [`Policies::load`].
    pub fn load_policies(&self, texts: PolicyTexts) -> Result<PolicySet, Refusal> {
        Policies::load(&texts.into()).map(PolicySet)
    }

    /// `load_policies`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn load_policies_async(&self, texts: PolicyTexts) -> Result<PolicySet, Refusal> {
        aside(move || Self.load_policies(texts)).await
    }
}

impl PolicySet {
    /// `decide`.
    ///
    /// # Errors
    /// None.
    pub fn decide(&self, question: RawQuestion) -> Result<RawDecision, Refusal> {
        let RawQuestion { principal, action, resource, context } = question;
        Ok(self.0.decide(&Question { principal, action, resource, context }).into())
    }

    /// `reload`.
    ///
    /// # Errors
    /// As [`Policies::reload`].
    pub fn reload(&self, texts: PolicyTexts) -> Result<PolicySetView, Refusal> {
        self.0.reload(&texts.into()).map(PolicySetView::from)
    }

    /// `reload`, awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn reload_async(&self, texts: PolicyTexts) -> Result<PolicySetView, Refusal> {
        let here = self.clone();
        aside(move || here.reload(texts)).await
    }

    /// `view`.
    ///
    /// # Errors
    /// None.
    pub fn view(&self, _: Nothing) -> Result<PolicySetView, Refusal> {
        Ok(self.0.summary().into())
    }
}

impl From<PolicyTexts> for Texts {
    fn from(texts: PolicyTexts) -> Self {
        let PolicyTexts { policies, schema, entities } = texts;
        Self { policies, schema, entities }
    }
}

impl From<Summary> for PolicySetView {
    fn from(summary: Summary) -> Self {
        let Summary { generation, digest, policies, entities } = summary;
        Self { generation, digest, policies, entities }
    }
}

impl From<Decision> for RawDecision {
    fn from(decision: Decision) -> Self {
        let Decision { allowed, code, policies, errors, at, expected, generation, digest } = decision;
        let code = code.map(Code::as_str);
        Self { allowed, code, policies, errors, at, expected, generation, digest }
    }
}
