// Rotation of root keys, for the host that holds them.
import { NOTHING, awaited, decode, encode } from "./codec.js";
import type { NativeEngine } from "./native.js";
import type { Rewrapping, RootKeyId, RootKeyReport } from "./types.js";

/** The root keys of an engine: a new one, everything wrapped anew under it, and the old one taken away. */
export interface Roots {
  /** Puts a new root key before all others of the key file, and gives its id. Then `rewrap` until nothing is left. */
  rotate(): Promise<string>;
  /** Wraps `most` masters anew that are under another root key than the current one; read `left`. Pause as you like. */
  rewrap(how?: Rewrapping): Promise<RootKeyReport>;
  /** Takes a root key out of the key file that wraps nothing any more. */
  retire(key: RootKeyId): Promise<RootKeyReport>;
}

/**
 * The root keys of an engine.
 * @internal
 */
export function roots(native: NativeEngine): Roots {
  return Object.freeze({
    rotate: async () => decode(await awaited(async () => native.rotateRootKey(NOTHING))).kid,
    rewrap: async (how: Rewrapping = {}) => decode(await awaited(async () => native.rewrapMasters(encode(how)))),
    retire: async (key: RootKeyId) => decode(await awaited(async () => native.retireRootKey(encode(key)))),
  });
}
