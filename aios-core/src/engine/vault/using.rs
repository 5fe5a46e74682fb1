//! Using a secret without seeing it: a request goes out with it, and its answer comes back without it.
//!
//! Each request is decided anew, and its intent durable, before a row is read. A redirect is an answer: who follows it
//! asks again.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::answer::{Answer, Errand, Used, refusal};
use super::choosing::Chosen;
use super::desk::{Desk, resource};
use super::{Aios, Engine, Outcome, Vault};
use crate::engine::Permit;
use crate::model::{Code, Deadline, EntityRef, Principal, Refusal, Request, TenantId, Wait, Who};
use crate::net::{Carried, Content, Patience, Reach};
use crate::vault::{Carrier, Error, InvalidReference, Outgoing, SecretPath, SecretRef, Target};

/// The action that using a secret takes.
const ACTION: &str = "use";
/// The namespace of a name that says none.
const NAMESPACE: &str = "default";
/// Largest body of a request.
const MOST_BODY: usize = 64 * 1024 * 1024;
/// How long a server may be silent, unless told: models think before they answer.
const SILENT: Duration = Duration::from_secs(600);
const LONGEST_SILENT: Duration = Duration::from_secs(3600);

/// A secret that requests may carry: each is decided anew. Nothing leads from it to the value.
#[derive(Clone, Debug)]
pub struct SecretUse {
    pub(super) aios: Aios,
    at: SecretRef,
    basis: Basis,
}

/// By what right.
#[derive(Clone, Debug)]
enum Basis {
    /// While it is open.
    Permit(Permit),
    /// For as long as the principal stands.
    Principal(Principal),
}

/// A request that is to carry a secret.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// What is asked of whom.
    pub outgoing: Outgoing,
    /// At most 64 MiB.
    pub body: Vec<u8>,
    /// How long the server may be silent: 10 minutes unless told, an hour at most.
    pub patience: Option<Duration>,
}

/// A [`Fetch`], or one whose body is under way.
pub(super) struct Order {
    pub(super) outgoing: Outgoing,
    pub(super) content: Content,
    pub(super) patience: Option<Duration>,
}

impl From<Fetch> for Order {
    fn from(Fetch { outgoing, body, patience }: Fetch) -> Self {
        Self { outgoing, content: body.into(), patience }
    }
}

impl Permit {
    /// The credential of that name, for what this permit allows: `namespace/name`, a name of the namespace `default`, or a
    /// reference. Policy decides `use` on that `Aios::Secret`, for the same caller, with this permit's call in the context.
    ///
    /// # Errors
    /// As [`Permit::still_open`] and [`Aios::authorize`]; a refusal is recorded. `policy.input` for what is no name.
    pub fn credential(&self, name: &str) -> Result<SecretUse, Refusal> {
        self.used(name)?.decided()
    }

    /// [`Permit::credential`], awaited.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn credential_async(&self, name: &str) -> Result<SecretUse, Refusal> {
        let asked = self.used(name)?;
        let aios = asked.aios.clone();
        aios.aside(move |_| asked.decided()).await
    }

    fn used(&self, name: &str) -> Result<SecretUse, Refusal> {
        let Some(tenant) = &self.view().principal.view().tenant_id else {
            return Err(Refusal::new(Code::TenantMissing).at("principal"));
        };
        let at = named(tenant, name).map_err(|error| Error::Invalid { at: "name", rule: error.rule() })?;
        Ok(SecretUse { aios: self.0.live.home.engine()?, at, basis: Basis::Permit(self.clone()) })
    }
}

impl Vault {
    /// A secret for a client that lives long: as [`Permit::credential`], but for whatever this principal may use it for.
    ///
    /// # Errors
    /// As [`Aios::authorize`]; a refusal is recorded.
    pub fn client(&self, who: impl Into<Who>, at: &SecretRef) -> Result<SecretUse, Refusal> {
        let principal = match who.into() {
            Who::Credential(credential) => self.0.authenticate(&credential)?,
            Who::Principal(principal) => principal,
        };
        SecretUse { aios: self.0.clone(), at: at.clone(), basis: Basis::Principal(principal) }.decided()
    }
}

impl SecretUse {
    /// Which secret, and which version; none: whichever is current when it is used.
    #[must_use]
    pub fn reference(&self) -> &SecretRef {
        &self.at
    }

    /// Sends a request with the secret, where policy permits it and the secret's terms do, and gives the answer as soon as
    /// it begins. What the caller put where credentials go is left out. Never call it on a thread that runs tasks.
    ///
    /// # Errors
    /// As [`Permit::still_open`] and [`Aios::authorize`]; `policy.input` for what is no request; `vault.not_admitted` where
    /// the secret may not go; `vault.ended` and other `vault.*` of the secret; `vault.upstream` where no answer came;
    /// `limit.waiting` where too many are under way; `limit.rate` and `limit.used_up` where the secret's terms limit its uses.
    pub fn fetch(&self, asked: Fetch) -> Result<Answer, Refusal> {
        let (carried, errand) = self.begin(asked.into())?;
        errand.ended(carried.answer_blocking())
    }

    /// [`SecretUse::fetch`], awaited. Dropped before it is done, the request may have gone out.
    ///
    /// # Errors
    /// As the waiting form.
    pub async fn fetch_async(&self, asked: Fetch) -> Result<Answer, Refusal> {
        let this = self.clone();
        let (carried, errand) = self.aios.aside(move |_| this.begin(asked.into())).await?;
        errand.ended(carried.answer().await)
    }

    /// May it be used at all? Recorded only where it may not, as nothing is done yet.
    fn decided(self) -> Result<Self, Refusal> {
        let engine = &self.aios.0;
        let live = engine.live()?;
        let by = live.deadline();
        self.still_open(by)?;
        engine.prepare(&live, &self.asking(None), &self.notes(None), Wait::Until(by))?;
        Ok(self)
    }

    /// Everything up to the request's way out: what may wait for the store, and not for the server.
    pub(super) fn begin(&self, asked: Order) -> Result<(Carried, Errand), Refusal> {
        let target = Target::parse(&asked.outgoing.method, &asked.outgoing.url)?;
        bounded(&asked)?;
        let engine = &self.aios.0;
        let live = engine.live()?;
        let place = live.places.take()?;
        let by = live.deadline();
        self.still_open(by)?;
        let hop = engine.authorize(&live, &self.asking(Some(&target)), &self.notes(Some(&target)), by)?;
        let desk = Desk { engine, live: &live, path: self.at.path(), by };
        match self.send(&desk, asked) {
            Ok((carried, used)) => Ok((carried, Errand { hop, used, place })),
            Err(refusal) => {
                // Refused either way; what cannot be recorded now is `abandoned`.
                let _ = hop.complete(&Outcome::failed().with("code", refusal.code().as_str()));
                Err(refusal)
            }
        }
    }

    /// Reads, judges, decrypts and sends, in this order.
    fn send(&self, desk: &Desk<'_>, asked: Order) -> Result<(Carried, Used), Refusal> {
        let mut chosen = desk.choose(self.at.version(), desk.engine.clock().now())?;
        let carrier = Carrier::of(&chosen.terms, asked.outgoing)?;
        let reach = desk.engine.reach(carrier.url());
        reach.url(carrier.url().as_str()).map_err(refusal)?;
        let secret = desk.open(&mut chosen)?;
        let silent = asked.patience.unwrap_or(SILENT);
        let patience = Patience { head: silent, part: silent };
        let door = &desk.live.door;
        let under_way = door.carry(carrier, secret, asked.content, (reach, patience)).map_err(refusal)?;
        let reference = desk.reference(&chosen);
        let Chosen { version, age, fingerprint, counted, .. } = chosen;
        Ok((under_way, Used { reference, version, age, fingerprint, counted }))
    }

    fn still_open(&self, by: Deadline) -> Result<(), Refusal> {
        match &self.basis {
            Basis::Permit(permit) => permit.open_within(Wait::Until(by)),
            Basis::Principal(_) => Ok(()),
        }
    }

    /// The question to policy: about the secret, or about one request with it.
    fn asking(&self, target: Option<&Target>) -> Request {
        let secret = resource(self.at.path());
        let request = match &self.basis {
            Basis::Permit(permit) => {
                let grant = permit.view();
                let EntityRef { kind, id } = &grant.resource;
                // What it is for may have the name of something of the caller's own.
                let tenant = grant.visits.as_ref().map(TenantId::as_str);
                let call = json!({"action": grant.action, "type": kind, "id": id, "tenant": tenant});
                Request::new(&grant.principal, ACTION, secret).context("call", call)
            }
            Basis::Principal(principal) => Request::new(principal, ACTION, secret),
        };
        match target {
            Some(target) => request
                .context("host", target.host())
                .context("method", target.method())
                .context("path", target.path()),
            None => request,
        }
    }

    /// What the record says of it: neither path nor query, which may hold what is nobody's business.
    fn notes(&self, target: Option<&Target>) -> Map<String, Value> {
        let reference = self.at.to_string();
        let mut says = vec![("operation", ACTION), ("reference", &reference)];
        if let Basis::Permit(permit) = &self.basis {
            says.push(("permit", permit.view().id.as_str()));
        }
        if let Some(target) = target {
            says.extend([("host", target.host()), ("method", target.method())]);
        }
        let says: Map<_, _> = says.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
        Map::from_iter([("secret".to_owned(), says.into())])
    }
}

impl Engine {
    /// What addresses the host of a request may have.
    fn reach(&self, url: &url::Url) -> Reach {
        let host = url.host_str().zip(url.port_or_known_default());
        Reach {
            private: host.is_some_and(|(host, port)| self.settings.vault.is_private_host(host, port)),
            loopback: self.settings.development_plaintext_loopback,
        }
    }
}

/// What a permit's holder calls a secret.
fn named(tenant: &TenantId, name: &str) -> Result<SecretRef, InvalidReference> {
    if name.starts_with("secret://") {
        return name.parse();
    }
    let local = if name.contains('/') { name.to_owned() } else { format!("{NAMESPACE}/{name}") };
    let (local, version) = match local.split_once('@') {
        Some((local, version)) => (local, Some(version.parse()?)),
        None => (local.as_str(), None),
    };
    Ok(SecretPath::from_local(tenant.clone(), local)?.at(version))
}

fn bounded(asked: &Order) -> Result<(), Error> {
    if matches!(&asked.content, Content::Whole(body) if body.len() > MOST_BODY) {
        return Err(Error::Invalid { at: "body", rule: "at most 64 MiB" });
    }
    if asked.patience.is_some_and(|patience| patience.is_zero() || patience > LONGEST_SILENT) {
        return Err(Error::Invalid { at: "timeout_seconds", rule: "1 to 3600" });
    }
    Ok(())
}
