//! What other languages see: one table of operations, plain data in and out, and opaque handles.
//!
//! A binding is an emitter over [`operations!`](crate::operations) (and `testing_operations!`). For each row it makes a method in its
//! language's idiom, which decodes the request, calls the function of that name on the receiver inside [`guard`] (or its
//! `_async` twin inside [`guard_async`]), and encodes the answer. [`json`] is the emitter for everybody who passes JSON text;
//! [`tasks`] drives awaited operations for hosts without a Rust runtime.

mod credential;
mod doctor;
mod entities;
mod entity_wire;
mod explaining;
mod facts;
mod guarding;
pub mod handles;
pub mod json;
mod keeping;
mod keys;
mod layer;
mod layer_wire;
mod object;
mod payload;
mod policies;
mod raw;
mod revealing;
mod revoking;
mod roots;
mod schedules;
mod secret_views;
mod secret_wire;
mod sending;
pub mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "testing")]
mod testing_vault;
mod using;
mod vault;
pub mod views;
pub mod wire;

pub use guarding::{guard, guard_async};

/// The whole contract with other languages, by receiver: `name(Request) -> data Answer | handle Kind, waits | now;`.
///
/// What `waits` has an awaiting form beside it, `name_async`; what is `now` answers from what is at hand.
///
/// Requests are types of [`wire`], answers of [`views`], handles are in [`handles`]. [`handles::Host`] stands for the process: it needs no opening.
#[macro_export]
macro_rules! operations {
    ($emit:ident) => {
        $emit! {
            Host {
                /// Opens an engine.
                open(Opening) -> handle Engine, waits;
                /// Makes a root key file. Refuses where one exists.
                create_root_keys(KeyFile) -> data Done, waits;
                /// Switches core dumps of this process off, and says whether they are: read it.
                forbid_core_dumps(Nothing) -> data CoreDumps, now;
                /// The parts of a secret's reference; refuses what is none.
                part_reference(ReferenceText) -> data ReferenceParts, now;
                /// Loads policies for a host that brings its own principals. Not the gate: nobody is verified, no tenant is held
                /// apart, nothing is recorded, and no permit comes of it.
                load_policies(PolicyTexts) -> handle PolicySet, waits;
            }
            Engine {
                /// The audit trail.
                audit(Nothing) -> handle Audit, now;
                /// The secrets of its tenants, for those who administer them.
                vault(Nothing) -> handle Vault, now;
                /// The entities that its tenants keep in the store, for those who administer them.
                entities(Nothing) -> handle Entities, now;
                /// The policies that its tenants keep in the store, for those who administer them.
                layer(Nothing) -> handle Layer, now;
                /// Turns a credential into a verified caller.
                authenticate(Presented) -> handle Principal, waits;
                /// Decides, and records the decision before anyone can act on it.
                authorize(Request) -> handle Permit, waits;
                /// The same decision as data; nothing is recorded, and nothing consumed but a proof that came with the credential.
                check(Request) -> data Decision, waits;
                /// As `check`, from what is at hand: where it would have to wait, the failure `would_wait`.
                check_now(Request) -> data Decision, now;
                /// Why a token would be refused: every step of verification with the keys at hand, and what would have to change. For
                /// the host: nothing is fetched or recorded, nothing proved, and the token's bytes are not in the answer.
                explain_token(Presented) -> data Explanation, now;
                /// Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first.
                revoke(Revoking) -> data Done, waits;
                /// As `revoke`, but only tokens that were issued before a time, or that do not say when.
                revoke_before(RevokingBefore) -> data Done, waits;
                /// Takes back what `revoke` or `revoke_before` said of the same selector.
                reinstate(Revoking) -> data Done, waits;
                /// Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came.
                hydrate(Nothing) -> data Hydrated, waits;
                /// The fetched keys at hand as text, for a process that starts where issuers cannot be asked. Whoever can change the
                /// text decides whose tokens are accepted where it is restored: store it as safely as the configuration.
                snapshot_keys(Nothing) -> data KeySnapshot, now;
                /// Begins with the keys of a snapshot, where none are at hand. They are fetched anew as soon as somebody asks.
                restore_keys(Snapshot) -> data Restored, now;
                /// Everybody whom this engine can ask over the network. Nothing else is ever asked.
                egress(Nothing) -> data Outbound, now;
                /// What was loaded as policy, and what of it will cost more than it need.
                policies(Nothing) -> data PolicyReport, now;
                /// Puts a new root key before all others of the key file. For the host; recorded in the system's chain first.
                rotate_root_key(Nothing) -> data RootKey, waits;
                /// Wraps masters anew that are under another root key than the current one; says what is left.
                rewrap_masters(Rewrapping) -> data RootKeyReport, waits;
                /// Takes a root key out of the key file that wraps nothing any more.
                retire_root_key(RootKeyId) -> data RootKeyReport, waits;
                /// Looks at every tenant's keys, secrets and trail, for the host, and says what to do about what is wrong.
                doctor(Examination) -> data DoctorReport, waits;
                /// Waits until every outcome and refusal recorded so far is durable.
                flush(Nothing) -> data Done, waits;
                /// Flushes, ends the chains and closes the store.
                close(Nothing) -> data Done, waits;
            }
            Audit {
                /// Verifies the audit chains of a tenant, or of everybody.
                verify(Trail) -> data Report, waits;
            }
            Vault {
                /// Puts a secret and fixes whose it is and how it may be used. Policy must permit it; it is recorded first.
                put(PutSecret) -> data WrittenSecret, waits;
                /// Adds a version with a new value, on the same terms.
                rotate(RotateSecret) -> data WrittenSecret, waits;
                /// Makes a pending version current.
                promote(NamedSecret) -> data WrittenSecret, waits;
                /// Takes a version, or all, out of use at once and for good.
                revoke(NamedSecret) -> data WrittenSecret, waits;
                /// Takes the whole secret out of use until it is restored.
                delete(NamedSecret) -> data WrittenSecret, waits;
                /// Takes a deletion back.
                restore(NamedSecret) -> data WrittenSecret, waits;
                /// Destroys the value of a version, or all values, for good.
                destroy(NamedSecret) -> data WrittenSecret, waits;
                /// What secrets there are, without their values.
                list(ListSecrets) -> data SecretList, waits;
                /// Decrypts every secret, and holds what is kept against the audit trail.
                verify(VerifySecrets) -> data SecretReport, waits;
                /// Says when a secret's values are to be replaced.
                schedule(ScheduleSecret) -> data WrittenSecret, waits;
                /// Which secrets are to be rotated now, and when the next one is.
                due(DueSecrets) -> data SecretsDue, waits;
                /// Gives the tenant of who asks a new master and moves its secrets under it; bodies stay as they are.
                rewrap(RewrapSecrets) -> data MovedSecrets, waits;
                /// Destroys the masters of a tenant's secrets: nothing of them opens any more. For who runs the platform.
                offboard(OffboardTenant) -> data OffboardedTenant, waits;
                /// A secret for a client that lives long: each request with it is decided anew, for whoever asks here.
                client(NamedSecret) -> handle SecretUse, waits;
                /// Shows the value of a secret to a person. Off unless the operator says `[vault] reveal`, and never for an agent.
                reveal(NamedSecret) -> data RevealedSecret, waits;
                /// Begins to seal bytes of any length under the tenant's key, as the content of a thing. Policy must permit `write` on it.
                encrypt(PayloadOrder) -> handle Payload, waits;
                /// Begins to open what `encrypt` sealed for the same thing of the same tenant. Policy must permit `read` on it.
                decrypt(PayloadOrder) -> handle Payload, waits;
            }
            Entities {
                /// Keeps an entity, in the place of the one of its type and id. Policy must permit it; it is recorded first.
                put(PutEntity) -> data WrittenEntities, waits;
                /// Takes an entity out.
                delete(DeleteEntity) -> data WrittenEntities, waits;
                /// Makes up to 1000 changes, all of them or none.
                change(ChangeEntities) -> data WrittenEntities, waits;
                /// An entity as it stands now.
                get(GetEntity) -> data KeptEntity, waits;
                /// A page of the entities, those that were written last at the end.
                list(ListEntities) -> data EntityList, waits;
            }
            Layer {
                /// Keeps a policy, in the place of the one of its name. Policy must permit it; it is recorded first.
                put(PutPolicy) -> data WrittenPolicies, waits;
                /// Takes a policy out.
                remove(RemovePolicy) -> data WrittenPolicies, waits;
                /// Makes several changes, all of them or none.
                change(ChangePolicies) -> data WrittenPolicies, waits;
                /// All policies that are kept, as they stand now.
                list(ListPolicies) -> data PolicyList, waits;
            }
            Principal {
                /// What was verified about the caller.
                view(Nothing) -> data PrincipalView, now;
                /// The secrets of its tenant, for those who administer them, asked by this principal.
                vault(Nothing) -> handle Vault, now;
                /// The entities that its tenant keeps, for those who administer them, asked by this principal.
                entities(Nothing) -> handle Entities, now;
                /// The policies that its tenant keeps, for those who administer them, asked by this principal.
                layer(Nothing) -> handle Layer, now;
                /// As the engine's, asked by this principal.
                authorize(Request) -> handle Permit, waits;
                /// As the engine's, asked by this principal.
                check(Request) -> data Decision, waits;
                /// As the engine's, asked by this principal.
                check_now(Request) -> data Decision, now;
                /// Refuses from now on whom the selector names in this principal's tenant. Policy must permit it; it is recorded first.
                revoke(Revoking) -> data Done, waits;
                /// As `revoke`, but only tokens that were issued before a time, or that do not say when.
                revoke_before(RevokingBefore) -> data Done, waits;
                /// Takes back what `revoke` or `revoke_before` said of the same selector.
                reinstate(Revoking) -> data Done, waits;
            }
            PolicySet {
                /// What the policies say of the names in the question. Any error is a no, and never a refusal.
                decide(RawQuestion) -> data RawDecision, now;
                /// Puts others in their place, all at once. Where these cannot be read, the old ones stay.
                reload(PolicyTexts) -> data PolicySetView, waits;
                /// What is loaded.
                view(Nothing) -> data PolicySetView, now;
            }
            Permit {
                /// What is allowed, to whom and until when.
                view(Nothing) -> data PermitView, now;
                /// Refuses where the permit may be used no longer: it ended, or its token did.
                still_open(Nothing) -> data Done, now;
                /// Records how the call ended. Does not wait.
                complete(Outcome) -> data Done, now;
                /// The credential of that name, for what this permit allows. Policy decides `use` on the secret; it is seen by nobody.
                credential(CredentialName) -> handle SecretUse, waits;
            }
            Payload {
                /// Works on more bytes, and gives those that are ready. Opened ones may be a beginning: that they are all, `finish` says.
                update(PayloadBytes) -> data PayloadPart, waits;
                /// Ends it, and gives what is left.
                finish(Nothing) -> data PayloadPart, waits;
            }
            SecretUse {
                /// Which secret.
                view(Nothing) -> data SecretUseView, now;
                /// Sends a request with the secret, where policy and the secret's terms permit it. A redirect is an answer.
                fetch(SecretFetch) -> handle SecretAnswer, waits;
                /// As `fetch`, for a body that comes in parts. Nothing of it is sent before the record is durable.
                upload(SecretUpload) -> handle SecretSending, waits;
            }
            SecretSending {
                /// Sends the next part of the body, once the server has taken the one before.
                part(BodyPart) -> data PartTaken, waits;
                /// The body is complete: the answer, as soon as it begins.
                answer(Nothing) -> handle SecretAnswer, waits;
                /// Breaks the request off, and records that, where its answer was not asked for.
                end(Nothing) -> data Done, now;
            }
            SecretAnswer {
                /// What the answer begins with.
                head(Nothing) -> data AnswerHead, now;
                /// The next part of its body, without the secret.
                next(Nothing) -> data AnswerPart, waits;
                /// Ends the connection, where nobody waits for the next part.
                end(Nothing) -> data Done, now;
            }
        }
    };
}

/// The testing kit's part of the contract, in the same form. Requests and answers are types of [`testing`].
#[cfg(feature = "testing")]
#[macro_export]
macro_rules! testing_operations {
    ($emit:ident) => {
        $emit! {
            Kit {
                /// A clock that stands still until it is moved.
                clock(Moment) -> handle Clock, now;
                /// Opens an envelope under keys that are given with it. For test vectors: no key of an engine's is used.
                open_envelope(SealedEnvelope) -> data OpenedEnvelope, now;
                /// Takes a request and answers without asking anybody: what a call costs before it does anything.
                echo(Request) -> data Decision, now;
                /// An identity provider with real keys that signs whatever a test says.
                idp(Issuer) -> handle Idp, now;
                /// Makes the next operation of this process panic, to see that the host survives it.
                panic_next(Nothing) -> data Done, now;
            }
            Clock {
                /// Opens an engine that lives by this clock. Its records say `clock: test`, and it refuses a store that a
                /// production engine opened.
                engine(Opening) -> handle Engine, waits;
                /// Where it stands.
                now(Nothing) -> data Moment, now;
                /// Moves it to a moment, also back.
                set(Moment) -> data Done, now;
            }
            Idp {
                /// A signed token with these claims.
                sign(Claims) -> data Token, now;
                /// The JSON Web Key Set that it publishes.
                jwks(Nothing) -> data Keys, now;
                /// Replaces every key. The old ones are published no longer, and opaque tokens are withdrawn.
                rotate(Nothing) -> data Done, now;
                /// Serves discovery, keys and introspection on loopback, which becomes its `iss`, until `stop`.
                serve(Nothing) -> handle Served, waits;
            }
            Served {
                /// Where it answers, and how often it did.
                view(Nothing) -> data ServedView, now;
                /// Closes its port.
                stop(Nothing) -> data Done, waits;
            }
        }
    };
}
