"""The native layer: every operation of the table, from data to data. Made from the operations table (`UPDATE=1 make test`)."""

from typing import Final, NoReturn, final

from . import _answers, _types
from .errors import Refused

__all__ = ["Host", "Engine", "Audit", "Vault", "Entities", "Layer", "Principal", "PolicySet", "Permit", "Payload", "SecretUse", "SecretSending", "SecretAnswer", "Kit", "Clock", "Idp", "Served", "Pending", "Tasks", "HOST", "KIT", "OPERATIONS", "TESTING_OPERATIONS", "CODES", "__version__"]
__version__: Final[str]
OPERATIONS: Final[list[str]]
TESTING_OPERATIONS: Final[list[str]]
CODES: Final[list[str]]
HOST: Final[Host]
KIT: Final[Kit]

@final
class Tasks:
    """Awaited work of one event loop."""
    def __new__(cls) -> Tasks: ...
    def fileno(self) -> int:
        """Readable when `turn` has something to do."""
    def turn(self) -> list[tuple[int, object, Refused | None]]:
        """Polls what was woken and gives what is done: its number, and its answer or the exception."""
    def drop(self, number: int) -> None:
        """Drops work that nobody waits for any longer."""

@final
class Pending:
    """Awaited work that goes on."""
    @property
    def number(self) -> int:
        """The number by which `Tasks.turn` names it."""

@final
class Host:
    """`Host` of the operations table."""
    def open(self, request: _types.Opening) -> Engine:
        """Opens an engine."""
    def open_async(self, request: _types.Opening, tasks: Tasks) -> Engine | Pending:
        """Opens an engine."""
    def create_root_keys(self, request: _types.KeyFile) -> _types.Done:
        """Makes a root key file. Refuses where one exists."""
    def create_root_keys_async(self, request: _types.KeyFile, tasks: Tasks) -> _types.Done | Pending:
        """Makes a root key file. Refuses where one exists."""
    def forbid_core_dumps(self, request: _types.Nothing) -> _answers.CoreDumps:
        """Switches core dumps of this process off, and says whether they are: read it."""
    def part_reference(self, request: _types.ReferenceText) -> _answers.ReferenceParts:
        """The parts of a secret's reference; refuses what is none."""
    def load_policies(self, request: _types.PolicyTexts) -> PolicySet:
        """Loads policies for a host that brings its own principals. Not the gate: nobody is verified, no tenant is held apart, nothing is recorded, and no permit comes of it."""
    def load_policies_async(self, request: _types.PolicyTexts, tasks: Tasks) -> PolicySet | Pending:
        """Loads policies for a host that brings its own principals. Not the gate: nobody is verified, no tenant is held apart, nothing is recorded, and no permit comes of it."""
    def __reduce__(self) -> NoReturn: ...

@final
class Engine:
    """`Engine` of the operations table."""
    def audit(self, request: _types.Nothing) -> Audit:
        """The audit trail."""
    def vault(self, request: _types.Nothing) -> Vault:
        """The secrets of its tenants, for those who administer them."""
    def entities(self, request: _types.Nothing) -> Entities:
        """The entities that its tenants keep in the store, for those who administer them."""
    def layer(self, request: _types.Nothing) -> Layer:
        """The policies that its tenants keep in the store, for those who administer them."""
    def authenticate(self, request: _types.Presented) -> Principal:
        """Turns a credential into a verified caller."""
    def authenticate_async(self, request: _types.Presented, tasks: Tasks) -> Principal | Pending:
        """Turns a credential into a verified caller."""
    def authorize(self, request: _types.Request) -> Permit:
        """Decides, and records the decision before anyone can act on it."""
    def authorize_async(self, request: _types.Request, tasks: Tasks) -> Permit | Pending:
        """Decides, and records the decision before anyone can act on it."""
    def check(self, request: _types.Request) -> _answers.Decision:
        """The same decision as data; nothing is recorded, and nothing consumed but a proof that came with the credential."""
    def check_async(self, request: _types.Request, tasks: Tasks) -> _answers.Decision | Pending:
        """The same decision as data; nothing is recorded, and nothing consumed but a proof that came with the credential."""
    def check_now(self, request: _types.Request) -> _answers.Decision:
        """As `check`, from what is at hand: where it would have to wait, the failure `would_wait`."""
    def explain_token(self, request: _types.Presented) -> _answers.Explanation:
        """Why a token would be refused: every step of verification with the keys at hand, and what would have to change. For the host: nothing is fetched or recorded, nothing proved, and the token's bytes are not in the answer."""
    def revoke(self, request: _types.Revoking) -> _types.Done:
        """Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first."""
    def revoke_async(self, request: _types.Revoking, tasks: Tasks) -> _types.Done | Pending:
        """Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first."""
    def revoke_before(self, request: _types.RevokingBefore) -> _types.Done:
        """As `revoke`, but only tokens that were issued before a time, or that do not say when."""
    def revoke_before_async(self, request: _types.RevokingBefore, tasks: Tasks) -> _types.Done | Pending:
        """As `revoke`, but only tokens that were issued before a time, or that do not say when."""
    def reinstate(self, request: _types.Revoking) -> _types.Done:
        """Takes back what `revoke` or `revoke_before` said of the same selector."""
    def reinstate_async(self, request: _types.Revoking, tasks: Tasks) -> _types.Done | Pending:
        """Takes back what `revoke` or `revoke_before` said of the same selector."""
    def hydrate(self, request: _types.Nothing) -> _answers.Hydrated:
        """Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came."""
    def hydrate_async(self, request: _types.Nothing, tasks: Tasks) -> _answers.Hydrated | Pending:
        """Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came."""
    def snapshot_keys(self, request: _types.Nothing) -> _answers.KeySnapshot:
        """The fetched keys at hand as text, for a process that starts where issuers cannot be asked. Whoever can change the text decides whose tokens are accepted where it is restored: store it as safely as the configuration."""
    def restore_keys(self, request: _types.Snapshot) -> _answers.Restored:
        """Begins with the keys of a snapshot, where none are at hand. They are fetched anew as soon as somebody asks."""
    def egress(self, request: _types.Nothing) -> _answers.Outbound:
        """Everybody whom this engine can ask over the network. Nothing else is ever asked."""
    def policies(self, request: _types.Nothing) -> _answers.PolicyReport:
        """What was loaded as policy, and what of it will cost more than it need."""
    def rotate_root_key(self, request: _types.Nothing) -> _answers.RootKey:
        """Puts a new root key before all others of the key file. For the host; recorded in the system's chain first."""
    def rotate_root_key_async(self, request: _types.Nothing, tasks: Tasks) -> _answers.RootKey | Pending:
        """Puts a new root key before all others of the key file. For the host; recorded in the system's chain first."""
    def rewrap_masters(self, request: _types.Rewrapping) -> _answers.RootKeyReport:
        """Wraps masters anew that are under another root key than the current one; says what is left."""
    def rewrap_masters_async(self, request: _types.Rewrapping, tasks: Tasks) -> _answers.RootKeyReport | Pending:
        """Wraps masters anew that are under another root key than the current one; says what is left."""
    def retire_root_key(self, request: _types.RootKeyId) -> _answers.RootKeyReport:
        """Takes a root key out of the key file that wraps nothing any more."""
    def retire_root_key_async(self, request: _types.RootKeyId, tasks: Tasks) -> _answers.RootKeyReport | Pending:
        """Takes a root key out of the key file that wraps nothing any more."""
    def doctor(self, request: _types.Examination) -> _answers.DoctorReport:
        """Looks at every tenant's keys, secrets and trail, for the host, and says what to do about what is wrong."""
    def doctor_async(self, request: _types.Examination, tasks: Tasks) -> _answers.DoctorReport | Pending:
        """Looks at every tenant's keys, secrets and trail, for the host, and says what to do about what is wrong."""
    def flush(self, request: _types.Nothing) -> _types.Done:
        """Waits until every outcome and refusal recorded so far is durable."""
    def flush_async(self, request: _types.Nothing, tasks: Tasks) -> _types.Done | Pending:
        """Waits until every outcome and refusal recorded so far is durable."""
    def close(self, request: _types.Nothing) -> _types.Done:
        """Flushes, ends the chains and closes the store."""
    def close_async(self, request: _types.Nothing, tasks: Tasks) -> _types.Done | Pending:
        """Flushes, ends the chains and closes the store."""
    def __reduce__(self) -> NoReturn: ...

@final
class Audit:
    """`Audit` of the operations table."""
    def verify(self, request: _types.Trail) -> _answers.Report:
        """Verifies the audit chains of a tenant, or of everybody."""
    def verify_async(self, request: _types.Trail, tasks: Tasks) -> _answers.Report | Pending:
        """Verifies the audit chains of a tenant, or of everybody."""
    def __reduce__(self) -> NoReturn: ...

@final
class Vault:
    """`Vault` of the operations table."""
    def put(self, request: _types.PutSecret) -> _answers.WrittenSecret:
        """Puts a secret and fixes whose it is and how it may be used. Policy must permit it; it is recorded first."""
    def put_async(self, request: _types.PutSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Puts a secret and fixes whose it is and how it may be used. Policy must permit it; it is recorded first."""
    def rotate(self, request: _types.RotateSecret) -> _answers.WrittenSecret:
        """Adds a version with a new value, on the same terms."""
    def rotate_async(self, request: _types.RotateSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Adds a version with a new value, on the same terms."""
    def promote(self, request: _types.NamedSecret) -> _answers.WrittenSecret:
        """Makes a pending version current."""
    def promote_async(self, request: _types.NamedSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Makes a pending version current."""
    def revoke(self, request: _types.NamedSecret) -> _answers.WrittenSecret:
        """Takes a version, or all, out of use at once and for good."""
    def revoke_async(self, request: _types.NamedSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Takes a version, or all, out of use at once and for good."""
    def delete(self, request: _types.NamedSecret) -> _answers.WrittenSecret:
        """Takes the whole secret out of use until it is restored."""
    def delete_async(self, request: _types.NamedSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Takes the whole secret out of use until it is restored."""
    def restore(self, request: _types.NamedSecret) -> _answers.WrittenSecret:
        """Takes a deletion back."""
    def restore_async(self, request: _types.NamedSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Takes a deletion back."""
    def destroy(self, request: _types.NamedSecret) -> _answers.WrittenSecret:
        """Destroys the value of a version, or all values, for good."""
    def destroy_async(self, request: _types.NamedSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Destroys the value of a version, or all values, for good."""
    def list(self, request: _types.ListSecrets) -> _answers.SecretList:
        """What secrets there are, without their values."""
    def list_async(self, request: _types.ListSecrets, tasks: Tasks) -> _answers.SecretList | Pending:
        """What secrets there are, without their values."""
    def verify(self, request: _types.VerifySecrets) -> _answers.SecretReport:
        """Decrypts every secret, and holds what is kept against the audit trail."""
    def verify_async(self, request: _types.VerifySecrets, tasks: Tasks) -> _answers.SecretReport | Pending:
        """Decrypts every secret, and holds what is kept against the audit trail."""
    def schedule(self, request: _types.ScheduleSecret) -> _answers.WrittenSecret:
        """Says when a secret's values are to be replaced."""
    def schedule_async(self, request: _types.ScheduleSecret, tasks: Tasks) -> _answers.WrittenSecret | Pending:
        """Says when a secret's values are to be replaced."""
    def due(self, request: _types.DueSecrets) -> _answers.SecretsDue:
        """Which secrets are to be rotated now, and when the next one is."""
    def due_async(self, request: _types.DueSecrets, tasks: Tasks) -> _answers.SecretsDue | Pending:
        """Which secrets are to be rotated now, and when the next one is."""
    def rewrap(self, request: _types.RewrapSecrets) -> _answers.MovedSecrets:
        """Gives the tenant of who asks a new master and moves its secrets under it; bodies stay as they are."""
    def rewrap_async(self, request: _types.RewrapSecrets, tasks: Tasks) -> _answers.MovedSecrets | Pending:
        """Gives the tenant of who asks a new master and moves its secrets under it; bodies stay as they are."""
    def offboard(self, request: _types.OffboardTenant) -> _answers.OffboardedTenant:
        """Destroys the masters of a tenant's secrets: nothing of them opens any more. For who runs the platform."""
    def offboard_async(self, request: _types.OffboardTenant, tasks: Tasks) -> _answers.OffboardedTenant | Pending:
        """Destroys the masters of a tenant's secrets: nothing of them opens any more. For who runs the platform."""
    def client(self, request: _types.NamedSecret) -> SecretUse:
        """A secret for a client that lives long: each request with it is decided anew, for whoever asks here."""
    def client_async(self, request: _types.NamedSecret, tasks: Tasks) -> SecretUse | Pending:
        """A secret for a client that lives long: each request with it is decided anew, for whoever asks here."""
    def reveal(self, request: _types.NamedSecret) -> _answers.RevealedSecret:
        """Shows the value of a secret to a person. Off unless the operator says `[vault] reveal`, and never for an agent."""
    def reveal_async(self, request: _types.NamedSecret, tasks: Tasks) -> _answers.RevealedSecret | Pending:
        """Shows the value of a secret to a person. Off unless the operator says `[vault] reveal`, and never for an agent."""
    def encrypt(self, request: _types.PayloadOrder) -> Payload:
        """Begins to seal bytes of any length under the tenant's key, as the content of a thing. Policy must permit `write` on it."""
    def encrypt_async(self, request: _types.PayloadOrder, tasks: Tasks) -> Payload | Pending:
        """Begins to seal bytes of any length under the tenant's key, as the content of a thing. Policy must permit `write` on it."""
    def decrypt(self, request: _types.PayloadOrder) -> Payload:
        """Begins to open what `encrypt` sealed for the same thing of the same tenant. Policy must permit `read` on it."""
    def decrypt_async(self, request: _types.PayloadOrder, tasks: Tasks) -> Payload | Pending:
        """Begins to open what `encrypt` sealed for the same thing of the same tenant. Policy must permit `read` on it."""
    def __reduce__(self) -> NoReturn: ...

@final
class Entities:
    """`Entities` of the operations table."""
    def put(self, request: _types.PutEntity) -> _answers.WrittenEntities:
        """Keeps an entity, in the place of the one of its type and id. Policy must permit it; it is recorded first."""
    def put_async(self, request: _types.PutEntity, tasks: Tasks) -> _answers.WrittenEntities | Pending:
        """Keeps an entity, in the place of the one of its type and id. Policy must permit it; it is recorded first."""
    def delete(self, request: _types.DeleteEntity) -> _answers.WrittenEntities:
        """Takes an entity out."""
    def delete_async(self, request: _types.DeleteEntity, tasks: Tasks) -> _answers.WrittenEntities | Pending:
        """Takes an entity out."""
    def change(self, request: _types.ChangeEntities) -> _answers.WrittenEntities:
        """Makes up to 1000 changes, all of them or none."""
    def change_async(self, request: _types.ChangeEntities, tasks: Tasks) -> _answers.WrittenEntities | Pending:
        """Makes up to 1000 changes, all of them or none."""
    def get(self, request: _types.GetEntity) -> _answers.KeptEntity:
        """An entity as it stands now."""
    def get_async(self, request: _types.GetEntity, tasks: Tasks) -> _answers.KeptEntity | Pending:
        """An entity as it stands now."""
    def list(self, request: _types.ListEntities) -> _answers.EntityList:
        """A page of the entities, those that were written last at the end."""
    def list_async(self, request: _types.ListEntities, tasks: Tasks) -> _answers.EntityList | Pending:
        """A page of the entities, those that were written last at the end."""
    def __reduce__(self) -> NoReturn: ...

@final
class Layer:
    """`Layer` of the operations table."""
    def put(self, request: _types.PutPolicy) -> _answers.WrittenPolicies:
        """Keeps a policy, in the place of the one of its name. Policy must permit it; it is recorded first."""
    def put_async(self, request: _types.PutPolicy, tasks: Tasks) -> _answers.WrittenPolicies | Pending:
        """Keeps a policy, in the place of the one of its name. Policy must permit it; it is recorded first."""
    def remove(self, request: _types.RemovePolicy) -> _answers.WrittenPolicies:
        """Takes a policy out."""
    def remove_async(self, request: _types.RemovePolicy, tasks: Tasks) -> _answers.WrittenPolicies | Pending:
        """Takes a policy out."""
    def change(self, request: _types.ChangePolicies) -> _answers.WrittenPolicies:
        """Makes several changes, all of them or none."""
    def change_async(self, request: _types.ChangePolicies, tasks: Tasks) -> _answers.WrittenPolicies | Pending:
        """Makes several changes, all of them or none."""
    def list(self, request: _types.ListPolicies) -> _answers.PolicyList:
        """All policies that are kept, as they stand now."""
    def list_async(self, request: _types.ListPolicies, tasks: Tasks) -> _answers.PolicyList | Pending:
        """All policies that are kept, as they stand now."""
    def __reduce__(self) -> NoReturn: ...

@final
class Principal:
    """`Principal` of the operations table."""
    def view(self, request: _types.Nothing) -> _answers.PrincipalView:
        """What was verified about the caller."""
    def vault(self, request: _types.Nothing) -> Vault:
        """The secrets of its tenant, for those who administer them, asked by this principal."""
    def entities(self, request: _types.Nothing) -> Entities:
        """The entities that its tenant keeps, for those who administer them, asked by this principal."""
    def layer(self, request: _types.Nothing) -> Layer:
        """The policies that its tenant keeps, for those who administer them, asked by this principal."""
    def authorize(self, request: _types.Request) -> Permit:
        """As the engine's, asked by this principal."""
    def authorize_async(self, request: _types.Request, tasks: Tasks) -> Permit | Pending:
        """As the engine's, asked by this principal."""
    def check(self, request: _types.Request) -> _answers.Decision:
        """As the engine's, asked by this principal."""
    def check_async(self, request: _types.Request, tasks: Tasks) -> _answers.Decision | Pending:
        """As the engine's, asked by this principal."""
    def check_now(self, request: _types.Request) -> _answers.Decision:
        """As the engine's, asked by this principal."""
    def revoke(self, request: _types.Revoking) -> _types.Done:
        """Refuses from now on whom the selector names in this principal's tenant. Policy must permit it; it is recorded first."""
    def revoke_async(self, request: _types.Revoking, tasks: Tasks) -> _types.Done | Pending:
        """Refuses from now on whom the selector names in this principal's tenant. Policy must permit it; it is recorded first."""
    def revoke_before(self, request: _types.RevokingBefore) -> _types.Done:
        """As `revoke`, but only tokens that were issued before a time, or that do not say when."""
    def revoke_before_async(self, request: _types.RevokingBefore, tasks: Tasks) -> _types.Done | Pending:
        """As `revoke`, but only tokens that were issued before a time, or that do not say when."""
    def reinstate(self, request: _types.Revoking) -> _types.Done:
        """Takes back what `revoke` or `revoke_before` said of the same selector."""
    def reinstate_async(self, request: _types.Revoking, tasks: Tasks) -> _types.Done | Pending:
        """Takes back what `revoke` or `revoke_before` said of the same selector."""
    def __reduce__(self) -> NoReturn: ...

@final
class PolicySet:
    """`PolicySet` of the operations table."""
    def decide(self, request: _types.RawQuestion) -> _answers.RawDecision:
        """What the policies say of the names in the question. Any error is a no, and never a refusal."""
    def reload(self, request: _types.PolicyTexts) -> _answers.PolicySetView:
        """Puts others in their place, all at once. Where these cannot be read, the old ones stay."""
    def reload_async(self, request: _types.PolicyTexts, tasks: Tasks) -> _answers.PolicySetView | Pending:
        """Puts others in their place, all at once. Where these cannot be read, the old ones stay."""
    def view(self, request: _types.Nothing) -> _answers.PolicySetView:
        """What is loaded."""
    def __reduce__(self) -> NoReturn: ...

@final
class Permit:
    """`Permit` of the operations table."""
    def view(self, request: _types.Nothing) -> _answers.PermitView:
        """What is allowed, to whom and until when."""
    def still_open(self, request: _types.Nothing) -> _types.Done:
        """Refuses where the permit may be used no longer: it ended, or its token did."""
    def complete(self, request: _types.Outcome) -> _types.Done:
        """Records how the call ended. Does not wait."""
    def credential(self, request: _types.CredentialName) -> SecretUse:
        """The credential of that name, for what this permit allows. Policy decides `use` on the secret; it is seen by nobody."""
    def credential_async(self, request: _types.CredentialName, tasks: Tasks) -> SecretUse | Pending:
        """The credential of that name, for what this permit allows. Policy decides `use` on the secret; it is seen by nobody."""
    def __reduce__(self) -> NoReturn: ...

@final
class Payload:
    """`Payload` of the operations table."""
    def update(self, request: _types.PayloadBytes) -> _answers.PayloadPart:
        """Works on more bytes, and gives those that are ready. Opened ones may be a beginning: that they are all, `finish` says."""
    def update_async(self, request: _types.PayloadBytes, tasks: Tasks) -> _answers.PayloadPart | Pending:
        """Works on more bytes, and gives those that are ready. Opened ones may be a beginning: that they are all, `finish` says."""
    def finish(self, request: _types.Nothing) -> _answers.PayloadPart:
        """Ends it, and gives what is left."""
    def finish_async(self, request: _types.Nothing, tasks: Tasks) -> _answers.PayloadPart | Pending:
        """Ends it, and gives what is left."""
    def __reduce__(self) -> NoReturn: ...

@final
class SecretUse:
    """`SecretUse` of the operations table."""
    def view(self, request: _types.Nothing) -> _answers.SecretUseView:
        """Which secret."""
    def fetch(self, request: _types.SecretFetch) -> SecretAnswer:
        """Sends a request with the secret, where policy and the secret's terms permit it. A redirect is an answer."""
    def fetch_async(self, request: _types.SecretFetch, tasks: Tasks) -> SecretAnswer | Pending:
        """Sends a request with the secret, where policy and the secret's terms permit it. A redirect is an answer."""
    def upload(self, request: _types.SecretUpload) -> SecretSending:
        """As `fetch`, for a body that comes in parts. Nothing of it is sent before the record is durable."""
    def upload_async(self, request: _types.SecretUpload, tasks: Tasks) -> SecretSending | Pending:
        """As `fetch`, for a body that comes in parts. Nothing of it is sent before the record is durable."""
    def __reduce__(self) -> NoReturn: ...

@final
class SecretSending:
    """`SecretSending` of the operations table."""
    def part(self, request: _types.BodyPart) -> _answers.PartTaken:
        """Sends the next part of the body, once the server has taken the one before."""
    def part_async(self, request: _types.BodyPart, tasks: Tasks) -> _answers.PartTaken | Pending:
        """Sends the next part of the body, once the server has taken the one before."""
    def answer(self, request: _types.Nothing) -> SecretAnswer:
        """The body is complete: the answer, as soon as it begins."""
    def answer_async(self, request: _types.Nothing, tasks: Tasks) -> SecretAnswer | Pending:
        """The body is complete: the answer, as soon as it begins."""
    def end(self, request: _types.Nothing) -> _types.Done:
        """Breaks the request off, and records that, where its answer was not asked for."""
    def __reduce__(self) -> NoReturn: ...

@final
class SecretAnswer:
    """`SecretAnswer` of the operations table."""
    def head(self, request: _types.Nothing) -> _answers.AnswerHead:
        """What the answer begins with."""
    def next(self, request: _types.Nothing) -> _answers.AnswerPart:
        """The next part of its body, without the secret."""
    def next_async(self, request: _types.Nothing, tasks: Tasks) -> _answers.AnswerPart | Pending:
        """The next part of its body, without the secret."""
    def end(self, request: _types.Nothing) -> _types.Done:
        """Ends the connection, where nobody waits for the next part."""
    def __reduce__(self) -> NoReturn: ...

@final
class Kit:
    """`Kit` of the operations table."""
    def clock(self, request: _types.Moment) -> Clock:
        """A clock that stands still until it is moved."""
    def open_envelope(self, request: _types.SealedEnvelope) -> _types.OpenedEnvelope:
        """Opens an envelope under keys that are given with it. For test vectors: no key of an engine's is used."""
    def echo(self, request: _types.Request) -> _answers.Decision:
        """Takes a request and answers without asking anybody: what a call costs before it does anything."""
    def idp(self, request: _types.Issuer) -> Idp:
        """An identity provider with real keys that signs whatever a test says."""
    def panic_next(self, request: _types.Nothing) -> _types.Done:
        """Makes the next operation of this process panic, to see that the host survives it."""
    def __reduce__(self) -> NoReturn: ...

@final
class Clock:
    """`Clock` of the operations table."""
    def engine(self, request: _types.Opening) -> Engine:
        """Opens an engine that lives by this clock. Its records say `clock: test`, and it refuses a store that a production engine opened."""
    def engine_async(self, request: _types.Opening, tasks: Tasks) -> Engine | Pending:
        """Opens an engine that lives by this clock. Its records say `clock: test`, and it refuses a store that a production engine opened."""
    def now(self, request: _types.Nothing) -> _types.Moment:
        """Where it stands."""
    def set(self, request: _types.Moment) -> _types.Done:
        """Moves it to a moment, also back."""
    def __reduce__(self) -> NoReturn: ...

@final
class Idp:
    """`Idp` of the operations table."""
    def sign(self, request: _types.Claims) -> _types.Token:
        """A signed token with these claims."""
    def jwks(self, request: _types.Nothing) -> _types.Keys:
        """The JSON Web Key Set that it publishes."""
    def rotate(self, request: _types.Nothing) -> _types.Done:
        """Replaces every key. The old ones are published no longer, and opaque tokens are withdrawn."""
    def serve(self, request: _types.Nothing) -> Served:
        """Serves discovery, keys and introspection on loopback, which becomes its `iss`, until `stop`."""
    def serve_async(self, request: _types.Nothing, tasks: Tasks) -> Served | Pending:
        """Serves discovery, keys and introspection on loopback, which becomes its `iss`, until `stop`."""
    def __reduce__(self) -> NoReturn: ...

@final
class Served:
    """`Served` of the operations table."""
    def view(self, request: _types.Nothing) -> _types.ServedView:
        """Where it answers, and how often it did."""
    def stop(self, request: _types.Nothing) -> _types.Done:
        """Closes its port."""
    def stop_async(self, request: _types.Nothing, tasks: Tasks) -> _types.Done | Pending:
        """Closes its port."""
    def __reduce__(self) -> NoReturn: ...
