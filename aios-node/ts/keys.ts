// Making the local root key file, and keeping what is unwrapped with it out of core dumps.
import { addon } from "./addon.js";
import { NOTHING, awaited, decode, encode, now } from "./codec.js";
import type { CoreDumps } from "./types.js";

/** Makes a root key file. Refuses where one exists. */
export async function createRootKeys(path: string): Promise<void> {
  const { Host } = addon();
  await awaited(async () => new Host().createRootKeys(encode({ path })));
}

/** Switches core dumps of this process off, for as long as it runs this program. Says whether they are: read `off`. */
export function forbidCoreDumps(): CoreDumps {
  const { Host } = addon();
  return decode(now(() => new Host().forbidCoreDumps(NOTHING)));
}
