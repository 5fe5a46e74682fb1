//! What a caller asks: who, what, on which thing.

use serde_json::{Map, Value};

use super::{Credential, EntityRef, Principal};

/// Who is asking: a credential still to be verified, or a principal that was.
#[derive(Clone, Debug)]
pub enum Who {
    /// Verified on the way; a proof that comes with it is spent by the call.
    Credential(Credential),
    /// Verified before by the same engine; checked again for being still valid. Its sender showed then that the token is theirs,
    /// and need not again.
    Principal(Principal),
}

impl From<Credential> for Who {
    fn from(credential: Credential) -> Self {
        Self::Credential(credential)
    }
}

impl From<&Principal> for Who {
    fn from(principal: &Principal) -> Self {
        Self::Principal(principal.clone())
    }
}

/// The thing acted upon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// Entity type with its namespace, for example `Aios::Data`.
    pub kind: String,
    /// Id, any text.
    pub id: String,
    /// The tenant it belongs to. May be left out for types that the configuration declares shared.
    pub tenant: Option<String>,
    /// Attributes, for things that the entity store does not know.
    pub attrs: Map<String, Value>,
    /// Entities it belongs to.
    pub parents: Vec<EntityRef>,
}

impl Resource {
    /// A resource of a type, by id.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into(), ..Self::default() }
    }

    /// Says which tenant it belongs to.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attr(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attrs.insert(name.into(), value.into());
        self
    }

    /// Adds a parent.
    #[must_use]
    pub fn parent(mut self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        self.parents.push(EntityRef::new(kind, id));
        self
    }
}

/// One question to the gate.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who is asking.
    pub who: Who,
    /// The action's name, for example `read`, or with its namespace `Acme::Action::"read"`.
    pub action: String,
    /// The thing acted upon.
    pub resource: Resource,
    /// The call's arguments; policies see them as `context.input` where the schema declares it.
    pub input: Map<String, Value>,
    /// Further facts for policies.
    pub context: Map<String, Value>,
    /// A W3C `traceparent`; made and marked as made where absent.
    pub trace: Option<String>,
    /// The caller's id of this call: while its permit is open, the same call gets the same permit.
    pub call: Option<String>,
}

impl Request {
    /// A question without input, context, trace or call id.
    pub fn new(who: impl Into<Who>, action: impl Into<String>, resource: Resource) -> Self {
        Self {
            who: who.into(),
            action: action.into(),
            resource,
            input: Map::new(),
            context: Map::new(),
            trace: None,
            call: None,
        }
    }

    /// Adds an argument of the call.
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.input.insert(name.into(), value.into());
        self
    }

    /// Adds a fact for policies.
    #[must_use]
    pub fn context(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.context.insert(name.into(), value.into());
        self
    }

    /// Names the trace this call belongs to (W3C `traceparent`).
    #[must_use]
    pub fn trace(mut self, traceparent: impl Into<String>) -> Self {
        self.trace = Some(traceparent.into());
        self
    }

    /// Names the call, so that a retry gets the same permit.
    #[must_use]
    pub fn call(mut self, id: impl Into<String>) -> Self {
        self.call = Some(id.into());
        self
    }
}
