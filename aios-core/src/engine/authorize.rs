//! The gate. The order of the checks is the order of these lines.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Engine;
use super::calls::{self, Claim, Key};
use super::live::Live;
use super::permit::{Open, Permit};
use crate::audit::body::Call;
use crate::audit::{Entry, Owner};
use crate::crypto::MacKey;
use crate::model::permit::{Grant, RecordId};
use crate::model::{
    Admitted, Code, Deadline, EntityRef, Principal, Proof, Refusal, Request, Timestamp, Trace, Wait,
};
use crate::policy::{self, Verdict};
use crate::{tenant, token};

/// What stands at the end of the journey, before the intent is durable.
#[derive(Debug)]
pub(super) enum Prepared {
    /// The same call has an open permit.
    Known(Permit),
    /// An intent, to be made durable.
    New(Box<Intent>),
}

/// An intent on its way.
#[derive(Debug)]
pub(super) struct Intent {
    pub(super) entry: Entry,
    owner: Owner,
    grant: Grant,
    call: Option<Reservation>,
    live: Arc<Live>,
}

/// A reserved call id; freed when dropped, unless a permit took it over.
#[derive(Debug)]
struct Reservation {
    live: Arc<Live>,
    key: Option<Key>,
}

/// Who asked for what, as the record will say it.
struct Asked<'r> {
    principal: Principal,
    owner: Owner,
    digest_key: Arc<MacKey>,
    trace: Trace,
    request: &'r Request,
    now: Timestamp,
}

impl Engine {
    /// Decides, and makes the intent durable before anyone can act on it.
    pub(super) fn authorize(
        &self,
        live: &Arc<Live>,
        request: &Request,
        by: Deadline,
    ) -> Result<Permit, Refusal> {
        match self.prepare(live, request, Wait::Until(by))? {
            Prepared::Known(permit) => Ok(permit),
            Prepared::New(mut intent) => {
                let place = live.journal.append(intent.owner.clone(), intent.take_entry(), by)?;
                Ok(intent.granted(place))
            }
        }
    }

    /// The journey up to the audit intent. A verified caller's refusal is recorded; nobody waits for that.
    pub(super) fn prepare(
        &self,
        live: &Arc<Live>,
        request: &Request,
        wait: Wait,
    ) -> Result<Prepared, Refusal> {
        let now = self.clock().now();
        bound(request)?;
        let principal = self.identify(live, &request.who, now, wait)?;
        let asked = Asked::new(live, principal, request, (now, wait))?;
        match self.judge(asked.principal.clone(), request) {
            Ok((admitted, verdict)) => self.intend(live, &asked, (&admitted, &verdict), wait),
            Err(refusal) => {
                let entry = live.scribe.refused(&asked.owner, now, asked.call(None), &refusal)?;
                live.journal.refusal(asked.owner, entry);
                Err(refusal)
            }
        }
    }

    /// May they? Pure: asks nothing but the configuration and the policies.
    pub(super) fn judge<'r>(
        &self,
        principal: Principal,
        request: &'r Request,
    ) -> Result<(Admitted<'r>, Verdict), Refusal> {
        let policies = &self.policies;
        let whose = |tenant: &_, entity: &EntityRef| policies.ownership(tenant, entity);
        let admitted = tenant::guard(principal, request, &whose, &|kind| policies.is_shared_type(kind))?;
        token::scope::covers(admitted.principal(), &request.action, &self.settings.issuers)?;
        let verdict = policy::decide(policies, &admitted)?;
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
                match live.calls.claim(key, calls::binding(admitted), wait)? {
                    Claim::Open(permit) => return Ok(Prepared::Known(permit)),
                    Claim::Reserved(key) => Some(Reservation { live: Arc::clone(live), key: Some(key) }),
                }
            }
        };
        let recorded = asked.call(admitted.resource_tenant());
        let (entry, id) = live.scribe.intent(&asked.owner, asked.now, recorded, &verdict.policies)?;
        let grant = Grant {
            id,
            principal: asked.principal.clone(),
            action: request.action.clone(),
            resource: EntityRef::new(&request.resource.kind, &request.resource.id),
            expires_at: asked.now.plus_seconds(self.settings.permit_seconds),
        };
        let (owner, live) = (asked.owner.clone(), Arc::clone(live));
        Ok(Prepared::New(Box::new(Intent { entry, owner, grant, call, live })))
    }
}

impl<'r> Asked<'r> {
    fn new(
        live: &Live,
        principal: Principal,
        request: &'r Request,
        (now, wait): (Timestamp, Wait),
    ) -> Result<Self, Refusal> {
        let owner = principal.view().tenant_id.clone().map_or(Owner::System, Owner::Tenant);
        let digest_key = match (live.masters.known_digest_key(&owner), wait) {
            (Some(key), _) => key,
            (None, Wait::Never) if live.ledger.waits() => return Err(Refusal::new(Code::WouldWait)),
            (None, _) => live.masters.digest_key(&owner)?,
        };
        let random = crate::crypto::random().map_err(|_| Code::AuditUnavailable)?;
        let trace = Trace::from_parent(request.trace.as_deref(), &random).map_err(|_| bad_trace())?;
        Ok(Self { principal, owner, digest_key, trace, request, now })
    }

    fn call<'a>(&'a self, resource_tenant: Option<&'a crate::model::TenantId>) -> Call<'a> {
        Call {
            principal: &self.principal,
            request: self.request,
            resource_tenant,
            trace: &self.trace,
            digest_key: &self.digest_key,
        }
    }
}

impl Intent {
    pub(super) fn take_entry(&mut self) -> Entry {
        let empty = Entry { kind: self.entry.kind, body: Vec::new(), disclosures: Vec::new() };
        std::mem::replace(&mut self.entry, empty)
    }

    pub(super) fn owner(&self) -> Owner {
        self.owner.clone()
    }

    /// The permit, now that the intent is durable.
    pub(super) fn granted(mut self: Box<Self>, place: RecordId) -> Permit {
        let proof = Proof::new(self.grant.clone(), place, self.live.process());
        let key = self.call.as_mut().and_then(|reservation| reservation.key.take());
        let open = Arc::new(Open {
            proof,
            owner: self.owner.clone(),
            live: Arc::clone(&self.live),
            call: key.clone(),
            completed: AtomicBool::new(false),
        });
        if let Some(key) = &key {
            self.live.calls.settle(key, Arc::downgrade(&open));
        }
        Permit(open)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.live.calls.free(&key);
        }
    }
}

fn bad_trace() -> Refusal {
    Refusal::new(Code::PolicyInput).at("trace").expected("a W3C traceparent of version 00")
}

/// Names that no record should have to carry are refused before anybody looks at them.
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
    Trace::from_parent(request.trace.as_deref(), &[0; 24]).map(drop).map_err(|_| bad_trace())
}
