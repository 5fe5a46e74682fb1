// The gate in Node's idiom: callers, decisions, permits and their outcomes, and refusals as errors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { inspect } from "node:util";
import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { Aios, AuthenticationError, CODES, Denied, Failed, Permit, Principal, Refused } from "@aios/node";
import { TestClock } from "@aios/node/testing";
import { START, REPORT, native, refusal, world } from "./world.mjs";

test("a call goes from a token to its outcome and leaves a whole trail", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const permit = await aios.authorize(w.read({ call: "call-1" }));
  assert.ok(permit instanceof Permit);
  assert.equal(permit.action, "read");
  assert.equal(permit.principal.subject, "ada");
  assert.equal(permit.view.principal.tenant_id, "acme");
  assert.equal(permit.complete("ok", { rows: 3 }), undefined);
  assert.throws(() => permit.complete("ok"), refusal({ code: "audit.completed", status: 403 }));
  const report = await aios.audit.verify({ tenant: "acme" });
  assert.deepEqual([report.ok, report.level, report.dangling, report.violation], [true, "head", [], null]);
  await aios.close();
  await assert.rejects(aios.flush(), refusal({ code: "engine.closed", constructor: Failed }));
});

test("a check gives refusals as data, in both forms", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  for (const ask of [(question) => aios.check(question), (question) => aios.checkSync(question)]) {
    const yes = await ask(w.read());
    assert.deepEqual([yes.allowed, yes.code, yes.policies, yes.obligations], [true, null, ["analysts-read"], []]);
    const no = await ask(w.read({ action: "write" }));
    assert.deepEqual([no.allowed, no.code], [false, "policy.denied"]);
    const unknown = await ask(w.read({ credential: "not a token" }));
    assert.deepEqual([unknown.allowed, unknown.code], [false, "token.malformed"]);
  }
});

test("a check that may not wait says so until keys are at hand", async (t) => {
  const w = await world(t);
  const served = await w.idp.serve();
  const issuer = w.issuer({ discovery: true, allow_private: true });
  const aios = await w.open({ issuer: [issuer], development: { plaintext_loopback: true } });
  assert.throws(() => aios.checkSync(w.read()), refusal({ code: "would_wait", retry: "later", constructor: Failed }));
  assert.equal((await aios.check(w.read())).allowed, true);
  assert.equal(aios.checkSync(w.read()).allowed, true);
  assert.ok(served.requests >= 2);
  await served.stop();
  assert.equal(served.iss, null);
});

test("a principal asks without a credential, and only where it was verified", async (t) => {
  const w = await world(t);
  const [aios, other] = [await w.open(), await w.open()];
  const ada = await aios.authenticate(w.ada());
  assert.deepEqual([ada.subject, ada.tenant_id, ada.roles], ["ada", "acme", ["analyst", "auditor"]]);
  const question = { action: "read", resource: REPORT };
  assert.equal((await ada.check(question)).allowed, true);
  assert.equal(ada.checkSync(question).allowed, true);
  assert.equal((await aios.check({ ...question, principal: ada })).allowed, true);
  assert.equal(aios.checkSync({ ...question, principal: ada }).allowed, true);
  (await aios.authorize({ ...question, principal: ada })).complete("ok");
  (await ada.authorize(question)).complete("ok");
  await assert.rejects(other.authorize({ ...question, principal: ada }), refusal({ code: "token.foreign_principal" }));
  const both = { ...question, principal: ada, credential: w.ada() };
  await assert.rejects(aios.authorize(both), refusal({ code: "policy.input", at: "credential" }));
});

test("a view is no principal and no permit, and neither can be constructed", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const ada = await aios.authenticate(w.ada());
  const permit = await aios.authorize(w.read());
  const question = { action: "read", resource: REPORT };
  const fakes = [JSON.parse(JSON.stringify(ada)), structuredClone(ada), ada.view, permit, Object.create(Principal.prototype), "ada", 7];
  for (const fake of fakes) {
    await assert.rejects(aios.authorize({ ...question, principal: fake }), refusal({ code: "policy.input", at: "principal" }));
    assert.throws(() => aios.checkSync({ ...question, principal: fake }), refusal({ code: "policy.input" }));
  }
  assert.deepEqual(JSON.parse(JSON.stringify(permit)), permit.view);
  for (const made of [Aios, Principal, Permit]) {
    assert.throws(() => new made(), TypeError);
    assert.throws(() => new made(Object.create(native[made.name === "Aios" ? "Engine" : made.name].prototype)).view.id);
    assert.throws(() => new made({ view: () => "{}" }), TypeError);
  }
  assert.ok(Object.isFrozen(ada.view) && Object.isFrozen(ada.view.roles));
  assert.match(inspect(ada), /^Principal \{[^]*subject: 'ada'/);
  permit.complete("ok");
});

test("refusals are classes by status, with everything that is known", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  const cases = [
    [w.read({ credential: "x.y.z" }), AuthenticationError, "token.malformed", 401],
    [w.read({ credential: w.ada({ exp: START - 900, iat: START - 1000 }) }), AuthenticationError, "token.expired", 401],
    [w.read({ action: "write" }), Denied, "policy.denied", 403],
    [w.read({ resource: { ...REPORT, tenant: "globex" } }), Denied, "tenant.mismatch", 403],
  ];
  for (const [question, kind, code, status] of cases) {
    await assert.rejects(aios.authorize(question), (error) => {
      assert.equal(error.constructor, kind);
      assert.ok(error instanceof Refused && error instanceof Error);
      assert.deepEqual([error.name, error.code, error.status], [kind.name, code, status]);
      assert.equal(error.retry, CODES[code].retry);
      assert.ok(error.message.startsWith(`${code}: `) && error.hint.length > 0);
      assert.match(error.stack, /gate\.test\.mjs/);
      assert.deepEqual(Refused.from(structuredClone(error.toJSON())).toJSON(), error.toJSON());
      assert.equal(Refused.from(error.toJSON()).constructor, kind);
      assert.ok(structuredClone(error).message.startsWith(`${code}: `));
      assert.ok(!JSON.stringify(error).includes(question.credential));
      return true;
    });
  }
});

test("an engine opens from a file, and a wrong configuration says where", async (t) => {
  const w = await world(t);
  await assert.rejects(Aios.open(join(w.base, "absent.toml")), refusal({ constructor: Failed, code: "config.invalid" }));
  const { audience: _, ...incomplete } = w.configuration();
  await assert.rejects(Aios.open(incomplete, { base: w.base }), refusal({ code: "config.invalid", status: 500 }));
  await assert.rejects(Aios.open("a.toml", { base: "." }), refusal({ code: "config.invalid", at: "opening" }));
  const aios = await Aios.open(w.configuration(), { base: w.base });
  const now = Math.floor(Date.now() / 1000);
  assert.equal((await aios.check(w.read({ credential: w.ada({}, now) }))).allowed, true);
  await aios.close();
});

test("the clock is the test's", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  assert.ok(aios.clock instanceof TestClock);
  assert.equal(aios.clock.now, START);
  const token = w.ada();
  assert.equal((await aios.authenticate({ bearer: token })).expires_at, START + 600);
  aios.clock.advance(700);
  assert.equal(aios.clock.now, START + 700);
  await assert.rejects(aios.authenticate(token), refusal({ code: "token.expired", retry: "refresh" }));
  aios.clock.set(START);
  await aios.authenticate(token);
  w.idp.rotate();
  await assert.rejects(aios.authenticate(w.ada()), refusal({ code: "token.unknown_key" }));
});

test("run records ok or failed by the call's outcome, and gives what it gave", async (t) => {
  const w = await world(t);
  const aios = await w.open({ store: { url: "sqlite:aios.db" } });
  assert.equal(await aios.run(w.read(), async (permit) => `${permit.action} 42`), "read 42");
  const broken = new Error("the call broke");
  await assert.rejects(aios.run(w.read(), () => Promise.reject(broken)), (error) => error === broken);
  await assert.rejects(aios.run(w.read({ action: "write" }), () => assert.fail("it was called")), refusal({ code: "policy.denied" }));
  const late = await aios.authorize(w.read());
  late.stillOpen();
  aios.clock.advance(61);
  assert.throws(() => late.stillOpen(), refusal({ code: "audit.permit_ended" }));
  await assert.rejects(late.run(() => assert.fail("it was called")), refusal({ code: "audit.permit_ended" }));
  late.complete("failed");
  aios.clock.set(START);
  const own = await aios.authorize(w.read());
  await own.run((permit) => permit.complete("failed", { why: "by hand" }));
  await assert.rejects(own.run(() => assert.fail("it was called")), refusal({ code: "audit.completed" }));
  assert.equal(outcomes(await closed(aios, w)), "failed failed failed ok");
});

test("a permit that is disposed of uncompleted is recorded as abandoned", async (t) => {
  const w = await world(t);
  const aios = await w.open({ store: { url: "sqlite:aios.db" } });
  const [first, second, third] = [await aios.authorize(w.read()), await aios.authorize(w.read()), await aios.authorize(w.read())];
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await second[Symbol.asyncDispose]();
  third.complete("ok");
  await third[Symbol.asyncDispose]();
  assert.equal(first.action, "read");
  assert.throws(() => first.complete("ok"), refusal({ code: "audit.permit_ended" }));
  await assert.rejects(first.run(() => assert.fail("it was called")), refusal({ code: "audit.permit_ended" }));
  assert.deepEqual((await aios.audit.verify()).dangling, []);
  assert.equal(outcomes(await closed(aios, w)), "abandoned abandoned ok");
});

test("a permit that is forgotten is recorded as abandoned once it is collected", async (t) => {
  const w = await world(t);
  const aios = await w.open();
  v8.setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (let call = 0; call < 20; call += 1) await aios.authorize(w.read());
  assert.notEqual((await aios.audit.verify()).dangling.length, 0);
  // What the last turn held is free in the next one.
  for (let turn = 0; turn < 100 && (await dangling(aios)) > 0; turn += 1) collect();
  assert.equal(await dangling(aios), 0);
  await aios.close();
});

async function dangling(aios) {
  await aios.flush();
  return (await aios.audit.verify()).dangling.length;
}

/** What the store holds once the engine is closed. */
async function closed(aios, w) {
  await aios[Symbol.asyncDispose]();
  return readFileSync(join(w.base, "aios.db"), "latin1");
}

/** How calls ended, as it stands in the records' bodies. A page of the store may hold an old copy of a record. */
function outcomes(store) {
  const found = [...store.matchAll(/"intent":\{[^}]*"mac":"(\w+)"[^]*?"status":"(\w+)"/g)];
  return [...new Map(found.map(([, intent, status]) => [intent, status])).values()].sort().join(" ");
}
