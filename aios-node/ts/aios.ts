// The gate.
import { randomBytes } from "node:crypto";
import { addon } from "./addon.js";
import { NOTHING, awaited, decode, encode, now, read } from "./codec.js";
import { members } from "./copy.js";
import type { NativeAudit, NativeEngine, NativePrincipal, Text } from "./native.js";
import { type Permit, permit } from "./permit.js";
import { type Principal, nativePrincipal, principal } from "./principal.js";
import { type Roots, roots } from "./roots.js";
import { type Entities, entities } from "./entities.js";
import { type Layer, layer } from "./layer.js";
import { type Vault, vault } from "./vault.js";
import { asyncDispose } from "./symbols.js";
import type {
  Credential,
  Decision,
  DoctorReport,
  Examination,
  Explanation,
  Hydrated,
  KeySnapshot,
  Outbound,
  PolicyReport,
  Report,
  Request,
  Restored,
  Revoking,
  RevokingBefore,
  Snapshot,
  Trail,
} from "./types.js";

/** The tree of a configuration file. `docs/aios.schema.json` describes it. */
export type Configuration = Readonly<Record<string, unknown>>;

/** How to open a configuration. */
export interface OpenOptions {
  /** The folder where the configuration's relative paths start; left out: the process's. */
  readonly base?: string | undefined;
}

/** What is asked, and by whom: by what a credential proves, or by a principal that was verified before. */
export type Question = Asked<Request>;

/** A request, and who asks. */
export type Asked<T> = Omit<T, "credential"> &
  (
    | { readonly credential: Credential; readonly principal?: undefined }
    | { readonly principal: Principal; readonly credential?: undefined }
  );

/** The audit trail of an engine. */
export interface Audit {
  /**
   * Verifies the audit chains of a tenant, or of everybody. Read `ok`: the report itself is an object, and so always true where
   * a condition stands.
   */
  verify(trail?: Trail): Promise<Report>;
}

/** Makes engines' faces; nobody outside the package can. */
let made: (native: NativeEngine) => Aios;

/** An opened engine. Refusals are thrown as {@link Refused}, except by the checks, which give them as data. */
export class Aios {
  readonly #native: NativeEngine;
  /** Where other threads of this process find the engine. */
  #handle: string | undefined;
  /** The audit trail. */
  readonly audit: Audit;
  /** The secrets of its tenants, for those who administer them. */
  readonly vault: Vault;
  /** The root keys, for the host that holds them. */
  readonly roots: Roots;
  /** The entities that its tenants keep in the store, for those who administer them. */
  readonly entities: Entities;
  /** The policies that its tenants keep in the store, for those who administer them. */
  readonly layer: Layer;

  static {
    made = (native) => new Aios(native);
  }

  private constructor(native: NativeEngine) {
    if (!(native instanceof addon().Engine)) throw new TypeError("engines come from Aios.open()");
    this.#native = native;
    this.vault = vault(() => native.vault(NOTHING));
    this.roots = roots(native);
    this.entities = entities(() => native.entities(NOTHING));
    this.layer = layer(() => native.layer(NOTHING));
    let trail: NativeAudit | undefined;
    this.audit = Object.freeze({
      verify: async (asked: Trail = {}): Promise<Report> =>
        decode(
          await awaited(async () => {
            trail ??= native.audit(NOTHING);
            return trail.verify(encode(asked));
          }),
        ),
    });
  }

  /** Opens an engine from a file, or from the same tree as an object. */
  static async open(source: string | Configuration, options: OpenOptions = {}): Promise<Aios> {
    const { Host } = addon();
    return made(
      await awaited(async () => {
        const { base } = read(() => options);
        const opening = typeof source === "string" ? { path: source, base } : { configuration: source, base };
        return new Host().open(encode(opening));
      }),
    );
  }

  /**
   * The engine that another thread of this process shared. Both are the same engine: who closes it closes it for all.
   * A principal belongs to the object that verified it.
   */
  static shared(handle: string): Aios {
    const { findShared } = addon();
    const aios = made(now(() => findShared(handle)));
    aios.#handle = handle;
    return aios;
  }

  /** Turns a credential into a verified caller. */
  async authenticate(credential: Credential): Promise<Principal> {
    return principal(await awaited(async () => this.#native.authenticate(encode({ credential }))), this);
  }

  /** Decides, and records the decision before anyone can act on it. */
  async authorize(question: Question): Promise<Permit> {
    return permit(
      await awaited(async () => {
        const [asker, request] = this.#asked<Request>(question);
        return asker.authorize(request);
      }),
    );
  }

  /**
   * The same decision as data; nothing is recorded or consumed. Read `allowed`: the decision itself is an object, and so
   * always true where a condition stands.
   */
  async check(question: Question): Promise<Decision> {
    return decode(
      await awaited(async () => {
        const [asker, request] = this.#asked<Request>(question);
        return asker.check(request);
      }),
    );
  }

  /**
   * As {@link Aios.check}, from what is at hand: where it would have to wait, the failure `would_wait`. Read `allowed`: the
   * decision itself is an object, and so always true where a condition stands.
   */
  checkSync(question: Question): Decision {
    return decode(
      now(() => {
        const [asker, request] = this.#asked<Request>(question);
        return asker.checkNow(request);
      }),
    );
  }

  /** Authorizes a call, makes it and records how it ended: {@link Permit.run} of the permit. */
  async run<T>(question: Question, call: (permit: Permit) => T | PromiseLike<T>): Promise<T> {
    return (await this.authorize(question)).run(call);
  }

  /** Refuses from now on whom the selector names in the tenant of who asks. Policy must permit it; it is recorded first. */
  async revoke(revoking: Asked<Revoking>): Promise<void> {
    await awaited(async () => {
      const [asker, request] = this.#asked(revoking);
      return asker.revoke(request);
    });
  }

  /** As {@link Aios.revoke}, but only tokens that were issued before a time, or that do not say when. */
  async revokeBefore(revoking: Asked<RevokingBefore>): Promise<void> {
    await awaited(async () => {
      const [asker, request] = this.#asked(revoking);
      return asker.revokeBefore(request);
    });
  }

  /** Takes back what {@link Aios.revoke} or {@link Aios.revokeBefore} said of the same selector. */
  async reinstate(revoking: Asked<Revoking>): Promise<void> {
    await awaited(async () => {
      const [asker, request] = this.#asked(revoking);
      return asker.reinstate(request);
    });
  }

  /**
   * Why a token would be refused: every step of verification with the keys at hand, and what would have to change. For the
   * host, not for whoever sent the token. Nothing is fetched or recorded, and the answer proves nothing.
   */
  explainToken(credential: Credential): Explanation {
    return decode(now(() => this.#native.explainToken(encode({ credential }))));
  }

  /** What was loaded as policy, and what of it will cost more than it need. */
  policies(): PolicyReport {
    return decode(now(() => this.#native.policies(NOTHING)));
  }

  /** Fetches every issuer's keys that are not at hand, so that no first caller waits; says of each what came. */
  async hydrate(): Promise<Hydrated> {
    return decode(await awaited(() => this.#native.hydrate(NOTHING)));
  }

  /**
   * The fetched keys at hand, for a process that starts where issuers cannot be asked. Whoever can change the text decides
   * whose tokens are accepted where it is restored: store it as safely as the configuration.
   */
  snapshotKeys(): KeySnapshot {
    return decode(now(() => this.#native.snapshotKeys(NOTHING)));
  }

  /** Begins with the keys of a snapshot, where none are at hand; says how many issuers' were taken. */
  restoreKeys(snapshot: Snapshot): Restored {
    return decode(now(() => this.#native.restoreKeys(encode(snapshot))));
  }

  /** Looks at every tenant's keys, secrets and trail, for the host. Read `ok` and `symptoms`: each says what to do about it. */
  async doctor(how: Examination = {}): Promise<DoctorReport> {
    return decode(await awaited(async () => this.#native.doctor(encode(how))));
  }

  /** Everybody whom this engine can ask over the network. Nothing else is ever asked. */
  egress(): Outbound {
    return decode(now(() => this.#native.egress(NOTHING)));
  }

  /** Waits until every outcome and refusal recorded so far is durable. */
  async flush(): Promise<void> {
    await awaited(() => this.#native.flush(NOTHING));
  }

  /** Flushes, ends the chains and closes the store, for every thread that shares the engine. */
  async close(): Promise<void> {
    this.#unshare();
    try {
      await awaited(() => this.#native.close(NOTHING));
    } finally {
      // It may have been shared again while it closed.
      this.#unshare();
    }
  }

  /** Closes. There is no `using` without `await`, as it could neither wait nor fail. */
  async [asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * A handle by which another thread of this process can use this engine too: post it to a worker, which calls
   * {@link Aios.shared}. It is 128 random bits and means nothing in another process. Whoever has it can do everything that
   * this object can, also close the engine; it lasts until then. A closed engine is not shared: `engine.closed`.
   */
  share(): string {
    const handle = this.#handle ?? randomBytes(16).toString("hex");
    now(() => addon().share(this.#native, handle));
    this.#handle = handle;
    return handle;
  }

  #unshare(): void {
    const handle = this.#handle;
    if (handle !== undefined) now(() => addon().unshare(handle));
  }

  /** Who is asked, the engine for a credential's holder or the principal itself, and what. */
  #asked<T extends object>(question: Asked<T>): [NativeEngine | NativePrincipal, Text<T>] {
    const asking = read(() => question.principal);
    if (asking === undefined) return [this.#native, encode<unknown>(question) as Text<T>];
    const { principal: _, ...request } = members(question);
    return [nativePrincipal(asking, this), encode<unknown>(request) as Text<T>];
  }
}

/** @internal */
export function engine(native: NativeEngine): Aios {
  return made(native);
}
