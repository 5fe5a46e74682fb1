// Secrets, as whoever administers them sees them: by reference, never by value.
import { addon } from "./addon.js";
import { awaited, decode, encode, now } from "./codec.js";
import { type SecretUse, secretUse } from "./credential.js";
import { type Payload, payload } from "./payload.js";
import type { NativeVault } from "./native.js";
import { type Revealed, revealed } from "./reveal.js";
import type {
  DueSecrets,
  ListSecrets,
  MovedSecrets,
  NamedSecret,
  OffboardTenant,
  OffboardedTenant,
  PayloadOrder,
  PutSecret,
  ReferenceParts,
  RewrapSecrets,
  RotateSecret,
  ScheduleSecret,
  SecretList,
  SecretReport,
  SecretsDue,
  VerifySecrets,
  WrittenSecret,
} from "./types.js";

/** The secrets of an engine's tenants. Of a principal's vault no operation takes a credential. */
export interface Vault {
  /**
   * Puts a secret and fixes whose it is and how it may be used. A reference without version makes a new secret; one with the
   * version that it is at, its next version. JavaScript cannot wipe `value`: see docs/vault.md.
   */
  put(secret: PutSecret): Promise<WrittenSecret>;
  /** Adds a version with a new value, on the same terms, to the secret that is at the version in the reference. */
  rotate(secret: RotateSecret): Promise<WrittenSecret>;
  /** Makes a pending version current. */
  promote(secret: NamedSecret): Promise<WrittenSecret>;
  /** Takes a version, or all, out of use at once and for good. */
  revoke(secret: NamedSecret): Promise<WrittenSecret>;
  /** Takes the whole secret out of use until it is restored. */
  delete(secret: NamedSecret): Promise<WrittenSecret>;
  /** Takes a deletion back. */
  restore(secret: NamedSecret): Promise<WrittenSecret>;
  /** Destroys the value of a version, or all values, for good. */
  destroy(secret: NamedSecret): Promise<WrittenSecret>;
  /** What secrets there are, without their values. */
  list(secrets?: ListSecrets): Promise<SecretList>;
  /** Decrypts every secret, and holds what is kept against the audit trail. Read `ok`: the report itself is always true. */
  verify(secrets?: VerifySecrets): Promise<SecretReport>;
  /** Says when a secret's values are to be replaced. */
  schedule(secret: ScheduleSecret): Promise<WrittenSecret>;
  /** Which secrets are to be rotated now, and when the next one is. */
  due(secrets?: DueSecrets): Promise<SecretsDue>;
  /** Gives the tenant a new master and moves `most` of its secrets under it. Call it until it says `finished`. */
  rewrap(how?: RewrapSecrets): Promise<MovedSecrets>;
  /** Destroys the masters of a tenant's secrets, for good: nothing of them opens any more, and none is taken any more. */
  offboard(tenant: OffboardTenant): Promise<OffboardedTenant>;
  /** A secret for a client that lives long: each request with it is decided anew, for whoever asks here. */
  client(secret: NamedSecret): Promise<SecretUse>;
  /** Shows the value of a secret to a person. Off unless the operator says `reveal` in `[vault]`, and never for an agent. */
  reveal(secret: NamedSecret): Promise<Revealed>;
  /** Begins to seal bytes of any length as the content of a thing. Policy must permit `write` on it. */
  encrypt(order: PayloadOrder): Promise<Payload>;
  /** Begins to open what `encrypt` sealed for the same thing of the same tenant. Policy must permit `read` on it. */
  decrypt(order: PayloadOrder): Promise<Payload>;
}

/** The parts of a secret's reference; throws the refusal `policy.input` for what is none. */
export function partReference(reference: string): ReferenceParts {
  const { Host } = addon();
  return decode(now(() => new Host().partReference(encode({ reference }))));
}

/**
 * The vault that a receiver gives once it is first needed.
 * @internal
 */
export function vault(given: () => NativeVault): Vault {
  let native: NativeVault | undefined;
  const on = (): NativeVault => {
    native ??= given();
    return native;
  };
  return Object.freeze({
    put: async (secret: PutSecret) => decode(await awaited(async () => on().put(encode(secret)))),
    rotate: async (secret: RotateSecret) => decode(await awaited(async () => on().rotate(encode(secret)))),
    promote: async (secret: NamedSecret) => decode(await awaited(async () => on().promote(encode(secret)))),
    revoke: async (secret: NamedSecret) => decode(await awaited(async () => on().revoke(encode(secret)))),
    delete: async (secret: NamedSecret) => decode(await awaited(async () => on().delete(encode(secret)))),
    restore: async (secret: NamedSecret) => decode(await awaited(async () => on().restore(encode(secret)))),
    destroy: async (secret: NamedSecret) => decode(await awaited(async () => on().destroy(encode(secret)))),
    list: async (secrets: ListSecrets = {}) => decode(await awaited(async () => on().list(encode(secrets)))),
    verify: async (secrets: VerifySecrets = {}) => decode(await awaited(async () => on().verify(encode(secrets)))),
    schedule: async (secret: ScheduleSecret) => decode(await awaited(async () => on().schedule(encode(secret)))),
    due: async (secrets: DueSecrets = {}) => decode(await awaited(async () => on().due(encode(secrets)))),
    rewrap: async (how: RewrapSecrets = {}) => decode(await awaited(async () => on().rewrap(encode(how)))),
    offboard: async (tenant: OffboardTenant) => decode(await awaited(async () => on().offboard(encode(tenant)))),
    client: async (secret: NamedSecret) => secretUse(await awaited(async () => on().client(encode(secret)))),
    reveal: async (secret: NamedSecret) => revealed(decode(await awaited(async () => on().reveal(encode(secret))))),
    encrypt: async (order: PayloadOrder) => payload(await awaited(async () => on().encrypt(encode(order)))),
    decrypt: async (order: PayloadOrder) => payload(await awaited(async () => on().decrypt(encode(order)))),
  });
}
