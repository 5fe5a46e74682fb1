// The raw engine: policies asked about whoever the program names. It is not the gate, which is Aios.
import { inspect } from "node:util";
import { addon } from "./addon.js";
import { NOTHING, awaited, decode, encode, now } from "./codec.js";
import type { NativePolicySet } from "./native.js";
import type { EntityRef, PolicySetView, PolicyTexts, RawDecision, RawQuestion } from "./types.js";

/** An entity's type with its namespace, and its id. */
export type Uid = readonly [type: string, id: string];

/**
 * Policies, perhaps with a schema and static entities. Not the gate: nobody is verified, no tenant is held apart, nothing is
 * recorded, and no permit comes of it.
 */
export class PolicySet {
  readonly #native: NativePolicySet;

  private constructor(native: NativePolicySet) {
    if (!(native instanceof addon().PolicySet)) throw new TypeError("policy sets come from PolicySet.load()");
    this.#native = native;
  }

  /** Loads policies; throws the refusal `config.invalid` with every mistake found. With a schema everything is validated strictly. */
  static async load(texts: PolicyTexts): Promise<PolicySet> {
    const { Host } = addon();
    return new PolicySet(await awaited(async () => new Host().loadPolicies(encode(texts))));
  }

  /** What the policies say of these names, for whom the caller vouches. Any error is a no. Read `allowed`: the answer itself is always true. */
  decide(principal: Uid | EntityRef, action: Uid | EntityRef, resource: Uid | EntityRef, context: RawQuestion["context"] = {}): RawDecision {
    const asked = { principal: entity(principal), action: entity(action), resource: entity(resource), context };
    return decode(now(() => this.#native.decide(encode<RawQuestion>(asked))));
  }

  /** Puts others in their place, all at once. Where these cannot be loaded, it throws and the old ones stay. */
  async reload(texts: PolicyTexts): Promise<PolicySetView> {
    return decode(await awaited(async () => this.#native.reload(encode(texts))));
  }

  /** What is loaded: generation, digest, and how much. */
  get view(): PolicySetView {
    return now(() => decode(this.#native.view(NOTHING)));
  }

  [inspect.custom](): string {
    const { generation, policies, entities } = this.view;
    return `PolicySet { generation: ${generation}, policies: ${policies}, entities: ${entities} }`;
  }
}

function entity(uid: Uid | EntityRef): EntityRef {
  if (!Array.isArray(uid)) return uid as EntityRef;
  const [type, id] = uid as Uid;
  return { type, id };
}
