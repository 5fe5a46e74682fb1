//! The gate. The order of the checks is the order of these lines.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Engine;
use super::calls::{self, Claim};
use super::entities::KeptOfBoth;
use super::intent::{Intent, Reservation};
use super::journal::Records;
use super::live::Live;
use super::notes::{crossed, with_version};
use super::permit::Permit;
use super::proofs::Identified;
use super::standing::{Standing, Whom};
use crate::audit::Owner;
use crate::audit::body::{Call, Side};
use crate::crypto::MacKey;
use crate::model::permit::Grant;
use crate::model::{
    Admitted, Code, Deadline, EntityRef, Principal, Refusal, Request, TenantId, Timestamp, Trace, Wait, json,
};
use crate::policy::{Keeps, Verdict};
use crate::tenant::Border;
use crate::token::Spend;
use crate::{tenant, token};

/// What stands at the end of the journey, before the intent is durable.
#[derive(Debug)]
pub(super) enum Prepared {
    /// The same call has an open permit.
    Known(Permit),
    /// An intent, to be made durable.
    New(Box<Intent>),
}

/// Who asked for what, as the record will say it.
struct Asked<'r> {
    principal: Principal,
    owner: Owner,
    digest_key: Arc<MacKey>,
    trace: Trace,
    request: &'r Request,
    now: Timestamp,
    standing: Standing,
    spend: Option<Spend>,
    /// Further members of the record.
    notes: Map<String, Value>,
    /// By which state of the visited tenant's kept entities was decided.
    visited_version: u64,
}

impl Engine {
    /// Decides, and makes the intent durable before anyone can act on it.
    pub(super) fn authorize(
        &self,
        live: &Arc<Live>,
        request: &Request,
        notes: &Map<String, Value>,
        by: Deadline,
    ) -> Result<Permit, Refusal> {
        match self.prepare(live, request, notes, Wait::Until(by))? {
            Prepared::Known(permit) => Ok(permit),
            Prepared::New(mut intent) => {
                let durable = live.journal.append(intent.take_records()?, by)?;
                // Dropped where it does not, what is durable is recorded as abandoned.
                intent.still_stands(Wait::Until(by))?;
                Ok(intent.granted(durable))
            }
        }
    }

    /// The journey up to the audit intent. A verified caller's refusal is recorded; nobody waits for that.
    pub(super) fn prepare(
        &self,
        live: &Arc<Live>,
        request: &Request,
        notes: &Map<String, Value>,
        wait: Wait,
    ) -> Result<Prepared, Refusal> {
        let identified = self.identify(live, request, wait)?;
        let kept = self.kept(live, &identified.principal, request, wait);
        let versions = kept.as_ref().map_or([0, 0], KeptOfBoth::versions);
        let asked = Asked::new((self, live), identified, request, (notes, versions), wait)?;
        let prepared = kept
            .and_then(|kept| self.judge(live, (asked.principal.clone(), kept.keeps()), request, asked.now))
            .and_then(|(admitted, verdict)| {
                asked.standing.holds(live.admits(&admitted, wait)?.unwrap_or(asked.standing))?;
                self.intend(live, &asked, (&admitted, &verdict), wait)
            })
            .and_then(|prepared| live.spend(asked.spend.as_ref(), wait).map(|()| prepared));
        prepared.inspect_err(|refusal| asked.record(live, refusal))
    }

    /// May they? Pure: asks nothing but the configuration, the policies, and what their tenant keeps.
    pub(super) fn judge<'r>(
        &self,
        live: &Live,
        (principal, kept): (Principal, Keeps<'_>),
        request: &'r Request,
        now: Timestamp,
    ) -> Result<(Admitted<'r>, Verdict), Refusal> {
        let (policies, issuers) = (live.desk.policies(), &self.settings.issuers);
        let own = principal.view().tenant_id.clone();
        let whose = |tenant: &_, entity: &EntityRef| {
            let kept = if own.as_ref() == Some(tenant) { Some(kept.own) } else { kept.visited };
            policies.whose(tenant, kept, entity)
        };
        token::still_valid(&principal, issuers.realm, now)?;
        let shared = |kind: &str| policies.is_shared_type(kind);
        let border = Border { whose: &whose, shared: &shared, crossings: &self.crossings, now };
        let admitted = tenant::guard(principal, request, &border)?;
        token::scope::covers(admitted.principal(), &request.action, issuers)?;
        self.may_reveal(&admitted)?;
        let verdict = live.desk.decide(&admitted, kept)?;
        Ok((admitted, verdict))
    }

    fn intend(
        &self,
        live: &Arc<Live>,
        asked: &Asked<'_>,
        (admitted, verdict): (&Admitted<'_>, &Verdict),
        wait: Wait,
    ) -> Result<Prepared, Refusal> {
        let request = asked.request;
        let call = match &request.call {
            None => None,
            Some(id) => {
                let key = (admitted.tenant().clone(), id.clone());
                match live.calls.claim(&key, calls::binding(admitted), wait)? {
                    Claim::Open(permit) => return Ok(Prepared::Known(permit)),
                    Claim::Reserved(used) => Some(Reservation::new(Arc::clone(live), used)),
                }
            }
        };
        let (records, id) = asked.records(live, (admitted, verdict), wait)?;
        let crossing = admitted.crossing();
        // No permit outlives the token behind it, or the grant.
        let ends = asked.now.plus_seconds(self.settings.permit_seconds);
        let ends = crossing.map_or(ends, |crossing| ends.min(crossing.expires));
        let grant = Grant {
            id,
            principal: asked.principal.clone(),
            action: request.action.clone(),
            resource: EntityRef::new(&request.resource.kind, &request.resource.id),
            visits: crossing.map(|crossing| crossing.to.clone()),
            expires_at: ends.min(asked.principal.view().accepted_until),
        };
        Ok(Prepared::New(Box::new(Intent::new(records, grant, call, asked.standing, Arc::clone(live)))))
    }
}

impl Live {
    /// Whether the tenant into which a request reaches has its caller out; none where it reaches into no other.
    pub(super) fn admits(&self, admitted: &Admitted<'_>, wait: Wait) -> Result<Option<Standing>, Refusal> {
        let Some(crossing) = admitted.crossing() else { return Ok(None) };
        let whom = Whom::visiting(admitted.principal().view(), &crossing.to);
        self.revocations.standing(whom, Some(&admitted.request().action), wait).map(Some)
    }

    fn digest_key(&self, owner: &Owner, wait: Wait) -> Result<Arc<MacKey>, Refusal> {
        match (self.masters.known_digest_key(owner), wait) {
            (Some(key), _) => Ok(key),
            (None, Wait::Never) if self.journal.waits() => Err(Refusal::new(Code::WouldWait)),
            (None, _) => self.masters.digest_key(owner),
        }
    }
}

impl<'r> Asked<'r> {
    fn new(
        (engine, live): (&Engine, &Live),
        Identified { principal, standing, spend }: Identified,
        request: &'r Request,
        (notes, [version, visited_version]): (&Map<String, Value>, [u64; 2]),
        wait: Wait,
    ) -> Result<Self, Refusal> {
        let mut notes = with_version(notes, version);
        if let Standing::Graced(seconds) = standing {
            notes.insert("revocations_age_seconds".to_owned(), seconds.into());
        }
        let owner = principal.view().tenant_id.clone().map_or(Owner::System, Owner::Tenant);
        let digest_key = live.digest_key(&owner, wait)?;
        let random = crate::crypto::random().map_err(|_| Code::AuditUnavailable)?;
        let trace = Trace::from_parent(request.trace.as_deref(), &random).map_err(|_| bad_trace())?;
        // Taken last: whoever waited for keys is judged by the time after that.
        let now = engine.clock().now();
        Ok(Self {
            principal,
            owner,
            digest_key,
            trace,
            request,
            now,
            standing,
            spend,
            notes,
            visited_version,
        })
    }

    /// The intent, of which the tenant that it reaches into keeps a record of its own.
    fn records(
        &self,
        live: &Live,
        (admitted, verdict): (&Admitted<'_>, &Verdict),
        wait: Wait,
    ) -> Result<(Records, String), Refusal> {
        let call = self.call(admitted.resource_tenant());
        let write = |owner: &Owner, call, policies: &[String]| {
            let (entry, id) = live.scribe.intent(owner, self.now, call, policies)?;
            Ok::<_, Refusal>(((owner.clone(), entry), id))
        };
        let Some(crossing) = admitted.crossing() else {
            let (first, id) = write(&self.owner, call, &verdict.policies)?;
            return Ok((Records { first, twin: None }, id));
        };
        let notes = crossed(&self.notes, crossing, None);
        let (first, id) = write(&self.owner, Call { notes: &notes, ..call }, &verdict.policies)?;
        let visited = Owner::Tenant(crossing.to.clone());
        let (digest_key, notes) =
            (live.digest_key(&visited, wait)?, crossed(&self.notes, crossing, Some(&id)));
        let notes = with_version(&notes, self.visited_version);
        let call = Call { side: Side::Visited, digest_key: &digest_key, notes: &notes, ..call };
        let (twin, _) = write(&visited, call, &verdict.owners)?;
        Ok((Records { first, twin: Some(twin) }, id))
    }

    fn call<'a>(&'a self, resource_tenant: Option<&'a TenantId>) -> Call<'a> {
        Call {
            side: Side::Caller,
            principal: &self.principal,
            request: self.request,
            resource_tenant,
            trace: &self.trace,
            digest_key: &self.digest_key,
            notes: &self.notes,
        }
    }

    /// Records a refusal. Where even that fails, the call is refused all the same.
    fn record(&self, live: &Live, refusal: &Refusal) {
        if refusal.code() == Code::WouldWait {
            return;
        }
        match live.scribe.refused(&self.owner, self.now, self.call(None), refusal) {
            Ok(entry) => live.journal.refusal(self.owner.clone(), entry),
            Err(_) => live.journal.lost(self.owner.clone()),
        }
    }
}

/// What no record should have to carry, and nobody should have to recurse into, is refused before anybody looks at it.
pub(super) fn bound(request: &Request) -> Result<(), Refusal> {
    let resource = &request.resource;
    let names = [
        ("action", Some(&request.action), 256),
        ("resource.type", Some(&resource.kind), 256),
        ("resource.id", Some(&resource.id), 2048),
        ("resource.tenant", resource.tenant.as_ref(), 256),
        ("call", request.call.as_ref(), 256),
    ];
    for (at, name, most) in names {
        if name.is_some_and(|name| name.len() > most) {
            return Err(Refusal::new(Code::PolicyInput).at(at).expected(format!("at most {most} bytes")));
        }
    }
    if resource.parents.len() > 256 {
        return Err(Refusal::new(Code::PolicyInput).at("resource.parents").expected("at most 256"));
    }
    for (at, members) in
        [("input", &request.input), ("context", &request.context), ("resource.attrs", &resource.attrs)]
    {
        json::bound(members).map_err(|_| {
            let limit = format!("at most {} levels and {} bytes", json::MAX_DEPTH, json::MAX_SIZE);
            Refusal::new(Code::PolicyInput).at(at).expected(limit)
        })?;
    }
    Trace::from_parent(request.trace.as_deref(), &[0; 24]).map(drop).map_err(|_| bad_trace())
}

fn bad_trace() -> Refusal {
    Refusal::new(Code::PolicyInput).at("trace").expected("a W3C traceparent of version 00")
}
