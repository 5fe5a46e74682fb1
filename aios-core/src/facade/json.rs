//! The operations as JSON text: what Node, C and the vector runner use.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::views::RefusalView;
use super::wire::{Nothing, Outcome, Presented, Request, Trail};
use super::{Engine, Permit, Principal, guard};
use crate::model::{Code, Refusal};

/// Something an operation is called on.
#[derive(Clone, Debug)]
pub enum Handle {
    /// An engine.
    Engine(Engine),
    /// A leave to make one call.
    Permit(Permit),
    /// A verified caller.
    Principal(Principal),
}

/// What an operation gives.
#[derive(Clone, Debug)]
pub enum Answer {
    /// JSON text.
    Data(String),
    /// A handle.
    Handle(Handle),
}

macro_rules! dispatch {
    ($($receiver:ident { $($(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, $when:ident;)* })*) => {
        /// Every operation, as `Receiver.name`.
        pub const OPERATIONS: &[&str] = &[$($(concat!(stringify!($receiver), ".", stringify!($name)),)*)*];

        /// Calls an operation by name and waits.
        ///
        /// # Errors
        /// The operation's; `policy.input` where the receiver has no such operation or the text is not its request.
        pub fn call(handle: &Handle, operation: &str, request: &str) -> Result<Answer, Refusal> {
            match (handle, operation) {
                $($((Handle::$receiver(receiver), stringify!($name)) => guard(|| {
                    answer!($kind $answer, receiver.$name(decode::<$request>(request)?)?)
                }),)*)*
                _ => Err(unknown()),
            }
        }
    };
}

macro_rules! answer {
    (data $answer:ident, $value:expr) => {
        encode(&$value)
    };
    (handle $answer:ident, $value:expr) => {
        Ok(Answer::Handle(Handle::$answer($value)))
    };
}

crate::operations!(dispatch);

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
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = error.path().to_string();
        // The parser's own words repeat what they found, which may be a token.
        Refusal::new(Code::PolicyInput).at(at).expected("a request of the documented shape")
    })?;
    reader
        .end()
        .map_err(|_| Refusal::new(Code::PolicyInput).at("end").expected("nothing behind the request"))?;
    Ok(parsed)
}

fn encode(value: &impl Serialize) -> Result<Answer, Refusal> {
    serde_json::to_string(value).map(Answer::Data).map_err(|_| Refusal::new(Code::Internal))
}

fn unknown() -> Refusal {
    Refusal::new(Code::PolicyInput).at("operation").expected("an operation of this receiver")
}
