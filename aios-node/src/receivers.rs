//! The emitter: a class per receiver of the tables and a method per row, Promises for rows that wait.

macro_rules! receivers {
    ($($receiver:ident { $($(#[$doc:meta])* $name:ident($request:ident) -> $kind:ident $answer:ident, $when:ident;)* })*) => {$(
        #[napi]
        #[derive(Debug)]
        pub struct $receiver(Held<origin::$receiver>);

        impl $receiver {
            pub(crate) fn of(handle: origin::$receiver) -> Self {
                Self(Held::new(handle))
            }

            pub(crate) fn handle(&self) -> Result<origin::$receiver, Refusal> {
                self.0.handle()
            }
        }

        #[napi]
        impl $receiver {
            /// Lets go of what it stands for.
            #[napi(catch_unwind)]
            pub fn release(&self) -> napi::Result<()> {
                thrown(guard(|| {
                    self.0.release();
                    Ok(())
                }))
            }
        }

        $(row!($receiver, $name($request), $kind $answer, $when);)*
    )*};
}

/// An `impl` of its own for each row: `#[napi]` must see the method, not a macro that will become one.
///
/// What is awaited owns its receiver. An `async fn` of napi would borrow it from the JavaScript object, which the end of a
/// worker thread frees while the work goes on.
macro_rules! row {
    ($receiver:ident, $name:ident($request:ident), data $answer:ident, now) => {
        #[napi]
        impl $receiver {
            #[napi(catch_unwind)]
            pub fn $name(&self, request: String) -> napi::Result<String> {
                thrown(guard(|| encode(&self.handle()?.$name(decode::<$request>(&request)?)?)))
            }
        }
    };
    ($receiver:ident, $name:ident($request:ident), handle $answer:ident, now) => {
        #[napi]
        impl $receiver {
            #[napi(catch_unwind)]
            pub fn $name(&self, request: String) -> napi::Result<$answer> {
                thrown(guard(|| self.handle()?.$name(decode::<$request>(&request)?).map($answer::of)))
            }
        }
    };
    ($receiver:ident, $name:ident($request:ident), data $answer:ident, waits) => {
        #[napi]
        impl $receiver {
            #[napi(catch_unwind)]
            pub fn $name<'e>(&self, env: &'e Env, request: String) -> napi::Result<PromiseRaw<'e, String>> {
                let receiver = self.handle();
                env.spawn_future(async {
                    let work =
                        async move { encode(&awaited!(receiver?, $name, decode::<$request>(&request)?)?) };
                    thrown(guard_async(work).await)
                })
            }
        }
    };
    ($receiver:ident, $name:ident($request:ident), handle $answer:ident, waits) => {
        #[napi]
        impl $receiver {
            #[napi(catch_unwind)]
            pub fn $name<'e>(&self, env: &'e Env, request: String) -> napi::Result<PromiseRaw<'e, $answer>> {
                let receiver = self.handle();
                env.spawn_future(async {
                    let work = async move {
                        awaited!(receiver?, $name, decode::<$request>(&request)?).map($answer::of)
                    };
                    thrown(guard_async(work).await)
                })
            }
        }
    };
}

macro_rules! awaited {
    ($receiver:expr, $name:ident, $request:expr) => {
        pastey::paste! { $receiver.[<$name _async>]($request).await }
    };
}

/// The product's receivers.
pub mod product {
    use aios_core::Refusal;
    use aios_core::facade::handles as origin;
    use aios_core::facade::json::{decode, encode};
    use aios_core::facade::wire::{
        BodyPart, ChangeEntities, ChangePolicies, CredentialName, DeleteEntity, DueSecrets, Examination,
        GetEntity, KeyFile, ListEntities, ListPolicies, ListSecrets, NamedSecret, Nothing, OffboardTenant,
        Opening, Outcome, PayloadBytes, PayloadOrder, PolicyTexts, Presented, PutEntity, PutPolicy,
        PutSecret, RawQuestion, ReferenceText, RemovePolicy, Request, Revoking, RevokingBefore,
        RewrapSecrets, Rewrapping, RootKeyId, RotateSecret, ScheduleSecret, SecretFetch, SecretUpload,
        Snapshot, Trail, VerifySecrets,
    };
    use aios_core::facade::{guard, guard_async};
    use napi::Env;
    use napi::bindgen_prelude::PromiseRaw;
    use napi_derive::napi;

    use crate::answer::{Held, thrown};

    aios_core::operations!(receivers);

    #[napi]
    impl Host {
        /// The process.
        #[napi(constructor, catch_unwind)]
        pub fn new() -> napi::Result<Self> {
            thrown(guard(|| Ok(Self::of(origin::Host))))
        }
    }
}

/// The testing kit's receivers.
pub mod kit {
    use aios_core::Refusal;
    use aios_core::facade::json::{decode, encode};
    use aios_core::facade::testing::{self as origin, Claims, Issuer, Moment, SealedEnvelope};
    use aios_core::facade::wire::{Nothing, Opening, Request};
    use aios_core::facade::{guard, guard_async};
    use napi::Env;
    use napi::bindgen_prelude::PromiseRaw;
    use napi_derive::napi;

    use super::product::Engine;
    use crate::answer::{Held, thrown};

    aios_core::testing_operations!(receivers);

    #[napi]
    impl Kit {
        /// The testing kit.
        #[napi(constructor, catch_unwind)]
        pub fn new() -> napi::Result<Self> {
            thrown(guard(|| Ok(Self::of(origin::Kit))))
        }
    }
}
