//! The operations as JSON text: what Node, C and the vector runner use.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::handles;
use super::object::Object;
#[cfg(feature = "testing")]
use super::testing;
use super::views::RefusalView;
use crate::model::{Code, Refusal};

/// Something an operation is called on.
#[derive(Clone, Debug)]
pub enum Handle {
    /// The audit trail.
    Audit(handles::Audit),
    /// A clock that a test moves.
    #[cfg(feature = "testing")]
    Clock(testing::Clock),
    /// An engine.
    Engine(handles::Engine),
    /// What an engine's tenants keep in the store.
    Entities(handles::Entities),
    /// The process.
    Host(handles::Host),
    /// A test's identity provider.
    #[cfg(feature = "testing")]
    Idp(testing::Idp),
    /// The testing kit.
    #[cfg(feature = "testing")]
    Kit(testing::Kit),
    /// The policies that an engine's tenants keep in the store.
    Layer(handles::Layer),
    /// Bytes that are being sealed or opened.
    Payload(handles::Payload),
    /// A leave to make one call.
    Permit(handles::Permit),
    /// Policies for a host that brings its own principals.
    PolicySet(handles::PolicySet),
    /// A verified caller.
    Principal(handles::Principal),
    /// An answer to a request that carried a secret.
    SecretAnswer(handles::SecretAnswer),
    /// A request that carries a secret, and whose body is under way.
    SecretSending(handles::SecretSending),
    /// A secret that requests may carry.
    SecretUse(handles::SecretUse),
    /// A test's identity provider that answers.
    #[cfg(feature = "testing")]
    Served(testing::Served),
    /// An engine's secrets.
    Vault(handles::Vault),
}

/// What an operation gives.
#[derive(Clone, Debug)]
pub enum Answer {
    /// JSON text.
    Data(String),
    /// A handle.
    Handle(Handle),
}

/// Calls an operation by name and waits.
///
/// # Errors
/// The operation's; `policy.input` where the receiver has no such operation or the text is not its request.
pub fn call(handle: &Handle, operation: &str, request: &str) -> Result<Answer, Refusal> {
    let known = product::call(handle, operation, request);
    #[cfg(feature = "testing")]
    let known = known.or_else(|| kit::call(handle, operation, request));
    known.unwrap_or_else(|| {
        Err(Refusal::new(Code::PolicyInput).at("operation").expected("an operation of this receiver"))
    })
}

macro_rules! dispatch {
    ($($receiver:ident { $($(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, $when:ident;)* })*) => {
        /// Every operation, as `Receiver.name`.
        pub const OPERATIONS: &[&str] = &[$($(concat!(stringify!($receiver), ".", stringify!($name)),)*)*];

        /// None where the receiver has no such operation.
        pub(super) fn call(handle: &Handle, operation: &str, request: &str) -> Option<Result<Answer, Refusal>> {
            match (handle, operation) {
                $($((Handle::$receiver(receiver), stringify!($name)) => Some(guard(|| {
                    answer!($kind $answer, receiver.$name(decode::<$request>(request)?)?)
                })),)*)*
                _ => None,
            }
        }
    };
}

macro_rules! answer {
    (data $answer:ident, $value:expr) => {
        encode(&$value).map(Answer::Data)
    };
    (handle $answer:ident, $value:expr) => {
        Ok(Answer::Handle(Handle::$answer($value)))
    };
}

mod product {
    use super::{Answer, Handle, decode, encode};
    use crate::facade::guard;
    use crate::facade::wire::{
        BodyPart, ChangeEntities, ChangePolicies, CredentialName, DeleteEntity, DueSecrets, Examination,
        GetEntity, KeyFile, ListEntities, ListPolicies, ListSecrets, NamedSecret, Nothing, OffboardTenant,
        Opening, Outcome, PayloadBytes, PayloadOrder, PolicyTexts, Presented, PutEntity, PutPolicy,
        PutSecret, RawQuestion, ReferenceText, RemovePolicy, Request, Revoking, RevokingBefore,
        RewrapSecrets, Rewrapping, RootKeyId, RotateSecret, ScheduleSecret, SecretFetch, SecretUpload,
        Snapshot, Trail, VerifySecrets,
    };
    use crate::model::Refusal;

    crate::operations!(dispatch);
}

#[cfg(feature = "testing")]
mod kit {
    use super::{Answer, Handle, decode, encode};
    use crate::facade::guard;
    use crate::facade::testing::{Claims, Issuer, Moment, SealedEnvelope};
    use crate::facade::wire::{Nothing, Opening, Request};
    use crate::model::Refusal;

    crate::testing_operations!(dispatch);
}

#[cfg(feature = "testing")]
pub use kit::OPERATIONS as TESTING_OPERATIONS;
pub use product::OPERATIONS;

/// A refusal as JSON text.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    // Structures of text and numbers always have a JSON form.
    serde_json::to_string(&RefusalView::from(refusal)).unwrap_or_default()
}

/// Reads a request; its text may be untrusted.
///
/// # Errors
/// `policy.input` with the place.
pub fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let Object(parsed) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = error.path().to_string();
        // The parser's own words repeat what they found, which may be a token.
        Refusal::new(Code::PolicyInput).at(at).expected("a request of the documented shape")
    })?;
    reader
        .end()
        .map_err(|_| Refusal::new(Code::PolicyInput).at("end").expected("nothing behind the request"))?;
    Ok(parsed)
}

/// An answer as JSON text.
///
/// # Errors
/// `internal`; no answer of the table has one.
pub fn encode(value: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value).map_err(|_| Refusal::new(Code::Internal))
}
