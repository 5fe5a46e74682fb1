// Policies that tenants keep in the store, as whoever administers them sees them.
import { awaited, decode, encode } from "./codec.js";
import type { NativeLayer } from "./native.js";
import type { ChangePolicies, ListPolicies, PolicyList, PutPolicy, RemovePolicy, WrittenPolicies } from "./types.js";

/** The policies that an engine's tenants keep. Of a principal's no operation takes a credential. */
export interface Layer {
  /** Keeps a policy, in the place of the one of its name; with `expect`, only where the tenant's are at that revision. */
  put(policy: PutPolicy): Promise<WrittenPolicies>;
  /** Takes a policy out. */
  remove(policy: RemovePolicy): Promise<WrittenPolicies>;
  /** Makes several changes, all of them or none. No decision sees half of them. */
  change(changes: ChangePolicies): Promise<WrittenPolicies>;
  /** All policies that are kept, as they stand now. */
  list(asked?: ListPolicies): Promise<PolicyList>;
}

/**
 * The policies that a receiver gives once they are first needed.
 * @internal
 */
export function layer(given: () => NativeLayer): Layer {
  let native: NativeLayer | undefined;
  const on = (): NativeLayer => {
    native ??= given();
    return native;
  };
  return Object.freeze({
    put: async (policy: PutPolicy) => decode(await awaited(async () => on().put(encode(policy)))),
    remove: async (policy: RemovePolicy) => decode(await awaited(async () => on().remove(encode(policy)))),
    change: async (changes: ChangePolicies) => decode(await awaited(async () => on().change(encode(changes)))),
    list: async (asked: ListPolicies = {}) => decode(await awaited(async () => on().list(encode(asked)))),
  });
}
