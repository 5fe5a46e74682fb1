// Hostile and careless arguments are refused with a code, and never more than refused.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runInNewContext } from "node:vm";
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

class Transfer {
  #amount = 5000;
  get amount() {
    return this.#amount;
  }
}
const secret = "5000-not-to-be-shown";

/** What JSON.stringify would drop or change inside a question, and the place at which it is refused instead. */
const LOST = {
  Infinity: [{ amount: Infinity }, "amount"],
  NaN: [{ amount: NaN }, "amount"],
  "a function": [{ amount: () => 5000 }, "amount"],
  "a symbol": [{ amount: Symbol(secret) }, "amount"],
  "a BigInt": [{ amount: 5000n }, "amount"],
  undefined: [{ amount: undefined }, "amount"],
  "undefined in a list": [{ rows: [1, undefined] }, "rows[1]"],
  "a hole in a list": [{ rows: [1, , 3] }, "rows"],
  "a member of a list": [{ rows: Object.assign([1], { amount: 5000 }) }, "rows"],
  "a class of lists": [{ rows: new (class extends Array {})() }, "rows"],
  "a Map": [new Map([["amount", secret]])],
  "a Set": [{ deep: [{ er: new Set([secret]) }] }, "deep[0].er"],
  "a Date": [{ at: new Date() }, "at"],
  "a boxed number": [{ amount: new Number(5000) }, "amount"],
  "typed numbers": [{ amount: new Uint8Array(3) }, "amount"],
  "a getter of a class": [new Transfer()],
  "an inherited member": [Object.create({ amount: secret })],
  "a member inherited from an object without a prototype": [Object.create(Object.assign(Object.create(null), { amount: secret }))],
  "a toJSON": [{ amount: 5000, toJSON: () => ({}) }, "toJSON"],
  "a name that is a symbol": [{ [Symbol(secret)]: 5000 }],
  "a member that is not enumerable": [Object.defineProperty({}, "amount", { value: secret })],
  "a Map of another realm": [runInNewContext("new Map([['amount', 5000]])")],
  "129 levels": [JSON.parse(`${'{"a":'.repeat(128)}{}${"}".repeat(128)}`), "a".concat(".a".repeat(60))],
  "more values than fit in memory": [Array.from({ length: 100 }).reduce((inner) => ({ a: inner, b: inner }), {})],
};

test("what has no JSON form is refused at its place, and never left out", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const permit = await aios.authorize(w.read());
  const ada = await aios.authenticate(w.ada());
  const places = [
    ["input", (value) => aios.checkSync(w.read({ input: value }))],
    ["context", (value) => ada.checkSync({ action: "read", resource: REPORT, context: value })],
    ["input", (value) => aios.checkSync({ principal: ada, action: "read", resource: REPORT, input: value })],
    ["resource.attrs", (value) => aios.checkSync(w.read({ resource: { ...REPORT, attrs: value } }))],
    ["data", (value) => permit.complete("ok", value)],
  ];
  for (const [what, [value, inside]] of Object.entries(LOST)) {
    for (const [place, ask] of places) {
      assert.throws(() => ask(value), (error) => {
        assert.equal(error.code, "policy.input", `${what}: ${error.stack}`);
        const full = inside === undefined ? place : `${place}.${inside}`;
        assert.ok(error.at.startsWith(full), `${what} in ${place}: ${error.at}`);
        assert.ok(!JSON.stringify(error).includes("5000"), `${what}: the message repeats the value`);
        return true;
      });
    }
  }
  await assert.rejects(Aios.open({ ...w.configuration(), audit: undefined }), refusal({ code: "policy.input", at: "configuration.audit" }));
  class Question {
    get input() {
      return { amount: 5000 };
    }
  }
  for (const asker of [{ credential: w.ada() }, { principal: ada }]) {
    const question = Object.assign(new Question(), { action: "read", resource: REPORT, ...asker });
    assert.throws(() => aios.checkSync(question), refusal({ code: "policy.input", at: null }));
  }
  permit.complete("ok");
});

test("plain data reaches policy whole, whichever realm made it, and is read once", async (t) => {
  const w = await world(t);
  writeFileSync(join(w.base, "policies/transfer.cedar"), TRANSFER);
  writeFileSync(join(w.base, "policies/schema.cedarschema"), SCHEMA);
  const aios = await w.open();
  const code = (input) => aios.checkSync(w.read({ action: "transfer", input })).code;
  assert.equal(code({ amount: 100 }), null);
  const over = { amount: 101 };
  const plain = [
    over,
    Object.assign(Object.create(null), over),
    runInNewContext("({ amount: 101, rows: [1, 2] })"),
    Object.freeze({ ...over, constructor: "x", toJSON: "y" }),
    new Proxy(over, {}),
    structuredClone(over),
  ];
  for (const input of plain) assert.equal(code(input), "policy.denied");
  // The schema knows no such member, which shows that it arrived.
  assert.equal(code(JSON.parse('{"amount": 1, "__proto__": {"amount": 5}}')), "policy.input");
  let reads = 0;
  const changing = () => (reads += 1) === 1 ? 101 : 1;
  const read = [
    { get amount() { return changing(); } },
    new Proxy({ amount: 0 }, { get: (target, name) => name === "amount" ? changing() : target[name] }),
  ];
  for (const input of read) {
    reads = 0;
    assert.deepEqual([code(input), reads], ["policy.denied", 1]);
  }
  const absent = { trace: undefined, call: undefined, context: undefined, principal: undefined, resource: { ...REPORT, attrs: undefined } };
  assert.equal(aios.checkSync(w.read({ ...absent, input: undefined })).allowed, true);
});

const TRANSFER = `@id("transfers") permit (principal, action == Aios::Action::"transfer", resource);
@id("limit") forbid (principal, action == Aios::Action::"transfer", resource)
  when { context.input has amount && context.input.amount > 100 };`;
const SCHEMA = `namespace Aios { action transfer appliesTo { principal: [User], resource: [Data],
  context: { input: { amount?: Long, rows?: Set<Long>, "constructor"?: __cedar::String, "toJSON"?: __cedar::String } } }; }`;

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
