// A value that is put, used and shown leaves no trace in what Node prints: errors, inspection, reports, panics and files.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { START, refusal, world } from "./world.mjs";

const KEY = "sk-live-CANARY-of-nobody-0123456789";
const AT = "secret://acme/default/key";
const OWNER = { kind: "user", issuer: "corp", id: "ada" };
const POLICY = `
@id("admins") permit (principal in Aios::Role::"admin", action in [Aios::Action::"secret_admin", Aios::Action::"reveal"], resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
`;
const FORMS = [KEY, "CANARY", Buffer.from(KEY).toString("base64").slice(0, 40), Buffer.from(KEY).toString("hex")];

async function configured(t, vault = { reveal: true }) {
  const w = await world(t);
  writeFileSync(join(w.base, "policies/vault.cedar"), POLICY);
  const issuer = [w.issuer({ jwks: w.idp.jwks(), roles: { admin: "Admin", analyst: "Analyst" } })];
  const changes = { issuer, vault, development: { plaintext_loopback: true }, store: { url: "sqlite:aios.db" } };
  return { w, changes, admin: w.ada({ roles: ["Admin"] }) };
}

function showsNothing(text, whence) {
  for (const form of FORMS) assert.ok(!text.includes(form), `${form} stands in ${whence}`);
}

function filesShowNothing(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) filesShowNothing(path);
    else showsNothing(readFileSync(path).toString("latin1"), path);
  }
}

test("a value is shown as bytes that nothing prints, where the operator says so", async (t) => {
  const { w, changes, admin } = await configured(t);
  const aios = await w.open(changes);
  const { vault } = await aios.authenticate(admin);
  await vault.put({ reference: AT, value: KEY, owner: OWNER, limits: { uses: 1, per_seconds: 50 } });
  const shown = await vault.reveal({ reference: AT });
  assert.deepEqual([Buffer.from(shown.value).toString(), shown.reference, shown.fingerprint.length], [KEY, `${AT}@1`, 16]);
  const deep = { depth: null, showHidden: true, getters: true };
  showsNothing(`${inspect(shown, deep)} ${JSON.stringify(shown)} ${shown} ${inspect({ ...shown }, deep)}`, "what was shown");
  await assert.rejects(vault.reveal({ reference: AT }), refusal({ name: "Denied", code: "limit.rate", status: 429, retry_at: START + 51 }));
  await aios.close();
  const closed = await w.open({ ...changes, vault: {} });
  await assert.rejects(closed.vault.reveal({ credential: admin, reference: AT }), refusal({ code: "vault.reveal_off", status: 403 }));
  await closed.close();
});

test("nothing that Node prints or keeps has the value", async (t) => {
  const { w, changes, admin } = await configured(t);
  const server = createServer((request, response) => {
    const key = request.headers.authorization ?? "";
    response.setHeader("connection", "close");
    response.end(request.url === "/v1/echo" ? `${key} ${Buffer.from(key).toString("base64")}` : "done");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const host = `127.0.0.1:${server.address().port}`;
  const gone = createServer();
  await new Promise((listening) => gone.listen(0, "127.0.0.1", listening));
  const nobody = `127.0.0.1:${gone.address().port}`;
  await new Promise((closed) => gone.close(closed));
  const asked = { configuration: w.configuration(changes), base: w.base, now: START, key: KEY.split("-"), admin, read: w.read(), hosts: [host, nobody] };
  const script = fileURLToPath(new URL("programs/traces.mjs", import.meta.url));
  const env = { ...process.env, NODE_DEBUG: "http,net,tls,stream", RUST_BACKTRACE: "full" };
  const child = spawn(process.execPath, ["--trace-warnings", "--trace-uncaught", script], { env, stdio: "pipe" });
  let both = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (both += part));
  child.stdin.end(JSON.stringify(asked));
  const ended = await new Promise((done) => child.on("close", (code, signal) => done(signal ?? code)));
  assert.equal(ended, "SIGKILL", both);
  for (const word of ["policy.input", "vault.not_admitted", "vault.upstream", "vault.conflict", "panicked at", "internal: ", "javascriptStack"]) {
    assert.ok(both.includes(word), `nothing says ${word}: ${both.slice(0, 4000)}`);
  }
  showsNothing(both, "what was printed");
  filesShowNothing(w.base);
});
