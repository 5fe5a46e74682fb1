// The testing kit: an identity provider that signs whatever a test says, and engines that live by a clock the test moves.
import { addon } from "./addon.js";
import { type Aios, type Configuration, engine as opened } from "./aios.js";
import { NOTHING, awaited, decode, encode, now } from "./codec.js";
import type { NativeClock, NativeIdp, NativeServed } from "./native.js";
import { asyncDispose } from "./symbols.js";
import type { Claims, Keys, ServedView } from "./types.js";

/** A clock that stands still until it is moved. */
export class TestClock {
  readonly #native: NativeClock;

  /** A clock that stands at a moment, in seconds since 1970; left out: the present one. */
  constructor(seconds: number = Math.floor(Date.now() / 1000)) {
    const { Kit } = addon();
    this.#native = now(() => new Kit().clock(encode({ seconds })));
  }

  /** Where it stands, in seconds since 1970. */
  get now(): number {
    return now(() => decode(this.#native.now(NOTHING))).seconds;
  }

  /** Moves it to a moment, also back. */
  set(seconds: number): void {
    now(() => this.#native.set(encode({ seconds })));
  }

  /** Moves it by some seconds, also back. */
  advance(seconds: number): void {
    this.set(this.now + seconds);
  }

  /** Opens an engine that lives by this clock. Its records say `clock: test`, and it refuses a store that a production engine opened. */
  async engine(configuration: Configuration, options: { readonly base?: string | undefined } = {}): Promise<TestAios> {
    const { base } = options;
    const native = await awaited(() => this.#native.engine(encode({ configuration, base })));
    return Object.assign(opened(native), { clock: this });
  }
}

/** An engine with the clock by which it lives. */
export type TestAios = Aios & { readonly clock: TestClock };

/** Opens an engine with a clock that the test moves; `now`, in seconds since 1970, is where it stands at first. */
export async function engine(
  configuration: Configuration,
  options: { readonly base?: string | undefined; readonly now?: number | undefined } = {},
): Promise<TestAios> {
  return new TestClock(options.now).engine(configuration, options);
}

/** An identity provider with real keys that signs whatever a test says. */
export class TestIdp {
  readonly #native: NativeIdp;
  #iss: string;

  /** A provider of this name. */
  constructor(iss: string = "https://idp.example.com/") {
    const { Kit } = addon();
    this.#native = now(() => new Kit().idp(encode({ iss })));
    this.#iss = iss;
  }

  /** What its tokens' `iss` says. */
  get iss(): string {
    return this.#iss;
  }

  /** A signed token with these claims: `iss` is the provider's unless they name one, and a null removes a member. */
  sign(claims: Claims["claims"], options: Omit<Claims, "claims"> = {}): string {
    return now(() => decode(this.#native.sign(encode({ ...options, claims })))).token;
  }

  /** The JSON Web Key Set that it publishes. */
  jwks(): Keys {
    return now(() => decode(this.#native.jwks(NOTHING)));
  }

  /** Replaces every key. The old ones are published no longer. */
  rotate(): void {
    now(() => this.#native.rotate(NOTHING));
  }

  /** Serves discovery and keys on loopback, which becomes its `iss`, until it is stopped. */
  async serve(): Promise<Served> {
    const served = new Served(await awaited(() => this.#native.serve(NOTHING)));
    this.#iss = served.iss ?? this.#iss;
    return served;
  }
}

/** An identity provider that answers on loopback. */
class Served {
  readonly #native: NativeServed;

  /** @internal */
  constructor(native: NativeServed) {
    this.#native = native;
  }

  /** Where it answers; null once it was stopped. */
  get iss(): string | null {
    return this.#view.iss;
  }

  /** How many requests it has taken. */
  get requests(): number {
    return this.#view.requests;
  }

  /** Closes its port. */
  async stop(): Promise<void> {
    await awaited(() => this.#native.stop(NOTHING));
  }

  /** Closes its port. */
  async [asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #view(): ServedView {
    return now(() => decode(this.#native.view(NOTHING)));
  }
}

export type { Served };
