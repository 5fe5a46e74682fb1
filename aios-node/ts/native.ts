// Generated from the operations table by tests/contract/typescript.rs: UPDATE=1 make test

import type {
  AnswerHead,
  AnswerPart,
  BodyPart,
  ChangeEntities,
  ChangePolicies,
  Claims,
  CoreDumps,
  CredentialName,
  Decision,
  DeleteEntity,
  DoctorReport,
  Done,
  DueSecrets,
  EntityList,
  Examination,
  Explanation,
  GetEntity,
  Hydrated,
  Issuer,
  KeptEntity,
  KeyFile,
  KeySnapshot,
  Keys,
  ListEntities,
  ListPolicies,
  ListSecrets,
  Moment,
  MovedSecrets,
  NamedSecret,
  Nothing,
  OffboardTenant,
  OffboardedTenant,
  OpenedEnvelope,
  Opening,
  Outbound,
  Outcome,
  PartTaken,
  PayloadBytes,
  PayloadOrder,
  PayloadPart,
  PermitView,
  PolicyList,
  PolicyReport,
  PolicySetView,
  PolicyTexts,
  Presented,
  PrincipalView,
  PutEntity,
  PutPolicy,
  PutSecret,
  RawDecision,
  RawQuestion,
  ReferenceParts,
  ReferenceText,
  RemovePolicy,
  Report,
  Request,
  Restored,
  RevealedSecret,
  Revoking,
  RevokingBefore,
  RewrapSecrets,
  Rewrapping,
  RootKey,
  RootKeyId,
  RootKeyReport,
  RotateSecret,
  ScheduleSecret,
  SealedEnvelope,
  SecretFetch,
  SecretList,
  SecretReport,
  SecretUpload,
  SecretUseView,
  SecretsDue,
  ServedView,
  Snapshot,
  Token,
  Trail,
  VerifySecrets,
  WrittenEntities,
  WrittenPolicies,
  WrittenSecret,
} from "./types.js";

declare const of: unique symbol;

/** JSON text of a value of this type. */
export type Text<T> = string & { readonly [of]: T };

export interface NativeHost {
  /** Opens an engine. */
  open(request: Text<Opening>): Promise<NativeEngine>;
  /** Makes a root key file. Refuses where one exists. */
  createRootKeys(request: Text<KeyFile>): Promise<Text<Done>>;
  /** Switches core dumps of this process off, and says whether they are: read it. */
  forbidCoreDumps(request: Text<Nothing>): Text<CoreDumps>;
  /** The parts of a secret's reference; refuses what is none. */
  partReference(request: Text<ReferenceText>): Text<ReferenceParts>;
  /** Loads policies for a host that brings its own principals. Not the gate: nobody is verified, no tenant is held apart, nothing is recorded, and no permit comes of it. */
  loadPolicies(request: Text<PolicyTexts>): Promise<NativePolicySet>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeEngine {
  /** The audit trail. */
  audit(request: Text<Nothing>): NativeAudit;
  /** The secrets of its tenants, for those who administer them. */
  vault(request: Text<Nothing>): NativeVault;
  /** The entities that its tenants keep in the store, for those who administer them. */
  entities(request: Text<Nothing>): NativeEntities;
  /** The policies that its tenants keep in the store, for those who administer them. */
  layer(request: Text<Nothing>): NativeLayer;
  /** Turns a credential into a verified caller. */
  authenticate(request: Text<Presented>): Promise<NativePrincipal>;
  /** Decides, and records the decision before anyone can act on it. */
  authorize(request: Text<Request>): Promise<NativePermit>;
  /** The same decision as data; nothing is recorded, and nothing consumed but a proof that came with the credential. */
  check(request: Text<Request>): Promise<Text<Decision>>;
  /** As `check`, from what is at hand: where it would have to wait, the failure `would_wait`. */
  checkNow(request: Text<Request>): Text<Decision>;
  /** Why a token would be refused: every step of verification with the keys at hand, and what would have to change. For the host: nothing is fetched or recorded, nothing proved, and the token's bytes are not in the answer. */
  explainToken(request: Text<Presented>): Text<Explanation>;
  /** Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first. */
  revoke(request: Text<Revoking>): Promise<Text<Done>>;
  /** As `revoke`, but only tokens that were issued before a time, or that do not say when. */
  revokeBefore(request: Text<RevokingBefore>): Promise<Text<Done>>;
  /** Takes back what `revoke` or `revoke_before` said of the same selector. */
  reinstate(request: Text<Revoking>): Promise<Text<Done>>;
  /** Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came. */
  hydrate(request: Text<Nothing>): Promise<Text<Hydrated>>;
  /** The fetched keys at hand as text, for a process that starts where issuers cannot be asked. Whoever can change the text decides whose tokens are accepted where it is restored: store it as safely as the configuration. */
  snapshotKeys(request: Text<Nothing>): Text<KeySnapshot>;
  /** Begins with the keys of a snapshot, where none are at hand. They are fetched anew as soon as somebody asks. */
  restoreKeys(request: Text<Snapshot>): Text<Restored>;
  /** Everybody whom this engine can ask over the network. Nothing else is ever asked. */
  egress(request: Text<Nothing>): Text<Outbound>;
  /** What was loaded as policy, and what of it will cost more than it need. */
  policies(request: Text<Nothing>): Text<PolicyReport>;
  /** Puts a new root key before all others of the key file. For the host; recorded in the system's chain first. */
  rotateRootKey(request: Text<Nothing>): Promise<Text<RootKey>>;
  /** Wraps masters anew that are under another root key than the current one; says what is left. */
  rewrapMasters(request: Text<Rewrapping>): Promise<Text<RootKeyReport>>;
  /** Takes a root key out of the key file that wraps nothing any more. */
  retireRootKey(request: Text<RootKeyId>): Promise<Text<RootKeyReport>>;
  /** Looks at every tenant's keys, secrets and trail, for the host, and says what to do about what is wrong. */
  doctor(request: Text<Examination>): Promise<Text<DoctorReport>>;
  /** Waits until every outcome and refusal recorded so far is durable. */
  flush(request: Text<Nothing>): Promise<Text<Done>>;
  /** Flushes, ends the chains and closes the store. */
  close(request: Text<Nothing>): Promise<Text<Done>>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeAudit {
  /** Verifies the audit chains of a tenant, or of everybody. */
  verify(request: Text<Trail>): Promise<Text<Report>>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeVault {
  /** Puts a secret and fixes whose it is and how it may be used. Policy must permit it; it is recorded first. */
  put(request: Text<PutSecret>): Promise<Text<WrittenSecret>>;
  /** Adds a version with a new value, on the same terms. */
  rotate(request: Text<RotateSecret>): Promise<Text<WrittenSecret>>;
  /** Makes a pending version current. */
  promote(request: Text<NamedSecret>): Promise<Text<WrittenSecret>>;
  /** Takes a version, or all, out of use at once and for good. */
  revoke(request: Text<NamedSecret>): Promise<Text<WrittenSecret>>;
  /** Takes the whole secret out of use until it is restored. */
  delete(request: Text<NamedSecret>): Promise<Text<WrittenSecret>>;
  /** Takes a deletion back. */
  restore(request: Text<NamedSecret>): Promise<Text<WrittenSecret>>;
  /** Destroys the value of a version, or all values, for good. */
  destroy(request: Text<NamedSecret>): Promise<Text<WrittenSecret>>;
  /** What secrets there are, without their values. */
  list(request: Text<ListSecrets>): Promise<Text<SecretList>>;
  /** Decrypts every secret, and holds what is kept against the audit trail. */
  verify(request: Text<VerifySecrets>): Promise<Text<SecretReport>>;
  /** Says when a secret's values are to be replaced. */
  schedule(request: Text<ScheduleSecret>): Promise<Text<WrittenSecret>>;
  /** Which secrets are to be rotated now, and when the next one is. */
  due(request: Text<DueSecrets>): Promise<Text<SecretsDue>>;
  /** Gives the tenant of who asks a new master and moves its secrets under it; bodies stay as they are. */
  rewrap(request: Text<RewrapSecrets>): Promise<Text<MovedSecrets>>;
  /** Destroys the masters of a tenant's secrets: nothing of them opens any more. For who runs the platform. */
  offboard(request: Text<OffboardTenant>): Promise<Text<OffboardedTenant>>;
  /** A secret for a client that lives long: each request with it is decided anew, for whoever asks here. */
  client(request: Text<NamedSecret>): Promise<NativeSecretUse>;
  /** Shows the value of a secret to a person. Off unless the operator says `[vault] reveal`, and never for an agent. */
  reveal(request: Text<NamedSecret>): Promise<Text<RevealedSecret>>;
  /** Begins to seal bytes of any length under the tenant's key, as the content of a thing. Policy must permit `write` on it. */
  encrypt(request: Text<PayloadOrder>): Promise<NativePayload>;
  /** Begins to open what `encrypt` sealed for the same thing of the same tenant. Policy must permit `read` on it. */
  decrypt(request: Text<PayloadOrder>): Promise<NativePayload>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeEntities {
  /** Keeps an entity, in the place of the one of its type and id. Policy must permit it; it is recorded first. */
  put(request: Text<PutEntity>): Promise<Text<WrittenEntities>>;
  /** Takes an entity out. */
  delete(request: Text<DeleteEntity>): Promise<Text<WrittenEntities>>;
  /** Makes up to 1000 changes, all of them or none. */
  change(request: Text<ChangeEntities>): Promise<Text<WrittenEntities>>;
  /** An entity as it stands now. */
  get(request: Text<GetEntity>): Promise<Text<KeptEntity>>;
  /** A page of the entities, those that were written last at the end. */
  list(request: Text<ListEntities>): Promise<Text<EntityList>>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeLayer {
  /** Keeps a policy, in the place of the one of its name. Policy must permit it; it is recorded first. */
  put(request: Text<PutPolicy>): Promise<Text<WrittenPolicies>>;
  /** Takes a policy out. */
  remove(request: Text<RemovePolicy>): Promise<Text<WrittenPolicies>>;
  /** Makes several changes, all of them or none. */
  change(request: Text<ChangePolicies>): Promise<Text<WrittenPolicies>>;
  /** All policies that are kept, as they stand now. */
  list(request: Text<ListPolicies>): Promise<Text<PolicyList>>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativePrincipal {
  /** What was verified about the caller. */
  view(request: Text<Nothing>): Text<PrincipalView>;
  /** The secrets of its tenant, for those who administer them, asked by this principal. */
  vault(request: Text<Nothing>): NativeVault;
  /** The entities that its tenant keeps, for those who administer them, asked by this principal. */
  entities(request: Text<Nothing>): NativeEntities;
  /** The policies that its tenant keeps, for those who administer them, asked by this principal. */
  layer(request: Text<Nothing>): NativeLayer;
  /** As the engine's, asked by this principal. */
  authorize(request: Text<Request>): Promise<NativePermit>;
  /** As the engine's, asked by this principal. */
  check(request: Text<Request>): Promise<Text<Decision>>;
  /** As the engine's, asked by this principal. */
  checkNow(request: Text<Request>): Text<Decision>;
  /** Refuses from now on whom the selector names in this principal's tenant. Policy must permit it; it is recorded first. */
  revoke(request: Text<Revoking>): Promise<Text<Done>>;
  /** As `revoke`, but only tokens that were issued before a time, or that do not say when. */
  revokeBefore(request: Text<RevokingBefore>): Promise<Text<Done>>;
  /** Takes back what `revoke` or `revoke_before` said of the same selector. */
  reinstate(request: Text<Revoking>): Promise<Text<Done>>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativePolicySet {
  /** What the policies say of the names in the question. Any error is a no, and never a refusal. */
  decide(request: Text<RawQuestion>): Text<RawDecision>;
  /** Puts others in their place, all at once. Where these cannot be read, the old ones stay. */
  reload(request: Text<PolicyTexts>): Promise<Text<PolicySetView>>;
  /** What is loaded. */
  view(request: Text<Nothing>): Text<PolicySetView>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativePermit {
  /** What is allowed, to whom and until when. */
  view(request: Text<Nothing>): Text<PermitView>;
  /** Refuses where the permit may be used no longer: it ended, or its token did. */
  stillOpen(request: Text<Nothing>): Text<Done>;
  /** Records how the call ended. Does not wait. */
  complete(request: Text<Outcome>): Text<Done>;
  /** The credential of that name, for what this permit allows. Policy decides `use` on the secret; it is seen by nobody. */
  credential(request: Text<CredentialName>): Promise<NativeSecretUse>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativePayload {
  /** Works on more bytes, and gives those that are ready. Opened ones may be a beginning: that they are all, `finish` says. */
  update(request: Text<PayloadBytes>): Promise<Text<PayloadPart>>;
  /** Ends it, and gives what is left. */
  finish(request: Text<Nothing>): Promise<Text<PayloadPart>>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeSecretUse {
  /** Which secret. */
  view(request: Text<Nothing>): Text<SecretUseView>;
  /** Sends a request with the secret, where policy and the secret's terms permit it. A redirect is an answer. */
  fetch(request: Text<SecretFetch>): Promise<NativeSecretAnswer>;
  /** As `fetch`, for a body that comes in parts. Nothing of it is sent before the record is durable. */
  upload(request: Text<SecretUpload>): Promise<NativeSecretSending>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeSecretSending {
  /** Sends the next part of the body, once the server has taken the one before. */
  part(request: Text<BodyPart>): Promise<Text<PartTaken>>;
  /** The body is complete: the answer, as soon as it begins. */
  answer(request: Text<Nothing>): Promise<NativeSecretAnswer>;
  /** Breaks the request off, and records that, where its answer was not asked for. */
  end(request: Text<Nothing>): Text<Done>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeSecretAnswer {
  /** What the answer begins with. */
  head(request: Text<Nothing>): Text<AnswerHead>;
  /** The next part of its body, without the secret. */
  next(request: Text<Nothing>): Promise<Text<AnswerPart>>;
  /** Ends the connection, where nobody waits for the next part. */
  end(request: Text<Nothing>): Text<Done>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeKit {
  /** A clock that stands still until it is moved. */
  clock(request: Text<Moment>): NativeClock;
  /** Opens an envelope under keys that are given with it. For test vectors: no key of an engine's is used. */
  openEnvelope(request: Text<SealedEnvelope>): Text<OpenedEnvelope>;
  /** Takes a request and answers without asking anybody: what a call costs before it does anything. */
  echo(request: Text<Request>): Text<Decision>;
  /** An identity provider with real keys that signs whatever a test says. */
  idp(request: Text<Issuer>): NativeIdp;
  /** Makes the next operation of this process panic, to see that the host survives it. */
  panicNext(request: Text<Nothing>): Text<Done>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeClock {
  /** Opens an engine that lives by this clock. Its records say `clock: test`, and it refuses a store that a production engine opened. */
  engine(request: Text<Opening>): Promise<NativeEngine>;
  /** Where it stands. */
  now(request: Text<Nothing>): Text<Moment>;
  /** Moves it to a moment, also back. */
  set(request: Text<Moment>): Text<Done>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeIdp {
  /** A signed token with these claims. */
  sign(request: Text<Claims>): Text<Token>;
  /** The JSON Web Key Set that it publishes. */
  jwks(request: Text<Nothing>): Text<Keys>;
  /** Replaces every key. The old ones are published no longer, and opaque tokens are withdrawn. */
  rotate(request: Text<Nothing>): Text<Done>;
  /** Serves discovery, keys and introspection on loopback, which becomes its `iss`, until `stop`. */
  serve(request: Text<Nothing>): Promise<NativeServed>;
  /** Lets go of what it stands for. */
  release(): void;
}

export interface NativeServed {
  /** Where it answers, and how often it did. */
  view(request: Text<Nothing>): Text<ServedView>;
  /** Closes its port. */
  stop(request: Text<Nothing>): Promise<Text<Done>>;
  /** Lets go of what it stands for. */
  release(): void;
}
