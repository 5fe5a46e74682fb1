// Payloads: bytes of any length under the tenant's key, in Node's idiom.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { inspect } from "node:util";
import { refusal, world } from "./world.mjs";

const POLICY = `
@id("pipeline") permit (principal in Aios::Role::"analyst", action in [Aios::Action::"read", Aios::Action::"write"], resource is Aios::Memory);
`;
const RUN = { type: "Aios::Memory", id: "run-7", tenant: "acme" };
const CONTENT = new Uint8Array(2_300_000).map((_, at) => at % 251);

async function opened(t) {
  const w = await world(t);
  writeFileSync(join(w.base, "policies/payloads.cedar"), POLICY);
  const aios = await w.open();
  const asked = { credential: w.ada(), resource: RUN };
  return { vault: aios.vault, asked };
}

test("a payload is sealed and opened whole, in parts and as a stream", async (t) => {
  const { vault, asked } = await opened(t);
  const sealed = await (await vault.encrypt(asked)).whole(CONTENT);
  assert.equal(Buffer.from(sealed).indexOf(CONTENT.subarray(0, 64)), -1);
  assert.deepEqual(await (await vault.decrypt(asked)).whole(sealed), CONTENT);
  const streams = [await vault.encrypt(asked), await vault.decrypt(asked)].map((payload) => payload.stream());
  const [sealing, opening] = streams;
  const through = new Blob([CONTENT]).stream().pipeThrough(sealing).pipeThrough(opening);
  assert.deepEqual(new Uint8Array(await new Response(through).arrayBuffer()), CONTENT);
});

test("what is not whole, or of another thing, is refused and over", async (t) => {
  const { vault, asked } = await opened(t);
  const sealed = await (await vault.encrypt(asked)).whole(new TextEncoder().encode("content"));
  const other = { ...asked, resource: { ...RUN, id: "run-8" } };
  const longer = new Uint8Array([...sealed, 1]);
  for (const [data, of] of [[sealed.subarray(0, -1), asked], [longer, asked], [new Uint8Array(), asked], [sealed, other]]) {
    const payload = await vault.decrypt(of);
    await assert.rejects(payload.whole(data), refusal({ name: "Failed", code: "vault.undecryptable" }));
    await assert.rejects(payload.update(sealed), refusal({ name: "Denied", code: "audit.permit_ended" }));
  }
  const cut = new Blob([sealed.subarray(0, -1)]).stream().pipeThrough((await vault.decrypt(asked)).stream());
  await assert.rejects(new Response(cut).arrayBuffer(), refusal({ code: "vault.undecryptable" }));
  const data = { ...asked, resource: { ...RUN, type: "Aios::Data" } };
  await assert.rejects(vault.encrypt(data), refusal({ code: "policy.denied" }));
  assert.equal(inspect(await vault.encrypt(asked)), "Payload");
});
