// Generated from the operations table by tests/contract/typescript.rs: UPDATE=1 make test

import type { Code } from "./codes.js";

/** Where a root key file is to be. */
export interface KeyFile {
  /** Its path. */
  readonly path: string;
}

/** No arguments. */
export type Nothing = Readonly<Record<string, never>>;

/** What to open an engine from: a file, or the same tree as a value. */
export interface Opening {
  /** Path of the configuration file. */
  readonly path?: string | null | undefined;
  /** The configuration itself. */
  readonly configuration?: Readonly<Record<string, unknown>> | null | undefined;
  /** The folder where the configuration's relative paths start; left out: the process's. */
  readonly base?: string | null | undefined;
}

/** How a call ended. */
export interface Outcome {
  /** Whether the call succeeded. */
  readonly status: Status;
  /** Facts for the record, 16 KiB at most. Stored as they are: no secrets. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Whether a call succeeded.
 * - `"failed"`: The call was made or tried and failed.
 * - `"ok"`: The call was made and succeeded.
 */
export type Status = "failed" | "ok";

/** Who is asking, on its own. */
export interface Presented {
  /** What proves it. */
  readonly credential: Credential;
}

/** What proves who is asking: an access token, bare, or with what shows that it is its sender's. */
export type Credential = string | NamedCredential;

/** An access token by name, and what came with it. */
export interface NamedCredential {
  /** An access token as it stands after `Authorization: Bearer`, or after `Authorization: DPoP` beside `dpop`. */
  readonly bearer: string;
  /** What the one header `DPoP` says (RFC 9449), where the token stands after `Authorization: DPoP`. It is used up by the call. */
  readonly dpop?: string | null | undefined;
  /** The client's certificate, which TLS has verified: its DER in base64 (RFC 8705). */
  readonly certificate?: string | null | undefined;
  /** The request that brought it. Needed beside `dpop`. */
  readonly request?: HttpRequest | null | undefined;
}

/** An HTTP request as far as proofs name it. */
export interface HttpRequest {
  /** Its method, as it was sent. */
  readonly method: string;
  /** Its path, which is at the configured `public_url`, or its whole URL. Query and fragment do not count. */
  readonly url: string;
}

/** A question to the gate. */
export interface Request {
  /** Who is asking. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** The action's name. */
  readonly action: string;
  /** The thing acted upon. */
  readonly resource: Resource;
  /** The call's arguments. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** Further facts for policies. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** A W3C `traceparent`. */
  readonly trace?: string | null | undefined;
  /** The caller's id of this call. */
  readonly call?: string | null | undefined;
}

/** The thing acted upon. */
export interface Resource {
  /** Entity type with its namespace, for example `Aios::Data`. */
  readonly type: string;
  /** Id, any text. */
  readonly id: string;
  /** The tenant it belongs to. */
  readonly tenant?: string | null | undefined;
  /** Attributes, for things that the entity store does not know. */
  readonly attrs?: Readonly<Record<string, unknown>> | undefined;
  /** Entities it belongs to. */
  readonly parents?: readonly EntityRef[] | undefined;
}

/** The type and id of an entity, for example `Aios::Data` and `report-7`. */
export interface EntityRef {
  /** The entity type with its namespace. */
  readonly type: string;
  /** The id, any text. */
  readonly id: string;
}

/** Whom to revoke, or to reinstate. */
export interface Revoking {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Whom it means. */
  readonly selector: Selector;
}

/** Whom a revocation means, within one tenant. */
export interface Selector {
  /** What kind of thing it names. */
  readonly kind: SelectorKind;
  /** The issuer that vouches for it. Left out for a tenant. */
  readonly issuer?: string | null | undefined;
  /** Its id there. Left out for a tenant. */
  readonly id?: string | null | undefined;
  /** What a subject is; for subjects only. */
  readonly subject_kind?: Kind | null | undefined;
}

/**
 * What a revocation names.
 * - `"agent"`: An agent, as the subject or anywhere among the actors: its sub-agents are out with it.
 * - `"client"`: A client: tokens that it obtained, and those in which it is an actor.
 * - `"session"`: A session at an issuer.
 * - `"subject"`: Somebody, as the subject or as an actor.
 * - `"tenant"`: Everybody of the tenant, whoever revokes it included.
 * - `"token"`: One token, by its `jti`.
 */
export type SelectorKind = "agent" | "client" | "session" | "subject" | "tenant" | "token";

/**
 * What a caller is. A service is a workload of our own trust domain, an app any other client.
 * - `"agent"`: A program acting with some autonomy.
 * - `"app"`: A client that got its token by its own credentials.
 * - `"service"`: A workload of our own trust domain.
 * - `"user"`: A person.
 */
export type Kind = "agent" | "app" | "service" | "user";

/** Whose tokens of before a time to revoke. */
export interface RevokingBefore {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Whom it means. */
  readonly selector: Selector;
  /** Tokens issued before this, seconds since 1970. */
  readonly before: number;
}

/** How much to wrap anew. */
export interface Rewrapping {
  /** So many masters at most: 1 or more, 1000 unless told. Pause between calls as you like. */
  readonly most?: number | null | undefined;
  /** Whether to change nothing and only say what there is to do. */
  readonly dry_run?: boolean | null | undefined;
}

/** One root key of the key file. */
export interface RootKeyId {
  /** Its id. */
  readonly kid: string;
}

/** Keys that another process fetched. */
export interface Snapshot {
  /** The text of `snapshot_keys`. */
  readonly snapshot: string;
}

/** Whose trail to verify. */
export interface Trail {
  /** A tenant; left out: everybody's, and the system's. */
  readonly tenant?: string | null | undefined;
}

/** Policies, perhaps with a schema and static entities, as text. */
export interface PolicyTexts {
  /** Policies in Cedar's own syntax. */
  readonly policies: string;
  /** A schema, in Cedar's own syntax or as JSON, against which everything is validated strictly. */
  readonly schema?: string | null | undefined;
  /** Entities: the text of an array in Cedar's JSON. */
  readonly entities?: string | null | undefined;
}

/** A question to a policy set. Whoever asks vouches for all of it. */
export interface RawQuestion {
  /** Who acts. */
  readonly principal: EntityRef;
  /** What is done. */
  readonly action: EntityRef;
  /** What it is done to. */
  readonly resource: EntityRef;
  /** Further facts. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
}

/** Changes that are made together: all of them or none, at most 1000. */
export interface ChangeEntities {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Entities to be kept. A refusal counts these first. */
  readonly put?: readonly EntityToPut[] | undefined;
  /** Entities to be taken out. */
  readonly delete?: readonly EntityToDelete[] | undefined;
}

/** One of several entities to be kept. */
export interface EntityToPut {
  /** The entity. */
  readonly entity: Entity;
  /** Only where the one before is at this version, 0 where there is none. */
  readonly expect?: number | null | undefined;
}

/** An entity to be kept. Values are spelled as in entity files. */
export interface Entity {
  /** Entity type with its namespace, for example `Aios::Group`. */
  readonly type: string;
  /** Its id; a caller's is the issuer's name, a slash, and the subject. */
  readonly id: string;
  /** Its attributes, but for the tenant, and what tokens say of callers. */
  readonly attrs?: Readonly<Record<string, unknown>> | undefined;
  /** What it stands in. */
  readonly parents?: readonly EntityRef[] | undefined;
  /** Its tags. */
  readonly tags?: Readonly<Record<string, unknown>> | undefined;
}

/** One of several entities to be taken out. */
export interface EntityToDelete {
  /** Which. */
  readonly entity: EntityRef;
  /** Only where it is at this version. */
  readonly expect?: number | null | undefined;
}

/** An entity to be taken out. */
export interface DeleteEntity {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Which. */
  readonly entity: EntityRef;
  /** Only where it is at this version. */
  readonly expect?: number | null | undefined;
}

/** Which entity to show. */
export interface GetEntity {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Which. */
  readonly entity: EntityRef;
}

/** Which page of the entities to show. */
export interface ListEntities {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** The `next` of the page before; left out: the first page. */
  readonly after?: string | null | undefined;
}

/** An entity to be kept in the tenant of who asks. */
export interface PutEntity {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** The entity. */
  readonly entity: Entity;
  /** Only where the one before is at this version, 0 where there is none. */
  readonly expect?: number | null | undefined;
}

/** Changes that are made together: all of them or none. */
export interface ChangePolicies {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Policies that take the place of those of their names. */
  readonly put?: readonly KeptPolicy[] | undefined;
  /** The names of those that are taken out. */
  readonly remove?: readonly string[] | undefined;
  /** Only where the tenant's policies are at this revision, 0 where there never were any. */
  readonly expect?: number | null | undefined;
}

/** A policy that a tenant keeps. */
export interface KeptPolicy {
  /** Letters, digits, `.`, `_` and `-`. Decisions call it `tenants/<tenant>:<name>`. */
  readonly name: string;
  /** One policy in Cedar's own syntax. */
  readonly text: string;
}

/** Who asks for the policies. */
export interface ListPolicies {
  /** Who asks for them. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
}

/** A policy to be kept in the tenant of who asks. */
export interface PutPolicy {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Its name. */
  readonly name: string;
  /** One policy in Cedar's own syntax. */
  readonly text: string;
  /** Only where the tenant's policies are at this revision, 0 where there never were any. */
  readonly expect?: number | null | undefined;
}

/** A policy to be taken out. */
export interface RemovePolicy {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Its name. */
  readonly name: string;
  /** Only where the tenant's policies are at this revision. */
  readonly expect?: number | null | undefined;
}

/** Which secrets to list. */
export interface ListSecrets {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Of this namespace; left out: of the whole tenant. */
  readonly namespace?: string | null | undefined;
}

/** What a permit's holder calls a secret. */
export interface CredentialName {
  /** `namespace/name`, a name of the namespace `default`, or a reference; with `@version` behind it or not. */
  readonly name: string;
}

/** A secret, or one of its versions. */
export interface NamedSecret {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Which: `secret://tenant/namespace/name`, with `@version` behind it or not. */
  readonly reference: string;
}

/** A secret to be put. */
export interface PutSecret {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Where: `secret://tenant/namespace/name` for a new one, with the version that it is at for another version. */
  readonly reference: string;
  /** Its value, at most 64 KiB. */
  readonly value: string;
  /** Whose it is. */
  readonly owner: SecretOwner;
  /** Where it may be sent by HTTP; left out: nowhere. */
  readonly http?: HttpUse | null | undefined;
  /** How often it may be used; left out: as often as anybody likes. */
  readonly limits?: UseLimits | null | undefined;
  /** What its administrators say about it; no secret. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** When its values are to be replaced; left out: as it was, and never for a new secret. */
  readonly schedule?: SecretSchedule | null | undefined;
  /** What the new version becomes, `pending` or `current`; left out: `current`. */
  readonly stage?: Stage | null | undefined;
  /** From when on it may be used, seconds since 1970. */
  readonly not_before?: number | null | undefined;
  /** Until when it may be used, seconds since 1970. */
  readonly expires_at?: number | null | undefined;
}

/** Whose a secret is. */
export interface SecretOwner {
  /** What the owner is. */
  readonly kind: Kind;
  /** The issuer that vouches for them. */
  readonly issuer: string;
  /** Their id there. */
  readonly id: string;
}

/** Where a secret may be sent by HTTP, and how. Fixed when it is put. */
export interface HttpUse {
  /** Hosts, exactly: `api.example.com`, or with a port that is not 443. */
  readonly hosts: readonly string[];
  /** Methods in upper case; left out: every method. */
  readonly methods?: readonly string[] | undefined;
  /** What a path must begin with, up to a `/`; left out: every path. */
  readonly paths?: readonly string[] | undefined;
  /** The header that carries it, in lower case. */
  readonly header: string;
  /** The header's value, with one `{}` where the secret goes. */
  readonly template: string;
}

/** How often a secret may be used, by all processes together. Fixed when it is put. */
export interface UseLimits {
  /** So many uses in any `per_seconds`, 1 to 1000000. */
  readonly uses?: number | null | undefined;
  /** The span that `uses` are counted in, 1 to 31622400 seconds. */
  readonly per_seconds?: number | null | undefined;
  /** So many uses of each version, ever. */
  readonly total?: number | null | undefined;
}

/** When a secret's values are to be replaced. */
export interface SecretSchedule {
  /** Seconds after which a value is due: 60 to ten years. */
  readonly rotate_every?: number | null | undefined;
  /** Seconds after which a value is overdue: 60 to ten years. One of the two is needed. */
  readonly max_age?: number | null | undefined;
  /** What happens to uses of an overdue value: `deny`, or `warn` unless told. */
  readonly on_overdue?: OnOverdue | null | undefined;
}

/**
 * What happens to uses of a value that is too old.
 * - `"deny"`: They are refused.
 * - `"warn"`: They are recorded as overdue.
 */
export type OnOverdue = "deny" | "warn";

/**
 * A version's stage.
 * - `"pending"`: Made, and not yet what others use.
 * - `"current"`: What a reference without a version means.
 * - `"previous"`: What was current before; still usable where a reference names it.
 * - `"retired"`: Out of use. The value is still there.
 * - `"destroyed"`: Out of use, and the value is gone.
 */
export type Stage = "pending" | "current" | "previous" | "retired" | "destroyed";

/** A reference as text. */
export interface ReferenceText {
  /** `secret://tenant/namespace/name@version`. */
  readonly reference: string;
}

/** A new value for a secret, on the same terms. */
export interface RotateSecret {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** The secret, with the version that it is at. */
  readonly reference: string;
  /** The new value, at most 64 KiB. */
  readonly value: string;
  /** What the new version becomes, `pending` or `current`; left out: `current`. */
  readonly stage?: Stage | null | undefined;
  /** From when on it may be used, seconds since 1970. */
  readonly not_before?: number | null | undefined;
  /** Until when it may be used, seconds since 1970. */
  readonly expires_at?: number | null | undefined;
}

/** A request that is to carry a secret. */
export interface SecretFetch {
  /** The method in upper case. */
  readonly method: string;
  /** `https://host[:port]/path[?query]`, spelled as it is sent. */
  readonly url: string;
  /** What stands where credentials go, and what is the connection's own, is left out. */
  readonly headers?: readonly HeaderLine[] | undefined;
  /** The body as text; left out: none. */
  readonly body?: string | null | undefined;
  /** The body as base64, in place of text. */
  readonly body_base64?: string | null | undefined;
  /** How long the server may be silent, 1 to 3600; left out: 600. */
  readonly timeout_seconds?: number | null | undefined;
}

/** A header. */
export interface HeaderLine {
  /** Its name; in lower case in answers. */
  readonly name: string;
  /** Its value. */
  readonly value: string;
}

/** A request that is to carry a secret, and whose body will come in parts. */
export interface SecretUpload {
  /** The method in upper case. */
  readonly method: string;
  /** `https://host[:port]/path[?query]`, spelled as it is sent. */
  readonly url: string;
  /** What stands where credentials go, and what is the connection's own, is left out. */
  readonly headers?: readonly HeaderLine[] | undefined;
  /** How many bytes the body will have, where that is known; at most 1 GiB. */
  readonly length?: number | null | undefined;
  /** How long server and caller may be silent, 1 to 3600; left out: 600. */
  readonly timeout_seconds?: number | null | undefined;
}

/** The next part of a request's body. */
export interface BodyPart {
  /** Bytes as base64, 1 MiB at most. */
  readonly base64: string;
}

/** How many secrets to move under their tenant's new master: the tenant's of who asks. */
export interface RewrapSecrets {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** So many at most: 1 or more, 1000 unless told. Pause between calls as you like. */
  readonly most?: number | null | undefined;
}

/** Whose secrets to destroy. */
export interface OffboardTenant {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** The tenant. */
  readonly tenant: string;
}

/** Whose due secrets to list: the tenant's of who asks. */
export interface DueSecrets {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
}

/** What to look for. */
export interface Examination {
  /** After how many days without a use a secret is told; 90 unless told. */
  readonly unused_days?: number | null | undefined;
}

/** A secret, and when its values are to be replaced. */
export interface ScheduleSecret {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** Which: `secret://tenant/namespace/name`. */
  readonly reference: string;
  /** When; left out: never. */
  readonly schedule?: SecretSchedule | null | undefined;
}

/** Whose secrets to verify: the tenant's of who asks. */
export interface VerifySecrets {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
}

/** More of a payload. */
export interface PayloadBytes {
  /** Bytes as base64. */
  readonly base64: string;
}

/** What is asked for a payload. */
export interface PayloadOrder {
  /** Who asks for it. Left out where a principal asks. */
  readonly credential?: Credential | null | undefined;
  /** The thing whose content it is. */
  readonly resource: Resource;
  /** Further facts for policies. */
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  /** A W3C `traceparent`. */
  readonly trace?: string | null | undefined;
}

/** What a token is to say. */
export interface Claims {
  /** Its claims. `iss` is the provider's unless they name one; a null removes one. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Members of the header beside or instead of `alg`, `kid` and `typ`; a null removes one. */
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  /** The signature's algorithm; left out: `ES256`. `opaque` gives a token that says nothing, and begins with the header's `prefix`:
the provider says what it stands for where it is served, until its keys are replaced. */
  readonly algorithm?: string | null | undefined;
}

/** An issuer's name. */
export interface Issuer {
  /** What its tokens' `iss` says. */
  readonly iss: string;
}

/** A moment. */
export interface Moment {
  /** Seconds since 1970. */
  readonly seconds: number;
}

/** An envelope of a test vector, and all that opens it. */
export interface SealedEnvelope {
  /** The envelope, in hexadecimal. */
  readonly envelope: string;
  /** Keys by their ids, 32 bytes each, in hexadecimal; all of the provider `local`. */
  readonly keys: Readonly<Record<string, string>>;
  /** Whose secret. */
  readonly tenant: string;
  /** Which part of the tenant's secrets. */
  readonly namespace: string;
  /** Its name there. */
  readonly name: string;
  /** Its version. */
  readonly version: number;
  /** The terms of use as they are stored. */
  readonly terms: string;
}

/** The answer of `check`. */
export interface Decision {
  /** Whether the call may be made. */
  readonly allowed: boolean;
  /** Why not. */
  readonly code: Code | null;
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
  /** Policies that failed; any one of them refuses. */
  readonly errors: readonly PolicyFault[];
  /** What else policy asks of the call. Nothing yet: policies that ask for more are refused when they are loaded. */
  readonly obligations: readonly Obligation[];
  /** Digest of the configuration and policies that decided. */
  readonly digest: string;
  /** The version of the entities and policies that the caller's tenant keeps in the store, by which was decided; 0 where it keeps none. */
  readonly entities_version: number;
}

/** A policy that failed while it was evaluated. */
export interface PolicyFault {
  /** The policy's id. */
  readonly policy: string;
  /** What went wrong, in Cedar's words. */
  readonly message: string;
}

/** Something that policy asks of a call. There is no kind of it yet. */
export type Obligation = never;

/** Done, with nothing more to say. */
export type Done = Readonly<Record<string, never>>;

/** How verification of a token would end now, and what would have to change. It proves nothing. */
export interface Explanation {
  /** How it would end. */
  readonly verdict: Verdict;
  /** What it would be refused with: the first mistake in verification's order. */
  readonly code: Code | null;
  /** Whether the signature held. If not, `token` and `mapped` are what anybody could have written. */
  readonly verified: boolean;
  /** Every step, in order. */
  readonly steps: readonly ExplainedStep[];
  /** What the token says of itself, cut and escaped. */
  readonly token: TokenSays | null;
  /** What it would stand for. */
  readonly mapped: MappedView | null;
}

/**
 * How a verification would end.
 * - `"accepted"`: With a principal.
 * - `"refused"`: With a refusal.
 * - `"unknown"`: It takes what is not at hand.
 */
export type Verdict = "accepted" | "refused" | "unknown";

/** A step of verification, and how it ended. */
export interface ExplainedStep {
  /** Its stable name. */
  readonly step: string;
  /** What the token needs for it. */
  readonly about: string;
  /** How it ended. */
  readonly outcome: StepOutcome;
  /** What is wrong and what to do, where it failed. */
  readonly refusal: RefusalView | null;
  /** What is lacking, where it could not be taken. */
  readonly lacking: string | null;
}

/**
 * How a step ended.
 * - `"failed"`: It does not hold.
 * - `"passed"`: It holds.
 * - `"skipped"`: An earlier step ended it all.
 * - `"unknown"`: It takes what is not at hand.
 */
export type StepOutcome = "failed" | "passed" | "skipped" | "unknown";

/** A refusal. */
export interface RefusalView {
  /** The stable code. */
  readonly code: Code;
  /** One line that is safe to show. */
  readonly message: string;
  /** The HTTP status a web front end should answer with. */
  readonly status: number;
  /** When trying again can help. */
  readonly retry: Retry;
  /** The place in the request or configuration. */
  readonly at: string | null;
  /** What was expected. */
  readonly expected: string | null;
  /** What came instead. */
  readonly actual: string | null;
  /** What to do. */
  readonly hint: string;
  /** The nonce with which a proof has to be made: send it as `DPoP-Nonce`. */
  readonly nonce: string | null;
  /** What to send as `WWW-Authenticate`, where the refusal is about what a token is bound to. */
  readonly challenge: string | null;
  /** From when on trying again can help, seconds since 1970, where that is known. */
  readonly retry_at: number | null;
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
  /** Policies that failed. */
  readonly errors: readonly PolicyFault[];
}

/**
 * When trying again can help.
 * - `"no"`: Not with the same request.
 * - `"refresh"`: With a fresh token.
 * - `"later"`: Later, with the same request.
 */
export type Retry = "no" | "refresh" | "later";

/** What a token says of itself. */
export interface TokenSays {
  /** The header's `alg`. */
  readonly alg: string | null;
  /** The header's `kid`. */
  readonly kid: string | null;
  /** The header's `typ`. */
  readonly typ: string | null;
  /** The issuer. */
  readonly iss: string | null;
  /** The audiences. */
  readonly aud: readonly string[];
  /** The payload's own `typ`, as Keycloak has it. */
  readonly payload_typ: string | null;
  /** When it was issued, seconds since 1970. */
  readonly iat: number | null;
  /** When it begins, seconds since 1970. */
  readonly nbf: number | null;
  /** When it ends, seconds since 1970. */
  readonly exp: number | null;
  /** The names of all claims, not their values. */
  readonly claims: readonly string[];
}

/** What a token would stand for, as far as the settings make it: not whom. */
export interface MappedView {
  /** The issuer's configured name. */
  readonly issuer: string;
  /** The claim from which the tenant comes, where the settings name one. */
  readonly tenant_claim: string | null;
  /** The tenant. */
  readonly tenant_id: string | null;
  /** What the subject is. */
  readonly kind: Kind;
  /** AIOS roles. */
  readonly roles: readonly string[];
}

/** What keys of the configured issuers are at hand. */
export interface Hydrated {
  /** Of each issuer, in the configuration's order. */
  readonly issuers: readonly IssuerKeys[];
}

/** What keys of an issuer are at hand. */
export interface IssuerKeys {
  /** The issuer's configured name. */
  readonly issuer: string;
  /** Whether its keys could be had. */
  readonly ok: boolean;
  /** How many can be used. */
  readonly keys: number;
  /** Keys that cannot be used, and why. */
  readonly dropped: readonly DroppedKey[];
}

/** A key that cannot be used. */
export interface DroppedKey {
  /** Its id, where it has one that can be shown. */
  readonly kid: string | null;
  /** Why it cannot be used. */
  readonly reason: string;
}

/** Fetched keys, for another process to begin with. */
export interface KeySnapshot {
  /** What `restore_keys` takes. */
  readonly snapshot: string;
}

/** Everybody who can be asked over the network. */
export interface Outbound {
  /** By name, purpose and host. */
  readonly destinations: readonly Egress[];
}

/** Somebody whom this process may ask. */
export interface Egress {
  /** The name it has in the configuration: an issuer's, or `proxy`. */
  readonly name: string;
  /** What it is asked for. */
  readonly purpose: Purpose;
  /** Its host, a name or an address. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** Whether it is asked through the proxy. */
  readonly proxied: boolean;
  /** Whether it is asked without TLS. */
  readonly plaintext: boolean;
  /** Whether it may be at a private address. */
  readonly private: boolean;
  /** Answers of it may name another host for this purpose; once one did, that is listed, too. */
  readonly leads_to: Purpose | null;
}

/**
 * What somebody is asked for.
 * - `"credential"`: What a secret of the vault is for.
 * - `"discovery"`: Where an issuer's keys are.
 * - `"introspection"`: What an opaque token stands for.
 * - `"keys"`: An issuer's keys.
 * - `"proxy"`: Everybody who is asked through it.
 */
export type Purpose = "credential" | "discovery" | "introspection" | "keys" | "proxy";

/** What a snapshot gave. */
export interface Restored {
  /** How many issuers' keys were taken. */
  readonly issuers: number;
}

/** What a permit allows. */
export interface PermitView {
  /** The permit's id, a `UUIDv7`; also the id of its intent record. */
  readonly id: string;
  /** The action. */
  readonly action: string;
  /** The resource. */
  readonly resource: EntityRef;
  /** The verified caller. */
  readonly principal: PrincipalView;
  /** When the permit ends, seconds since 1970. */
  readonly expires_at: number;
}

/** What was verified about a caller. */
export interface PrincipalView {
  /** The issuer's configured name. */
  readonly issuer: string;
  /** The tenant. */
  readonly tenant_id: string | null;
  /** The subject's id at its issuer. */
  readonly subject: string;
  /** What the subject is. */
  readonly kind: Kind;
  /** The client that obtained the token. */
  readonly client_id: string | null;
  /** AIOS roles. */
  readonly roles: readonly string[];
  /** Scopes, ceilings for whatever the roles allow. */
  readonly scopes: readonly string[];
  /** Permissions the issuer states. */
  readonly permissions: readonly string[];
  /** Group ids at the issuer. */
  readonly groups: readonly string[];
  /** False where the issuer left groups out of the token. */
  readonly groups_complete: boolean;
  /** The session at the issuer. */
  readonly session_id: string | null;
  /** The token's own id. */
  readonly token_id: string | null;
  /** Who acts for the subject, the current actor first. */
  readonly actors: readonly ActorView[];
  /** When the user authenticated, seconds since 1970. */
  readonly auth_time: number | null;
  /** Authentication context class. */
  readonly acr: string | null;
  /** Authentication methods. */
  readonly amr: readonly string[];
  /** When the token ends, seconds since 1970. */
  readonly expires_at: number;
  /** How the token is bound to its sender, who showed it. */
  readonly binding: Binding;
}

/** Somebody acting for the subject. */
export interface ActorView {
  /** What the actor is. */
  readonly kind: Kind;
  /** The issuer that vouched for it. */
  readonly issuer: string;
  /** Its id at that issuer. */
  readonly id: string;
}

/**
 * How a token is bound to its sender, who showed it when the token was verified.
 * - `"dpop"`: To a key whose holder signs each request (RFC 9449); maybe to a certificate as well.
 * - `"mtls"`: To the certificate of the client's connection (RFC 8705).
 * - `"none"`: A bearer token: whoever holds it may use it.
 */
export type Binding = "dpop" | "mtls" | "none";

/** What was loaded. */
export interface PolicyReport {
  /** How many policies of the platform. */
  readonly policies: number;
  /** How many entities of files, in all tenants together. */
  readonly entities: number;
  /** Of each action, sorted, how many of the platform's policies every request for it evaluates. */
  readonly unscoped: readonly Unscoped[];
  /** Of each tenant with policies of its own, sorted, how many there are. */
  readonly tenants: readonly TenantPolicies[];
  /** The grants across tenants, in the configuration's order. */
  readonly cross_tenant: readonly Granted[];
  /** What will cost more than it need, what will come to nothing, and policies that name one user. */
  readonly warnings: readonly string[];
}

/** The policies of an action that name neither a principal nor a resource, nor a group of them. */
export interface Unscoped {
  /** The action's full name. */
  readonly action: string;
  /** How many there are. */
  readonly policies: number;
}

/** The policies that a tenant has of its own. */
export interface TenantPolicies {
  /** Whose they are. */
  readonly tenant: string;
  /** How many there are. */
  readonly policies: number;
}

/** A grant across tenants. */
export interface Granted {
  /** What both tenants' records call it. */
  readonly name: string;
  /** The principals' tenant. */
  readonly from_tenant: string;
  /** The things' tenant. */
  readonly to_tenant: string;
  /** How many principals it names. */
  readonly principals: number;
  /** Entity types of the things. */
  readonly resource_types: readonly string[];
  /** What may be asked, by full names, sorted. */
  readonly actions: readonly string[];
  /** From when on it lifts nothing, seconds since 1970. */
  readonly expires_at: number;
}

/** What a verification found. Positions and counts only, no bodies. */
export interface Report {
  /** Nothing is wrong. */
  readonly ok: boolean;
  /** How far it reached. */
  readonly level: Level;
  /** Whether a past key cannot be had from this machine: true where the root key never leaves its service. */
  readonly forward_secure: boolean;
  /** Chains walked. */
  readonly chains: number;
  /** Records walked. */
  readonly records: number;
  /** Intents without an outcome: calls under way, or cut short by a crash. */
  readonly dangling: readonly Place[];
  /** Disclosures that were erased. */
  readonly erased: number;
  /** The first thing that is wrong. */
  readonly violation: Finding | null;
}

/**
 * How far a verification reached.
 * - `"none"`: Something is wrong.
 * - `"head"`: All records are in order and the heads fit: nothing was cut off since the heads were written.
 */
export type Level = "none" | "head";

/** A record's place. */
export interface Place {
  /** The chain's incarnation, 32 hexadecimal digits. */
  readonly chain: string;
  /** The record's sequence number. */
  readonly seq: number;
}

/** Something wrong, and where. */
export interface Finding {
  /** Whose chain; empty for the system chain. */
  readonly tenant: string;
  /** The chain's incarnation, 32 hexadecimal digits. */
  readonly chain: string;
  /** The record's sequence number. */
  readonly seq: number;
  /** What is wrong. */
  readonly fault: Fault;
}

/**
 * What is wrong with the first bad record or head.
 * - `"beyond_head"`: A record stands behind the head.
 * - `"closing"`: A close record does not end its commit.
 * - `"counter"`: Epoch or commit counter does not follow.
 * - `"disclosure"`: A disclosure belongs to no digest of its record.
 * - `"frame"`: Too short, too long, or unknown flags.
 * - `"head"`: The head does not name the last record.
 * - `"head_tag"`: The head's tag was not made with the chain's next key.
 * - `"mac"`: The record was changed, or made with another key.
 * - `"missing_head"`: The chain has records but no head.
 * - `"missing_chain"`: The system chain tells of this chain, and it is gone.
 * - `"link"`: `prev` is not the MAC of the record before.
 * - `"opening"`: The first record is not an open record, or another one is.
 * - `"scope"`: It belongs to another chain.
 * - `"sequence"`: Not the next sequence number: a record is missing, doubled or moved.
 * - `"unannounced"`: The system chain does not tell of this chain.
 * - `"version"`: A format version that this code does not know.
 */
export type Fault = "beyond_head" | "closing" | "counter" | "disclosure" | "frame" | "head" | "head_tag" | "mac" | "missing_head" | "missing_chain" | "link" | "opening" | "scope" | "sequence" | "unannounced" | "version";

/** What an answer begins with. */
export interface AnswerHead {
  /** The status, three digits. */
  readonly status: number;
  /** The headers, without the secret and without those of the connection. Bytes that are no UTF-8 are replaced. */
  readonly headers: readonly HeaderLine[];
  /** The version of the secret that went along. */
  readonly reference: string;
  /** Whether the server rejects the credential (401 and 403). */
  readonly rejected: boolean;
}

/** A part of an answer's body. */
export interface AnswerPart {
  /** Bytes as base64, without the secret; none at the body's end. */
  readonly base64: string | null;
}

/** Whether there should be more. */
export interface PartTaken {
  /** Not where the answer has begun, or none will come: `answer` says which. */
  readonly wanted: boolean;
}

/** Which secret may be used. */
export interface SecretUseView {
  /** Its reference; without version: whichever is current when it is used. */
  readonly reference: string;
}

/** What is ready of a payload. */
export interface PayloadPart {
  /** Bytes as base64; there may be none yet. */
  readonly base64: string;
}

/** What a policy set holds. */
export interface PolicySetView {
  /** 1 at first, one more with each reload that took effect. */
  readonly generation: number;
  /** Digest of the texts, lower-case hex of SHA-256. */
  readonly digest: string;
  /** How many policies there are. */
  readonly policies: number;
  /** How many static entities there are. */
  readonly entities: number;
}

/** What a policy set says of a question. Nobody was verified and nothing recorded: it is no leave to make a call. */
export interface RawDecision {
  /** Whether the policies permit it. */
  readonly allowed: boolean;
  /** Why not. */
  readonly code: Code | null;
  /** Ids of the policies that decided, sorted. */
  readonly policies: readonly string[];
  /** Policies that failed; any one of them is a no. */
  readonly errors: readonly PolicyFault[];
  /** The place in the question that does not fit. */
  readonly at: string | null;
  /** What belongs there. */
  readonly expected: string | null;
  /** The generation of the policies that decided. */
  readonly generation: number;
  /** The digest of the policies that decided. */
  readonly digest: string;
}

/** A root key that was made. */
export interface RootKey {
  /** Its id. */
  readonly kid: string;
}

/** Which root key wraps how much. */
export interface RootKeyReport {
  /** The root key that wraps what is new. */
  readonly current: string;
  /** How many masters each root key wraps, by its id. What wraps none is not listed. */
  readonly wraps: Readonly<Record<string, number>>;
  /** Rows that this call wrapped anew. A tenant's row holds all its masters for secrets. */
  readonly rewrapped: number;
  /** Masters under another root key than the current one. */
  readonly left: number;
  /** Masters that could not be wrapped anew, each with the reason. */
  readonly unusable: readonly UnusableMaster[];
}

/** A master that does not open. */
export interface UnusableMaster {
  /** Whose it is; none: the system's. */
  readonly tenant: string | null;
  /** What it is for. */
  readonly purpose: MasterPurpose;
  /** The root key that it says it is under; empty where it cannot be read. */
  readonly kid: string;
  /** `key.unusable`, `vault.undecryptable`, `vault.rolled_back` or `store.corrupt`. */
  readonly code: Code;
}

/**
 * What a master is for.
 * - `"audit"`: The audit trail.
 * - `"entities"`: Entities that are kept in the store.
 * - `"vault"`: The secrets.
 */
export type MasterPurpose = "audit" | "entities" | "vault";

/** Some of a tenant's entities, those that were written last at the end. */
export interface EntityList {
  /** At most 512. A page may be short, or empty, and not be the last. */
  readonly entities: readonly KeptEntity[];
  /** What to ask with for the next page; none where this is the last. */
  readonly next: string | null;
  /** The version of the tenant's entities. */
  readonly version: number;
}

/** An entity as it is kept. */
export interface KeptEntity {
  /** Entity type with its namespace. */
  readonly type: string;
  /** Its id. */
  readonly id: string;
  /** Its attributes, as they were put. */
  readonly attrs: Readonly<Record<string, unknown>>;
  /** What it stands in. */
  readonly parents: readonly EntityRef[];
  /** Its tags. */
  readonly tags: Readonly<Record<string, unknown>>;
  /** The version that its last write gave. */
  readonly version: number;
}

/** What a write came to. */
export interface WrittenEntities {
  /** The version that the tenant's entities have now, and that what was put is at. */
  readonly version: number;
}

/** The policies that a tenant keeps. */
export interface PolicyList {
  /** All of them, by name. */
  readonly policies: readonly KeptPolicy[];
  /** Their revision: 0 where there never were any. */
  readonly revision: number;
}

/** What a write came to. */
export interface WrittenPolicies {
  /** The revision that the tenant's policies have now. */
  readonly revision: number;
}

/** A reference, parted. */
export interface ReferenceParts {
  /** Whose it is. */
  readonly tenant: string;
  /** Which part of the tenant's secrets. */
  readonly namespace: string;
  /** Its name there. */
  readonly name: string;
  /** Which version; none: whichever is current when it is used. */
  readonly version: number | null;
}

/** Secrets, without their values. */
export interface SecretList {
  /** By namespace and name. */
  readonly secrets: readonly SecretView[];
}

/** A secret, without its value. */
export interface SecretView {
  /** Which one. */
  readonly reference: string;
  /** Whether it is deleted, and can be restored. */
  readonly deleted: boolean;
  /** What its administrators say about it. */
  readonly metadata: Readonly<Record<string, string>>;
  /** When its values are to be replaced; none: never. */
  readonly schedule: SecretSchedule | null;
  /** How old its current value is; none without a schedule. */
  readonly age: Age | null;
  /** When its current value is due, seconds since 1970. */
  readonly due_at: number | null;
  /** From when on its current value is overdue, seconds since 1970. */
  readonly overdue_at: number | null;
  /** Its versions, rising. */
  readonly versions: readonly SecretVersion[];
}

/**
 * How old a value is, beside its schedule.
 * - `"fresh"`: As it should be.
 * - `"due"`: To be replaced.
 * - `"overdue"`: Too old.
 */
export type Age = "fresh" | "due" | "overdue";

/** A version, without its value. */
export interface SecretVersion {
  /** Its number. */
  readonly version: number;
  /** Where it stands. */
  readonly stage: Stage;
  /** Whose it is. */
  readonly owner: SecretOwner;
  /** When it was put, seconds since 1970. */
  readonly created_at: number;
  /** From when on it may be used, seconds since 1970. */
  readonly not_before: number | null;
  /** Until when it may be used, seconds since 1970. */
  readonly expires_at: number | null;
  /** 8 bytes of a keyed hash of the value, in hexadecimal. */
  readonly fingerprint: string;
}

/** What verification of a tenant's secrets found. */
export interface SecretReport {
  /** Whether everything is as it was written. */
  readonly ok: boolean;
  /** Secrets that were looked at. */
  readonly secrets: number;
  /** Versions whose value was decrypted. */
  readonly versions: number;
  /** What is wrong. */
  readonly faults: readonly SecretFault[];
}

/** Something that is not as it was written. */
export interface SecretFault {
  /** Which secret or version; none: the tenant's own row, or its audit trail. */
  readonly reference: string | null;
  /** `vault.undecryptable`, `vault.rolled_back`, `key.unusable` where the root key is missing, or `store.corrupt` for a trail
that does not verify. */
  readonly code: Code;
}

/** What was done to a secret. */
export interface WrittenSecret {
  /** What it was done to; a new version's own reference. */
  readonly reference: string;
  /** The version's stage now; none where it was done to the whole secret. */
  readonly stage: Stage | null;
  /** 8 bytes of a keyed hash of the value, in hexadecimal. */
  readonly fingerprint: string | null;
}

/** The value of a secret, where the operator lets it be shown. */
export interface RevealedSecret {
  /** The version that it is of. */
  readonly reference: string;
  /** 8 bytes of a keyed hash of the value, in hexadecimal. */
  readonly fingerprint: string;
  /** The value, as base64. Whoever reads it answers for what becomes of it. */
  readonly value_base64: string;
}

/** How far the secrets of a tenant are under its new master. */
export interface MovedSecrets {
  /** The id of the current master; none where the tenant never had a secret. */
  readonly master: string | null;
  /** Secrets that this call moved. */
  readonly moved: number;
  /** Secrets that are still to be moved. */
  readonly left: number;
  /** Whether no secret is under another master, and none can be any more. */
  readonly finished: boolean;
  /** Secrets that cannot be moved. */
  readonly faults: readonly SecretFault[];
}

/** A tenant whose secrets are gone. */
export interface OffboardedTenant {
  /** Which one. */
  readonly tenant: string;
  /** Whether there were any to destroy. */
  readonly had_secrets: boolean;
}

/** Which secrets are due, and when the next one is. */
export interface SecretsDue {
  /** What was due first comes first. */
  readonly secrets: readonly SecretDue[];
  /** When the next one is due that is not yet, seconds since 1970. */
  readonly next: number | null;
}

/** A secret whose value is to be replaced. */
export interface SecretDue {
  /** Its current version. */
  readonly reference: string;
  /** How old that is. */
  readonly age: Age;
  /** Since when it is due, seconds since 1970. */
  readonly due_at: number;
  /** From when on it is overdue, seconds since 1970; none: never. */
  readonly overdue_at: number | null;
  /** Whether somebody has begun to replace it. */
  readonly begun: boolean;
}

/** What the doctor found. */
export interface DoctorReport {
  /** Whether nothing is wrong. */
  readonly ok: boolean;
  /** Tenants that were looked at. */
  readonly tenants: number;
  /** Secrets that were looked at. */
  readonly secrets: number;
  /** What somebody should look after. */
  readonly symptoms: readonly SymptomView[];
}

/** Something that somebody should look after. */
export interface SymptomView {
  /** What it is, for example `vault.overdue`; where calls are refused for it, the code of the refusal. */
  readonly code: Code;
  /** Whose; none: the system's, or everybody's. */
  readonly tenant: string | null;
  /** Which secret or version; none: something of the tenant's as a whole. */
  readonly reference: string | null;
  /** Which root key, where it is about one. */
  readonly root_key: string | null;
  /** What to do about it. */
  readonly remedy: string;
}

/** Whether the operating system writes this process's memory to disk when it crashes. */
export interface CoreDumps {
  /** Whether it does not. */
  readonly off: boolean;
  /** Why it may, where it may. */
  readonly why: string | null;
}

/** A JSON Web Key Set (RFC 7517 §5). */
export interface Keys {
  /** Its keys. */
  readonly keys: unknown;
}

/** What an envelope of a test vector holds. */
export interface OpenedEnvelope {
  /** The value. */
  readonly value: string;
}

/** What a served identity provider did. */
export interface ServedView {
  /** Where it answers; none once it was stopped. */
  readonly iss: string | null;
  /** How many requests it has taken. */
  readonly requests: number;
}

/** A signed token. */
export interface Token {
  /** Its text. */
  readonly token: string;
}

/** The members of what can be viewed, by receiver. */
export const VIEWS = {
  Principal: ["issuer", "tenant_id", "subject", "kind", "client_id", "roles", "scopes", "permissions", "groups", "groups_complete", "session_id", "token_id", "actors", "auth_time", "acr", "amr", "expires_at", "binding"],
  PolicySet: ["generation", "digest", "policies", "entities"],
  Permit: ["id", "action", "resource", "principal", "expires_at"],
  SecretUse: ["reference"],
  Served: ["iss", "requests"],
} as const;
