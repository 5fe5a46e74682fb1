// A panic anywhere in the native layer is the failure `internal`, and the process lives on.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { Aios, CODES } from "@aios/node";
import { native, refusal, world } from "./world.mjs";

const kit = new native.Kit();
const SECRETS = `
@id("keeps") permit (principal in Aios::Role::"analyst", action == Aios::Action::"secret_admin", resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
`;
const OPERATIONS = [...native.operations(), ...native.testingOperations()];

test("a panic in any operation of both tables is the failure internal", async (t) => {
  const receivers = await everyReceiver(t);
  const seen = [];
  for (const operation of OPERATIONS) {
    const [receiver, name] = operation.split(".");
    const method = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    assert.equal(typeof receivers[receiver]?.[method], "function", operation);
    kit.panicNext("{}");
    // The panic comes before the request is looked at.
    await internal(async () => receivers[receiver][method]("{}"), operation);
    seen.push(operation);
  }
  assert.deepEqual(seen, OPERATIONS);
  assert.equal(JSON.parse(kit.echo('{"action": "a", "resource": {"type": "A", "id": "b"}}')).digest, "a");
});

test("a panic in what stands beside the tables is the failure internal", async (t) => {
  const receivers = await everyReceiver(t);
  const beside = [
    ...Object.values(receivers).map((receiver) => () => receiver.release()),
    () => new native.Host(),
    () => new native.Kit(),
    () => native.share(receivers.Engine, "a"),
    () => native.findShared("a"),
    () => native.unshare("a"),
  ];
  for (const work of beside) {
    kit.panicNext("{}");
    await internal(async () => work(), String(work));
  }
});

test("the package says so with its own error", async (t) => {
  const w = await world(t);
  const [aios, read] = [await w.open(), w.read()];
  for (const work of [
    () => aios.authorize(read),
    () => aios.check(read),
    async () => aios.checkSync(read),
    () => aios.authenticate("x"),
    () => aios.audit.verify(),
    () => aios.flush(),
    async () => aios.share(),
    async () => Aios.shared("x"),
    () => aios.close(),
  ]) {
    kit.panicNext("{}");
    await assert.rejects(work, refusal({ name: "Failed", code: "internal", status: 500, message: MESSAGE }));
  }
  // The panic came before the engine was closed.
  assert.equal((await aios.check(read)).allowed, true);
});

const MESSAGE = `internal: ${CODES.internal.sentence}; ${CODES.internal.remedy}`;

async function internal(work, label) {
  await assert.rejects(work, (error) => {
    assert.equal(JSON.parse(error.message).code, "internal", `${label}: ${error.message}`);
    return true;
  });
}

/** One of each receiver, by the native layer. */
async function everyReceiver(t) {
  const w = await world(t);
  const ask = JSON.stringify;
  writeFileSync(join(w.base, "policies/secrets.cedar"), SECRETS);
  const upstream = createServer((_, response) => response.end("ok"));
  await new Promise((listening) => upstream.listen(0, "127.0.0.1", listening));
  t.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const host = `127.0.0.1:${upstream.address().port}`;
  const Clock = kit.clock(ask({ seconds: 1_800_000_000 }));
  const Engine = await Clock.engine(ask({ configuration: w.configuration({ development: { plaintext_loopback: true } }), base: w.base }));
  const Idp = kit.idp(ask({ iss: "https://panics.example.com/" }));
  const Vault = Engine.vault("{}");
  const owner = { kind: "user", issuer: "corp", id: "ada" };
  const http = { hosts: [host], header: "x-api-key", template: "{}" };
  await Vault.put(ask({ credential: w.ada(), reference: "secret://acme/default/key", value: "0123456789", owner, http }));
  const Permit = await Engine.authorize(ask(w.read()));
  const SecretUse = await Permit.credential(ask({ name: "key" }));
  return {
    Host: new native.Host(),
    Engine,
    Audit: Engine.audit("{}"),
    Vault,
    Payload: await Vault.decrypt(ask({ credential: w.ada(), resource: w.read().resource })),
    Entities: Engine.entities("{}"),
    Layer: Engine.layer("{}"),
    SecretUse,
    SecretSending: await SecretUse.upload(ask({ method: "GET", url: `http://${host}/` })),
    SecretAnswer: await SecretUse.fetch(ask({ method: "GET", url: `http://${host}/` })),
    PolicySet: await new native.Host().loadPolicies(ask({ policies: "" })),
    Principal: await Engine.authenticate(ask({ credential: w.ada() })),
    Permit,
    Kit: new native.Kit(),
    Clock,
    Idp,
    Served: await Idp.serve("{}"),
  };
}
