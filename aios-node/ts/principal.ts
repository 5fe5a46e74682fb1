// A verified caller.
import { inspect } from "node:util";
import { addon } from "./addon.js";
import { NOTHING, awaited, decode, decodeFrozen, encode, now } from "./codec.js";
import { refusal } from "./errors.js";
import type { NativePrincipal } from "./native.js";
import { type Entities, entities } from "./entities.js";
import { type Layer, layer } from "./layer.js";
import { type Permit, permit } from "./permit.js";
import { type Decision, type PrincipalView, type Request, type Revoking, type RevokingBefore, VIEWS } from "./types.js";
import { type Vault, vault } from "./vault.js";

/** Makes principals; nobody outside the package can. */
let made: (native: NativePrincipal, verifier: object) => Principal;
let opened: (principal: unknown, verifier: object) => NativePrincipal;

/** A question that a principal asks, who needs no credential. */
export type OwnQuestion = Omit<Request, "credential">;

/**
 * A caller that `authenticate` verified. Only that makes one: its JSON is the view, which is not a principal and cannot be
 * made one again.
 */
export class Principal {
  readonly #native: NativePrincipal;
  readonly #verifier: object;
  #view: PrincipalView | undefined;
  readonly #vault: Vault;
  readonly #entities: Entities;
  readonly #layer: Layer;

  static {
    made = (native, verifier) => new Principal(native, verifier);
    opened = (principal, verifier) => {
      if (typeof principal !== "object" || principal === null || !(#native in principal)) {
        throw refusal("policy.input", { at: "principal", expected: "what authenticate() gave, not its view" });
      }
      if (principal.#verifier !== verifier) throw refusal("token.foreign_principal");
      return principal.#native;
    };
  }

  private constructor(native: NativePrincipal, verifier: object) {
    if (!(native instanceof addon().Principal)) throw new TypeError("principals come from authenticate()");
    this.#native = native;
    this.#verifier = verifier;
    this.#vault = vault(() => native.vault(NOTHING));
    this.#entities = entities(() => native.entities(NOTHING));
    this.#layer = layer(() => native.layer(NOTHING));
  }

  /** What was verified about the caller. */
  get view(): PrincipalView {
    this.#view ??= now(() => decodeFrozen(this.#native.view(NOTHING)));
    return this.#view;
  }

  /** The secrets of its tenant, for those who administer them, asked by this principal. */
  get vault(): Vault {
    return this.#vault;
  }

  /** The entities that its tenant keeps, for those who administer them, asked by this principal. */
  get entities(): Entities {
    return this.#entities;
  }

  /** The policies that its tenant keeps, for those who administer them, asked by this principal. */
  get layer(): Layer {
    return this.#layer;
  }

  /** As the engine's, asked by this principal. */
  async authorize(question: OwnQuestion): Promise<Permit> {
    return permit(await awaited(() => this.#native.authorize(encode(question))));
  }

  /**
   * As the engine's, asked by this principal. Read `allowed`: the decision itself is an object, and so always true where a
   * condition stands.
   */
  async check(question: OwnQuestion): Promise<Decision> {
    return decode(await awaited(() => this.#native.check(encode(question))));
  }

  /**
   * As {@link Principal.check}, from what is at hand: where it would have to wait, the failure `would_wait`. Read `allowed` here
   * too.
   */
  checkSync(question: OwnQuestion): Decision {
    return decode(now(() => this.#native.checkNow(encode(question))));
  }

  /** As the engine's, asked by this principal. */
  async revoke(revoking: Omit<Revoking, "credential">): Promise<void> {
    await awaited(() => this.#native.revoke(encode(revoking)));
  }

  /** As the engine's, asked by this principal. */
  async revokeBefore(revoking: Omit<RevokingBefore, "credential">): Promise<void> {
    await awaited(() => this.#native.revokeBefore(encode(revoking)));
  }

  /** As the engine's, asked by this principal. */
  async reinstate(revoking: Omit<Revoking, "credential">): Promise<void> {
    await awaited(() => this.#native.reinstate(encode(revoking)));
  }

  /** The view. */
  toJSON(): PrincipalView {
    return this.view;
  }

  /** @internal */
  [inspect.custom](): string {
    return `Principal ${inspect(this.view)}`;
  }
}

/** Its view's members can be read as its own. */
export interface Principal extends Readonly<PrincipalView> {}

for (const member of VIEWS.Principal) {
  Object.defineProperty(Principal.prototype, member, {
    get(this: Principal) {
      return this.view[member];
    },
  });
}

/** @internal */
export function principal(native: NativePrincipal, verifier: object): Principal {
  return made(native, verifier);
}

/**
 * The native principal, where this verifier made it.
 * @internal
 */
export function nativePrincipal(principal: unknown, verifier: object): NativePrincipal {
  return opened(principal, verifier);
}
