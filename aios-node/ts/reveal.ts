// A secret's value that was shown to a person.
import { inspect } from "node:util";
import type { RevealedSecret } from "./types.js";

/** A value and which version it is of. Only `value` gives it: nothing prints it, and JSON has no member for it. */
export interface Revealed {
  /** The version that it is of. */
  readonly reference: string;
  /** 8 bytes of a keyed hash of the value, in hexadecimal. */
  readonly fingerprint: string;
  /** The value, as bytes that are the caller's to overwrite. JavaScript cannot wipe other copies: let go of it soon. */
  readonly value: Uint8Array;
}

/** @internal */
export function revealed({ reference, fingerprint, value_base64 }: RevealedSecret): Revealed {
  const bytes = new Uint8Array(Buffer.from(value_base64, "base64"));
  const shown = { reference, fingerprint, [inspect.custom]: () => `Revealed(${reference})` };
  return Object.freeze(Object.defineProperty(shown, "value", { get: () => bytes, enumerable: false }) as typeof shown & Revealed);
}
