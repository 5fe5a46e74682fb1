//! What stands in the store for whom a revocation means: a hash, so that the table holds no ids.

use super::Selector;
use crate::crypto::{Digest, frame, sha256};
use crate::model::{Facts, Kind, TenantId};

/// SHA-256 of a tenant and whom a selector means there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(pub Digest);

impl Mark {
    /// The mark of a selector in a tenant.
    #[must_use]
    pub fn of(tenant: &TenantId, selector: &Selector) -> Self {
        let issuer = selector.issuer().map_or("", |issuer| issuer.as_str());
        let (subject_kind, id) = match selector {
            Selector::Agent { id, .. }
            | Selector::Client { id, .. }
            | Selector::Session { id, .. }
            | Selector::Token { id, .. } => ("", id.as_str()),
            Selector::Subject { subject_kind, id, .. } => (subject_kind.as_str(), id.as_str()),
            Selector::Tenant => ("", ""),
        };
        Self::made(tenant, selector.kind(), [issuer, subject_kind, id])
    }

    /// Whether any selector that means this caller has a mark for which the test holds.
    pub(super) fn any(tenant: &TenantId, facts: &Facts, test: &dyn Fn(Self) -> bool) -> bool {
        let means = |kind: &str, parts: [&str; 3]| test(Self::made(tenant, kind, parts));
        let issuer = facts.issuer.as_str();
        let own =
            |kind: &str, id: &Option<String>| id.as_ref().is_some_and(|id| means(kind, [issuer, "", id]));
        let party = |kind: Kind, issuer: &str, id: &str| {
            let program = || means("agent", [issuer, "", id]) || means("client", [issuer, "", id]);
            means("subject", [issuer, kind.as_str(), id]) || (kind != Kind::User && program())
        };
        means("tenant", ["", "", ""])
            || own("session", &facts.session_id)
            || own("token", &facts.token_id)
            || own("client", &facts.client_id)
            || party(facts.kind, issuer, &facts.subject)
            || facts.actors.iter().any(|actor| party(actor.kind, actor.issuer.as_str(), &actor.id))
    }

    fn made(tenant: &TenantId, kind: &str, [issuer, subject_kind, id]: [&str; 3]) -> Self {
        let parts = ["aios revocation v1", tenant.as_str(), kind, issuer, subject_kind, id];
        Self(sha256(&[&frame(&parts.map(str::as_bytes))]))
    }
}
