// The raw engine in Node: pairs for uids, reloads that are all or nothing, and no way from it to a permit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { Permit, PolicySet } from "@aios/node";

const USER = ["User", "ada"];
const READ = ["Action", "read"];
const policies = (name) => ({ policies: `@id("${name}") permit (principal, action, resource == Doc::"7");` });

test("a policy set says what its policies say of the names it is given", async () => {
  const set = await PolicySet.load(policies("a"));
  const decision = set.decide(USER, READ, { type: "Doc", id: "7" });
  assert.deepEqual([decision.allowed, decision.policies, decision.generation], [true, ["a"], 1]);
  const refused = set.decide(USER, READ, ["Doc", "8"], {});
  assert.deepEqual([refused.allowed, refused.code], [false, "policy.denied"]);
  assert.equal(inspect(set), "PolicySet { generation: 1, policies: 1, entities: 0 }");
  assert.ok(!(decision instanceof Permit) && !("complete" in decision));
});

test("a reload is all or nothing", async () => {
  const set = await PolicySet.load(policies("a"));
  await assert.rejects(set.reload({ policies: "permit (" }), { code: "config.invalid" });
  assert.deepEqual(set.decide(USER, READ, ["Doc", "7"]).policies, ["a"]);
  const view = await set.reload(policies("b"));
  const decision = set.decide(USER, READ, ["Doc", "7"]);
  assert.deepEqual([decision.policies, decision.generation, decision.digest], [["b"], 2, view.digest]);
  assert.deepEqual(set.view, view);
});

test("what is no entity, and what was not loaded, is refused", async () => {
  const set = await PolicySet.load(policies("a"));
  for (const wrong of [["User"], ["User", 7], { type: "User" }, { type: "User", id: "x", tenant: "acme" }]) {
    assert.throws(() => set.decide(wrong, READ, ["Doc", "7"]), { code: "policy.input" });
  }
  assert.throws(() => new PolicySet({}), TypeError);
});
