//! Showing a value to a person: the one way out of the vault. Closed unless the operator opens it, and closed to agents.

use serde_json::json;

use super::answer::with_count;
use super::choosing::Chosen;
use super::desk::{Desk, resource};
use super::{Engine, Outcome, Vault};
use crate::model::{Admitted, Code, Kind, Refusal, Request, Secret, Who};
use crate::vault::{Age, SecretRef};

/// The action that it takes.
const ACTION: &str = "reveal";
/// The same in full. INVARIANT: a request has no third spelling for it, as names of ours go before those of other schemas.
const IN_FULL: &str = r#"Aios::Action::"reveal""#;

/// A value that was shown. `Debug` does not show it, and it is wiped when dropped.
#[derive(Debug)]
pub struct Revealed {
    /// The version that it is of.
    pub reference: SecretRef,
    /// What records say of it.
    pub fingerprint: String,
    /// The value.
    pub value: Secret,
    age: Age,
    counted: Option<u64>,
}

impl Vault {
    /// The value of a secret, for a person who has to see it. It takes `[vault] reveal = true`, and then a policy that permits
    /// `reveal` on that `Aios::Secret`; no role of ours does. Versions that may not be used are not shown either.
    ///
    /// # Errors
    /// `vault.reveal_off`; `vault.reveal_agent` for agents and for whoever somebody acts for; as [`super::Aios::authorize`];
    /// `vault.*` of the secret as for a use of it.
    ///
    /// # Security
    /// What was shown is known: whoever sees it can use it without AIOS, and only a rotation ends that.
    pub fn reveal(&self, who: impl Into<Who>, at: &SecretRef) -> Result<Revealed, Refusal> {
        let request = Request::new(who, ACTION, resource(at.path()));
        let says = json!({"operation": ACTION, "reference": at.to_string()});
        self.0.administer(&request, ("secret", says), |doing| {
            let desk = Desk { engine: doing.engine, live: doing.live, path: at.path(), by: doing.by };
            let mut chosen = desk.choose(at.version(), doing.engine.clock().now())?;
            let value = desk.open(&mut chosen)?;
            let (reference, Chosen { fingerprint, age, counted, .. }) = (desk.reference(&chosen), chosen);
            let revealed = Revealed { reference, fingerprint, value, age, counted };
            let outcome = revealed.said();
            Ok((revealed, outcome))
        })
    }
}

impl Revealed {
    /// What the record says of it.
    fn said(&self) -> Outcome {
        let version = self.reference.version().map(crate::vault::Version::number);
        let said = Outcome::ok()
            .with("reference", self.reference.to_string())
            .with("version", version)
            .with("fingerprint", self.fingerprint.as_str());
        let said = if self.age == Age::Overdue { said.with("overdue", true) } else { said };
        with_count(said, self.counted)
    }
}

impl Engine {
    /// Whether a request may be what it is, where it asks for a value: whatever policy says, an agent's may not.
    pub(in crate::engine) fn may_reveal(&self, admitted: &Admitted<'_>) -> Result<(), Refusal> {
        if ![ACTION, IN_FULL].contains(&admitted.request().action.as_str()) {
            return Ok(());
        }
        if !self.settings.vault.reveal {
            return Err(Refusal::new(Code::VaultRevealOff).at("vault.reveal"));
        }
        let facts = admitted.principal().view();
        let is_person = match facts.kind {
            Kind::Agent => false,
            Kind::App | Kind::Service | Kind::User => facts.actors.is_empty(),
        };
        if is_person { Ok(()) } else { Err(Refusal::new(Code::VaultRevealAgent).at("principal")) }
    }
}
