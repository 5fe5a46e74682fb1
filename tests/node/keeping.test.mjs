// Keys and secrets that are rotated, and what the doctor says of them.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { engine } from "@aios/node/testing";
import { START, world } from "./world.mjs";

const DAY = 86_400;
const POLICY = '@id("admins") permit (principal in Aios::Role::"admin", action == Aios::Action::"secret_admin", resource);';
const OWNER = { kind: "service", issuer: "corp", id: "job" };

async function kept(t) {
  const here = await world(t);
  writeFileSync(join(here.base, "policies/vault.cedar"), POLICY);
  const issuer = { ...here.configuration().issuer[0], roles: { admin: "Admin" } };
  const configuration = here.configuration({ store: { url: "sqlite:aios.db" }, issuer: [issuer] });
  const gate = await engine(configuration, { base: here.base, now: START });
  const token = (now = START) => {
    const claims = { sub: "root", aud: "api://aios", tid: "t-acme", roles: ["Admin"], iat: now, exp: now + 600 };
    return here.idp.sign(claims);
  };
  return { here, gate, token };
}

test("a root key is rotated, everything wrapped anew, and the old one taken away", async (t) => {
  const { here, gate, token } = await kept(t);
  await gate.vault.put({ credential: token(), reference: "secret://acme/prod/a", value: "sk-1", owner: OWNER });
  const old = (await gate.roots.rewrap({ dry_run: true })).current;
  const made = await gate.roots.rotate();
  await assert.rejects(gate.roots.retire({ kid: old }), { code: "key.in_use" });
  const report = await gate.roots.rewrap();
  assert.deepEqual([report.left, report.current, Object.keys(report.wraps)], [0, made, [made]]);
  await gate.roots.retire({ kid: old });
  assert.ok(!readFileSync(join(here.base, "root.keys"), "utf8").includes(old));
  assert.equal((await gate.vault.verify({ credential: token() })).ok, true);
  await assert.rejects(gate.roots.rewrap({ most: 0 }), { code: "policy.input" });
  await gate.close();
});

test("a secret is due a month later, and the doctor says so when nobody rotates it", async (t) => {
  const { gate, token } = await kept(t);
  const schedule = { rotate_every: 30 * DAY, max_age: 45 * DAY };
  await gate.vault.put({ credential: token(), reference: "secret://acme/prod/a", value: "sk-1", owner: OWNER, schedule });
  assert.equal((await gate.doctor()).ok, true);
  gate.clock.advance(46 * DAY);
  const due = await gate.vault.due({ credential: token(START + 46 * DAY) });
  assert.deepEqual([due.secrets[0].reference, due.secrets[0].age], ["secret://acme/prod/a@1", "overdue"]);
  const { symptoms } = await gate.doctor({ unused_days: 40 });
  assert.deepEqual(symptoms.map((symptom) => symptom.code).sort(), ["vault.overdue", "vault.unused"]);
  await gate.vault.rotate({ credential: token(START + 46 * DAY), reference: "secret://acme/prod/a@1", value: "sk-2" });
  assert.equal((await gate.doctor()).ok, true);
  const moved = await gate.vault.rewrap({ credential: token(START + 46 * DAY) });
  assert.deepEqual([moved.moved, moved.finished], [1, false]);
  await gate.close();
});
