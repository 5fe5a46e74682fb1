// Requests whose bodies come in parts: sent as they come, broken off where they fail.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import test from "node:test";
import { refusal, world } from "./world.mjs";

const KEY = "sk-live-CANARY-of-nobody-0123456789";
const POLICY = `
@id("admins") permit (principal in Aios::Role::"admin", action == Aios::Action::"secret_admin", resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
`;

/** Takes bodies, and says when the first part of one arrived and when one broke off. */
async function scene(t) {
  const w = await world(t);
  writeFileSync(join(w.base, "policies/use.cedar"), POLICY);
  const state = { seen: [], arrived: signal(), broken: signal() };
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => {
      parts.push(part);
      state.arrived.say();
    });
    request.on("error", () => state.broken.say());
    request.on("end", () => {
      const { authorization, "transfer-encoding": encoding, "content-length": length } = request.headers;
      state.seen.push({ known: authorization === `Bearer ${KEY}`, encoding, length, body: Buffer.concat(parts).toString() });
      response.writeHead(200, { connection: "close" }).end("taken");
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${server.address().port}`;
  const aios = await w.open({
    issuer: [w.issuer({ jwks: w.idp.jwks(), roles: { admin: "Admin", analyst: "Analyst" } })],
    development: { plaintext_loopback: true },
  });
  const http = { hosts: [host], header: "authorization", template: "Bearer {}" };
  const owner = { kind: "user", issuer: "corp", id: "ada" };
  const put = { reference: "secret://acme/default/key", value: KEY, owner, http };
  await aios.vault.put({ credential: w.ada({ roles: ["Admin"] }), ...put });
  const credential = await (await aios.authorize(w.read())).credential("key");
  return { ...state, state, aios, credential, url: `http://${host}/v1/files` };
}

function signal() {
  let say;
  const heard = new Promise((resolve) => (say = resolve));
  return { heard, say };
}

/** A test in a scene, whose engine closes before its folder goes. */
function within(name, run) {
  test(name, async (t) => {
    const set = await scene(t);
    try {
      await run(set);
    } finally {
      await set.aios.close();
    }
  });
}

/** The second part is made only once the first has arrived: nobody collects them. */
async function* parts({ arrived }) {
  yield Buffer.from("one ");
  await arrived.heard;
  yield Buffer.from("two");
}

const sending = (body, more = {}) => ({ method: "POST", body, duplex: "half", ...more });

within("a stream or an async iterable is sent as it comes", async (set) => {
  const stream = Readable.toWeb(Readable.from(parts(set)));
  for (const body of [stream, parts(set)]) {
    const answered = await set.credential.fetch(set.url, sending(body));
    assert.equal(await answered.text(), "taken");
  }
  const { seen } = set;
  assert.deepEqual(seen.map(({ body }) => body), ["one two", "one two"]);
  assert.ok(seen.every(({ known, encoding }) => known && encoding === "chunked"));
});

within("large parts are cut, and what is at hand says its length", async ({ credential, url, seen }) => {
  const large = Buffer.alloc(3 << 20, "x");
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(large));
      controller.close();
    },
  });
  assert.equal((await credential.fetch(url, sending(stream))).status, 200);
  for (const body of [large, new Blob([large])]) assert.equal((await credential.fetch(url, { method: "POST", body })).status, 200);
  assert.deepEqual(seen.map(({ body }) => body.length), [large.length, large.length, large.length]);
  assert.deepEqual(seen.map(({ length }) => length), [undefined, String(large.length), String(large.length)]);
});

within("a body that fails breaks the request off and is what is thrown", async ({ credential, url, arrived, broken, seen }) => {
  const failing = async function* () {
    yield Buffer.from("half");
    await arrived.heard;
    throw new RangeError("of the caller");
  };
  await assert.rejects(credential.fetch(url, sending(failing())), RangeError);
  await broken.heard;
  assert.deepEqual(seen, []);
});

within("who aborts ends the connection, also where the body waits", async ({ credential, url, arrived, broken, seen }) => {
  const aborting = new AbortController();
  const endless = async function* () {
    yield Buffer.from("half");
    await arrived.heard;
    aborting.abort();
    await new Promise(() => {});
  };
  await assert.rejects(credential.fetch(url, sending(endless(), { signal: aborting.signal })), { name: "AbortError" });
  await broken.heard;
  assert.deepEqual(seen, []);
});

within("what is not permitted asks for no part", async ({ credential, seen }) => {
  let asked = false;
  const never = new ReadableStream({ pull: () => void (asked = true) }, { highWaterMark: 0 });
  const elsewhere = "http://127.0.0.1:9/v1/files";
  await assert.rejects(credential.fetch(elsewhere, sending(never)), refusal({ code: "vault.not_admitted" }));
  assert.ok(!asked);
  assert.deepEqual(seen, []);
});
