//! The awaiting forms through JSON text, as bindings call them; what has none is called as it is.

use aios_core::Refusal;
use aios_core::facade::json::{Answer, Handle, call as waiting};

/// Calls an operation by name and awaits it, without any runtime.
pub(crate) fn call(handle: &Handle, operation: &str, request: &str) -> Result<Answer, Refusal> {
    product::call(handle, operation, request)
        .or_else(|| kit::call(handle, operation, request))
        .unwrap_or_else(|| waiting(handle, operation, request))
}

macro_rules! dispatch {
    ($($receiver:ident { $($(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, $when:ident;)* })*) => {
        /// None where the receiver has no such operation, or it has no awaiting form.
        pub(super) fn call(handle: &Handle, operation: &str, request: &str) -> Option<Result<Answer, Refusal>> {
            match (handle, operation) {
                $($((Handle::$receiver(receiver), stringify!($name)) => {
                    form!($when, receiver, $name, decode::<$request>(request), $kind $answer)
                })*)*
                _ => None,
            }
        }
    };
}

macro_rules! form {
    (now, $receiver:ident, $name:ident, $request:expr, $kind:ident $answer:ident) => {{
        let _ = $receiver;
        None
    }};
    (waits, $receiver:ident, $name:ident, $request:expr, $kind:ident $answer:ident) => {
        pastey::paste! {
            Some($request.and_then(|request| {
                let answer = block_on(guard_async($receiver.[<$name _async>](request)))?;
                answer!($kind $answer, answer)
            }))
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
    use aios_core::Refusal;
    use aios_core::facade::guard_async;
    use aios_core::facade::json::{Answer, Handle, decode, encode};
    use aios_core::facade::wire::{
        BodyPart, ChangeEntities, ChangePolicies, CredentialName, DeleteEntity, DueSecrets, Examination,
        GetEntity, KeyFile, ListEntities, ListPolicies, ListSecrets, NamedSecret, Nothing, OffboardTenant,
        Opening, PayloadBytes, PayloadOrder, PolicyTexts, Presented, PutEntity, PutPolicy, PutSecret,
        RemovePolicy, Request, Revoking, RevokingBefore, RewrapSecrets, Rewrapping, RootKeyId, RotateSecret,
        ScheduleSecret, SecretFetch, SecretUpload, Trail, VerifySecrets,
    };

    use crate::hostile::block_on;

    aios_core::operations!(dispatch);
}

mod kit {
    use aios_core::Refusal;
    use aios_core::facade::guard_async;
    use aios_core::facade::json::{Answer, Handle, decode, encode};
    use aios_core::facade::wire::{Nothing, Opening};

    use crate::hostile::block_on;

    aios_core::testing_operations!(dispatch);
}
