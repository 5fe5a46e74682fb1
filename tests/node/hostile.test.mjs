// Hostile and careless arguments are refused with a code, and never more than refused.
import assert from "node:assert/strict";
import test from "node:test";
import { Aios, Refused } from "@aios/node";
import { REPORT, refusal, world } from "./world.mjs";

const cycle = {};
cycle.itself = cycle;
let deep = {};
for (let depth = 0; depth < 10_000; depth += 1) deep = { deep };
const throwing = {
  get input() {
    throw new Error("from a getter");
  },
};
const trap = new Proxy({}, { ownKeys: () => assert.fail("from a proxy"), get: () => assert.fail("from a proxy") });

/** What a question may hold instead of its members, and where that is refused. */
const MEMBERS = {
  "a cycle": { input: cycle },
  "10,000 levels": { input: deep },
  "a BigInt": { input: { rows: 3n } },
  "a symbol for an id": { resource: { ...REPORT, id: Symbol("x") } },
  "a function for an action": { action: () => "read" },
  "no action": { action: undefined },
  "no resource": { resource: undefined },
  "an array for input": { input: [] },
  "null for input": { input: null },
  "a lone surrogate": { input: { text: "\ud800" } },
  "a lone surrogate in a name": { input: { "\udfff": 1 } },
  "a lone surrogate in an id": { resource: { ...REPORT, id: "\udc00" } },
  "an unknown member": { colour: "blue" },
  "an own __proto__": JSON.parse('{"__proto__": {"action": "read"}}'),
  "a huge text": { input: { text: "x".repeat(32 * 1024 * 1024) } },
  "a huge id": { resource: { ...REPORT, id: "x".repeat(1024 * 1024) } },
  "a huge list": { input: { list: new Array(1_000_000).fill(1) } },
  "a toJSON that throws": { input: { toJSON: () => assert.fail("from toJSON") } },
};

test("what is no question is refused with a code in every form", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const ada = await aios.authenticate(w.ada());
  for (const [what, changes] of Object.entries(MEMBERS)) {
    const question = Object.defineProperties(w.read(), Object.getOwnPropertyDescriptors(changes));
    const { credential: _, ...own } = question;
    for (const ask of [
      () => aios.authorize(question),
      () => ada.authorize(own),
      () => aios.run(question, () => assert.fail("it was called")),
      async () => decided(await aios.check(question)),
      async () => decided(aios.checkSync(question)),
    ]) {
      await assert.rejects(ask, refusal({ code: "policy.input", status: 403 }), what);
    }
  }
  for (const question of [undefined, null, 7, "read", [], () => {}, 3n, throwing, trap, {}]) {
    const ofInput = (error) => error instanceof Refused && ["policy.input", "token.missing"].includes(error.code);
    await assert.rejects(aios.authorize(question), ofInput);
    await assert.rejects(async () => decided(await aios.check(question)), ofInput);
    assert.throws(() => decided(aios.checkSync(question)), ofInput);
  }
  assert.equal((await aios.check(w.read())).allowed, true);
});

/** A check gives refusals of a well-formed question as data. */
function decided(decision) {
  assert.equal(decision.allowed, false);
  throw Refused.from({ ...decision, message: "", status: 403 });
}

test("what is no credential is refused", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const credentials = [undefined, null, 7, 3n, {}, [], { bearer: 7 }, { bearer: "x", more: 1 }, cycle, deep, Symbol("x"), () => {}];
  for (const credential of credentials) await assert.rejects(aios.authenticate(credential), refusal({ code: "policy.input" }));
  for (const text of ["", ".", "..", "\0", "\ud800", "a.b.c", "x".repeat(32 * 1024 * 1024), `${w.ada()} `]) {
    await assert.rejects(aios.authenticate(text), (error) => {
      assert.ok(error instanceof Refused && /^(token|policy)\./.test(error.code), error.stack);
      assert.ok(text.length < 3 || !error.message.includes(text), "the message repeats the token");
      return true;
    });
  }
});

test("what is no outcome is refused and leaves the permit open", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const permit = await aios.authorize(w.read());
  for (const [status, data] of [[undefined], ["abandoned"], [7], ["ok", cycle], ["ok", deep], ["ok", { n: 1n }], ["ok", "text"], ["ok", null]]) {
    assert.throws(() => permit.complete(status, data), refusal({ code: "policy.input" }));
  }
  assert.throws(() => permit.complete("ok", { text: "x".repeat(17 * 1024) }), refusal({ code: "policy.input", at: "outcome" }));
  permit.complete("ok");
});

test("what is no configuration is refused", async () => {
  for (const source of [undefined, null, 7, [], cycle, deep, { a: 1n }, "", "\0", "/", trap]) {
    await assert.rejects(Aios.open(source), Refused);
  }
  await assert.rejects(Aios.open({}, null), Refused);
  await assert.rejects(Aios.open({}, { base: 7 }), Refused);
});
