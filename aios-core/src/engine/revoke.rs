//! Taking back what tokens still say: asked for like any call, recorded before it holds, in the store before it is
//! acknowledged.

use serde_json::{Map, Value, json};

use super::{Aios, Engine, Outcome};
use crate::model::hex::hex;
use crate::model::{Code, Refusal, Request, Resource, TenantId, Timestamp, Wait, Who};
use crate::revocation::{Entry, Mark, Selector, Verdict};

impl Aios {
    /// Revokes whom a selector means, within the caller's own tenant: action `revoke` on `Aios::Revocation` with the
    /// selector's kind as id, which policy must permit, recorded like any call.
    ///
    /// When this returns, the store has it, every call that this process begins is refused with `token.revoked`, and no
    /// permit of theirs is open here. Other processes on the store follow within `[revocation] bound_milliseconds`.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; `policy.input` for an issuer that is not configured; `store.*` where the store does not
    /// take it: then it may hold or not, and can be repeated.
    pub fn revoke(&self, who: impl Into<Who>, selector: &Selector) -> Result<(), Refusal> {
        self.0.say(&who.into(), selector, Verdict::All)
    }

    /// As [`Aios::revoke`], but only tokens that were issued before a time, or that do not say when.
    ///
    /// # Errors
    /// As [`Aios::revoke`].
    pub fn revoke_before(
        &self,
        who: impl Into<Who>,
        selector: &Selector,
        time: Timestamp,
    ) -> Result<(), Refusal> {
        self.0.say(&who.into(), selector, Verdict::Before(time))
    }

    /// Takes back every revocation of exactly this selector. What another one means stays out.
    ///
    /// # Errors
    /// As [`Aios::revoke`].
    pub fn reinstate(&self, who: impl Into<Who>, selector: &Selector) -> Result<(), Refusal> {
        self.0.say(&who.into(), selector, Verdict::Lifted)
    }
}

impl Engine {
    fn say(&self, who: &Who, selector: &Selector, verdict: Verdict) -> Result<(), Refusal> {
        let live = self.live()?;
        let by = live.deadline();
        let principal = match who {
            Who::Credential(credential) => self.authenticate(&live, credential, Wait::Until(by))?,
            Who::Principal(principal) => principal.clone(),
        };
        if selector.issuer().is_some_and(|issuer| self.settings.issuers.named(issuer).is_none()) {
            let expected = "the name of a configured issuer";
            return Err(Refusal::new(Code::PolicyInput).at("selector.issuer").expected(expected));
        }
        let Some(tenant) = principal.view().tenant_id.clone() else {
            return Err(Refusal::new(Code::TenantMissing).at("principal"));
        };
        let entry = self.entry(tenant, selector, verdict);
        let whom = Resource::new("Aios::Revocation", selector.kind()).tenant(entry.tenant.as_str());
        let request = Request::new(&principal, "revoke", whom).input("selector", json!(selector));
        let permit = self.authorize(&live, &request, &notes(selector, &entry), by)?;
        let added = live.revocations.add(entry);
        let outcome = match &added {
            Ok(number) => Outcome::ok().with("number", *number),
            Err(refusal) => Outcome::failed().with("code", refusal.code().as_str()),
        };
        let recorded = permit.complete(&outcome);
        added.and(recorded)
    }

    fn entry(&self, tenant: TenantId, selector: &Selector, verdict: Verdict) -> Entry {
        // After this no token is accepted that is accepted now.
        let ends = |issuer: &crate::token::Issuer| issuer.max_lifetime_seconds + issuer.leeway_seconds;
        let longest = self.settings.issuers.issuers.iter().map(ends).max().unwrap_or(0);
        let until = match (verdict, selector) {
            (Verdict::Before(time), _) => Some(time.plus_seconds(longest)),
            (Verdict::All, Selector::Token { .. }) => Some(self.clock().now().plus_seconds(longest)),
            (Verdict::All | Verdict::Lifted, _) => None,
        };
        let mark = Mark::of(&tenant, selector);
        Entry { tenant, mark, verdict, until }
    }
}

/// What the record says of it: no id, which may be a person's, but its mark.
fn notes(selector: &Selector, entry: &Entry) -> Map<String, Value> {
    let (verdict, before) = match entry.verdict {
        Verdict::All => ("all", None),
        Verdict::Before(time) => ("before", Some(time.to_string())),
        Verdict::Lifted => ("lifted", None),
    };
    let mut says = Map::new();
    says.insert("kind".to_owned(), selector.kind().into());
    says.extend(selector.issuer().map(|issuer| ("issuer".to_owned(), issuer.as_str().into())));
    says.insert("mark".to_owned(), hex(&entry.mark.0).into());
    says.insert("verdict".to_owned(), verdict.into());
    says.extend(before.map(|before| ("before".to_owned(), before.into())));
    Map::from_iter([("revocation".to_owned(), Value::Object(says))])
}
