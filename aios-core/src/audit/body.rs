//! Bodies of records: JSON written once, by these structures, and never again.
//!
//! Ids of people and programs stand in salted disclosures beside the record; the body holds their digests, so that
//! erasing a disclosure erases the name and leaves the chain whole (RFC 9901).

use serde::Serialize;
use serde_json::{Map, Value, json};

pub use super::disclosure::disclosure_digest;
use super::disclosure::{DigestBody, digest, disclose};
use super::uuid::uuid;
use super::{Entry, Kind, Owner};
use crate::crypto::MacKey;
use crate::model::decision::PolicyFault;
use crate::model::hex::hex;
use crate::model::permit::RecordId;
use crate::model::{Principal, Refusal, Request, TenantId, Timestamp, Trace};

/// Randomness for one body: an id (10 bytes) and four salts (16 each).
pub type Nonces = [u8; 74];

/// What every body says.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Whose chain it will stand in.
    pub owner: &'a Owner,
    /// When it happened.
    pub occurred: Timestamp,
    /// When it is written down.
    pub recorded: Timestamp,
    /// Digest of configuration and policies.
    pub config: &'a str,
    /// Fresh randomness.
    pub nonces: &'a Nonces,
}

/// Whose record of a call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The caller's tenant's.
    Caller,
    /// That of the tenant that a call across tenants reaches: who called, and what was asked, but not by which client or
    /// consent, nor by what id its caller knows the call.
    Visited,
}

/// A call, permitted or refused.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Whose record it will be.
    pub side: Side,
    /// Who asked.
    pub principal: &'a Principal,
    /// What was asked.
    pub request: &'a Request,
    /// The resource's tenant, where one was found.
    pub resource_tenant: Option<&'a TenantId>,
    /// The trace it belongs to.
    pub trace: &'a Trace,
    /// The owner's key for digests.
    pub digest_key: &'a MacKey,
    /// Further members of the body, of names that format v1 lists as optional.
    pub notes: &'a Map<String, Value>,
}

/// Most policies, and most errors, that a body lists.
const MOST_LISTED: usize = 64;

#[derive(Serialize)]
struct Body<'a> {
    v: &'static str,
    id: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    tenant: &'a str,
    time: Time,
    config: &'a str,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
struct Time {
    occurred: String,
    recorded: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'a> {
    Called(Box<Called<'a>>),
    Ended { intent: Named, outcome: Ending<'a> },
    Told(Map<String, Value>),
}

/// The intent that an outcome ends.
#[derive(Serialize)]
struct Named {
    chain: String,
    mac: String,
    seq: u64,
}

#[derive(Serialize)]
struct Ending<'a> {
    data: &'a Map<String, Value>,
    status: &'a str,
}

#[derive(Serialize)]
struct Called<'a> {
    trace: TraceBody<'a>,
    subject: Party<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Party<'a>>,
    /// What a user agreed to; its id is among the subject's disclosures.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<Value>,
    action: &'a str,
    resource: ResourceBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a str>,
    decision: DecisionBody<'a>,
    input: DigestBody,
    context: DigestBody,
    sd_alg: &'static str,
    #[serde(flatten)]
    notes: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct TraceBody<'a> {
    trace_id: &'a str,
    span_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<&'a str>,
    flags: u8,
    /// Whether we made the trace because the caller named none.
    made: bool,
}

#[derive(Serialize)]
struct Party<'a> {
    kind: &'static str,
    issuer: &'a str,
    #[serde(rename = "_sd")]
    digests: Vec<String>,
}

#[derive(Serialize)]
struct ResourceBody<'a> {
    r#type: &'a str,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
}

#[derive(Serialize)]
struct DecisionBody<'a> {
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    policies: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [PolicyFault],
    /// Policies and errors in all, where not all of them are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<usize>,
}

impl<'a> DecisionBody<'a> {
    fn new(code: Option<&'static str>, policies: &'a [String], errors: &'a [PolicyFault]) -> Self {
        let all = policies.len() + errors.len();
        Self {
            effect: if code.is_none() { "allow" } else { "deny" },
            code,
            policies: policies.get(..MOST_LISTED).unwrap_or(policies),
            errors: errors.get(..MOST_LISTED).unwrap_or(errors),
            of: (policies.len() > MOST_LISTED || errors.len() > MOST_LISTED).then_some(all),
        }
    }
}

/// An intent: a permitted call before anything happens. Also gives the intent's id, the permit's id.
#[must_use]
pub fn intent(stamp: Stamp<'_>, call: Call<'_>, policies: &[String]) -> (Entry, String) {
    let decision = DecisionBody::new(None, policies, &[]);
    let (what, disclosures) = called(stamp.nonces, call, decision);
    let id = uuid(stamp);
    (entry(stamp, Kind::Intent, &id, what, disclosures), id)
}

/// A refused call of a verified caller.
#[must_use]
pub fn refused(stamp: Stamp<'_>, call: Call<'_>, refusal: &Refusal) -> Entry {
    let detail = refusal.detail();
    let decision = DecisionBody::new(Some(detail.code.as_str()), &detail.policies, &detail.errors);
    let (what, disclosures) = called(stamp.nonces, call, decision);
    entry(stamp, Kind::Event, &uuid(stamp), what, disclosures)
}

/// What became of an intent.
#[must_use]
pub fn outcome(stamp: Stamp<'_>, intent: &RecordId, status: &str, data: &Map<String, Value>) -> Entry {
    let named = Named { chain: hex(&intent.chain), mac: hex(&intent.mac), seq: intent.seq };
    let what = What::Ended { intent: named, outcome: Ending { data, status } };
    entry(stamp, Kind::Outcome, &uuid(stamp), what, Vec::new())
}

/// Anything else: open, close, system records and events that are no calls.
#[must_use]
pub fn told(stamp: Stamp<'_>, kind: Kind, members: Map<String, Value>) -> Entry {
    entry(stamp, kind, &uuid(stamp), What::Told(members), Vec::new())
}

fn called<'a>(nonces: &Nonces, call: Call<'a>, decision: DecisionBody<'a>) -> (What<'a>, Vec<String>) {
    let facts = call.principal.view();
    let mut disclosures = Vec::with_capacity(4);
    let [subject_salt, client_salt, actor_salt, consent_salt] =
        [10, 26, 42, 58].map(|at| nonces.get(at..at + 16).unwrap_or_default());
    let mut subject = Party {
        kind: facts.kind.as_str(),
        issuer: facts.issuer.as_str(),
        digests: vec![disclose(subject_salt, "id", &facts.subject, &mut disclosures)],
    };
    let is_callers = call.side == Side::Caller;
    if let Some(client) = facts.client_id.as_ref().filter(|_| is_callers) {
        subject.digests.push(disclose(client_salt, "client", client, &mut disclosures));
    }
    let consent = facts.attributes.get("consent").filter(|_| is_callers);
    if let Some(id) = consent.and_then(|consent| consent.get("id")?.as_str()) {
        subject.digests.push(disclose(consent_salt, "consent", id, &mut disclosures));
    }
    let actor = call.principal.actor().map(|actor| Party {
        kind: actor.kind.as_str(),
        issuer: actor.issuer.as_str(),
        digests: vec![disclose(actor_salt, "id", &actor.id, &mut disclosures)],
    });
    let (request, trace) = (call.request, call.trace);
    let what = Called {
        trace: TraceBody {
            trace_id: &trace.trace_id,
            span_id: &trace.span_id,
            parent_span_id: trace.parent_id.as_deref(),
            flags: trace.flags,
            made: trace.parent_id.is_none(),
        },
        subject,
        actor,
        consent: consent.map(|consent| json!({ "scopes": consent.get("scopes") })),
        action: &request.action,
        resource: ResourceBody {
            r#type: &request.resource.kind,
            id: &request.resource.id,
            tenant: call.resource_tenant.map(TenantId::as_str),
        },
        call: request.call.as_deref().filter(|_| is_callers),
        decision,
        input: digest(call.digest_key, &request.input),
        context: digest(call.digest_key, &request.context),
        sd_alg: "sha-256",
        notes: call.notes,
    };
    (What::Called(Box::new(what)), disclosures)
}

fn entry(stamp: Stamp<'_>, kind: Kind, id: &str, what: What<'_>, disclosures: Vec<String>) -> Entry {
    let body = Body {
        v: "aios.audit/1",
        id,
        r#type: kind.as_str(),
        tenant: stamp.owner.as_str(),
        time: Time { occurred: stamp.occurred.to_string(), recorded: stamp.recorded.to_string() },
        config: stamp.config,
        what,
    };
    // Structures of text, numbers and string-keyed maps always have a JSON form.
    Entry { kind, body: serde_json::to_vec(&body).unwrap_or_default(), disclosures }
}
