// Making the local root key file.
import { addon } from "./addon.js";
import { awaited, encode } from "./codec.js";

/** Makes a root key file. Refuses where one exists. */
export async function createRootKeys(path: string): Promise<void> {
  const { Host } = addon();
  await awaited(async () => new Host().createRootKeys(encode({ path })));
}
