// Leave to make one call, and the duty to say how it ended.
import { inspect } from "node:util";
import { addon } from "./addon.js";
import { NOTHING, awaited, decodeFrozen, encode, now } from "./codec.js";
import { type SecretUse, secretUse } from "./credential.js";
import { refusal } from "./errors.js";
import type { NativePermit } from "./native.js";
import { asyncDispose, dispose } from "./symbols.js";
import { type PermitView, type Status, VIEWS } from "./types.js";

/** Makes permits; nobody outside the package can. */
let made: (native: NativePermit) => Permit;

/**
 * Leave to make one call, recorded before it was given. Say how the call ended with {@link Permit.complete}, or make the call
 * inside {@link Permit.run}, which does so.
 *
 * Leaving a `using` block cannot tell success from an exception. So a permit that is disposed of (or forgotten) without
 * having been completed is recorded as `abandoned`, never as `ok`.
 */
export class Permit {
  readonly #native: NativePermit;
  #view: PermitView | undefined;
  #state: "open" | "running" | "completed" | "abandoned" = "open";

  static {
    made = (native) => new Permit(native);
  }

  private constructor(native: NativePermit) {
    if (!(native instanceof addon().Permit)) throw new TypeError("permits come from authorize()");
    this.#native = native;
  }

  /** What is allowed, to whom and until when. */
  get view(): PermitView {
    this.#view ??= now(() => decodeFrozen(this.#native.view(NOTHING)));
    return this.#view;
  }

  /** Refuses with `audit.permit_ended` where the call may no longer be made. */
  stillOpen(): void {
    if (this.#state === "abandoned") throw refusal("audit.permit_ended");
    now(() => this.#native.stillOpen(NOTHING));
  }

  /** Records how the call ended. Does not wait. The data is stored as it is, 16 KiB at most: no secrets. */
  complete(status: Status, data: Readonly<Record<string, unknown>> = {}): void {
    if (this.#state === "abandoned") throw refusal("audit.permit_ended");
    now(() => this.#native.complete(encode({ status, data })));
    this.#state = "completed";
  }

  /**
   * The credential of that name, for what this permit allows: policy decides `use` on the secret. The name is `namespace/name`, a
   * name of the namespace `default`, or a reference.
   */
  async credential(name: string): Promise<SecretUse> {
    if (this.#state === "abandoned") throw refusal("audit.permit_ended");
    return secretUse(await awaited(async () => this.#native.credential(encode({ name }))));
  }

  /**
   * Makes the call and records `ok`, or `failed` where it throws. A call that completes the permit itself is left alone. Each
   * permit runs one call, and none that has ended.
   */
  async run<T>(call: (permit: Permit) => T | PromiseLike<T>): Promise<T> {
    if (this.#state === "running" || this.#state === "completed") throw refusal("audit.completed");
    this.stillOpen();
    this.#state = "running";
    let result: T;
    try {
      result = await call(this);
    } catch (thrown) {
      this.#end("failed", thrown);
      throw thrown;
    }
    this.#end("ok");
    return result;
  }

  /** Records `abandoned` unless the permit was completed. */
  [dispose](): void {
    if (this.#state === "completed" || this.#state === "abandoned") return;
    // What it allowed can still be read afterwards.
    void this.view;
    this.#state = "abandoned";
    now(() => this.#native.release());
  }

  /** As `using`. */
  async [asyncDispose](): Promise<void> {
    this[dispose]();
  }

  /** The view. It is no permit, and cannot be made one. */
  toJSON(): PermitView {
    return this.view;
  }

  /** @internal */
  [inspect.custom](): string {
    return `Permit ${inspect(this.view)}`;
  }

  #end(status: Status, thrown?: unknown): void {
    if (this.#state === "completed") return;
    try {
      this.complete(status);
    } catch (refused) {
      // The call's own error says more; the intent without an outcome stays visible in the trail.
      if (thrown === undefined) throw refused;
    }
  }
}

/** Its view's members can be read as its own. */
export interface Permit extends Readonly<PermitView> {}

for (const member of VIEWS.Permit) {
  Object.defineProperty(Permit.prototype, member, {
    get(this: Permit) {
      return this.view[member];
    },
  });
}

/** @internal */
export function permit(native: NativePermit): Permit {
  return made(native);
}
