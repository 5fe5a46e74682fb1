// Credentials in the hands of real clients: the key reaches the allowed host alone, and nothing of JavaScript holds it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { inspect } from "node:util";
import { refusal, world } from "./world.mjs";

const peers = createRequire(new URL("../peers/package.json", import.meta.url));
const OpenAI = peers("openai").default;
const Anthropic = peers("@anthropic-ai/sdk").default;

const KEY = "sk-live-CANARY-of-nobody-0123456789";
const POLICY = `
@id("admins") permit (principal in Aios::Role::"admin", action == Aios::Action::"secret_admin", resource);
@id("uses") permit (principal in Aios::Role::"analyst", action == Aios::Action::"use", resource is Aios::Secret);
`;

/** Answers by path; notes what it was asked and whether the key came. */
async function serve(t, elsewhere = "") {
  const seen = [];
  const server = createServer((request, response) => {
    const key = request.headers.authorization?.replace("Bearer ", "") ?? request.headers["x-api-key"];
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      seen.push({ path: request.url, key, body });
      answer(request.url, key, body, response, elsewhere);
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${server.address().port}`;
  return { host, url: `http://${host}`, seen };
}

function answer(path, key, body, response, elsewhere) {
  const json = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (path === "/v1/redirect") return response.writeHead(307, { location: `${elsewhere}/v1/stolen` }).end();
  if (path === "/v1/nothing") return response.writeHead(204).end();
  if (path.startsWith("/v1/echo")) {
    return json(401, { error: { message: `bad key ${key} ${Buffer.from(key).toString("base64")} ${Buffer.from(key).toString("hex")}` } });
  }
  if (path === "/v1/messages") {
    const usage = { input_tokens: 1, output_tokens: 1 };
    return json(200, { id: "m", type: "message", role: "assistant", model: "m", content: [{ type: "text", text: "hello" }], usage });
  }
  if (!body.includes('"stream":true')) {
    return json(200, { id: "c", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, message: { role: "assistant", content: "hello" } }] });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of ["one ", "two ", key]) {
    const event = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`;
    response.write(event.slice(0, -20));
    response.write(event.slice(-20));
  }
  response.end("data: [DONE]\n\n");
}

async function scene(t) {
  const w = await world(t);
  writeFileSync(join(w.base, "policies/use.cedar"), POLICY);
  const other = await serve(t);
  const server = await serve(t, other.url);
  const aios = await w.open({
    issuer: [w.issuer({ jwks: w.idp.jwks(), roles: { admin: "Admin", analyst: "Analyst" } })],
    development: { plaintext_loopback: true },
    store: { url: "sqlite:aios.db" },
  });
  const owner = { kind: "user", issuer: "corp", id: "ada" };
  const put = (name, header, template) => {
    const http = { hosts: [server.host], header, template };
    const reference = `secret://acme/default/${name}`;
    return aios.vault.put({ credential: w.ada({ roles: ["Admin"] }), reference, value: KEY, owner, http });
  };
  await put("openai", "authorization", "Bearer {}");
  await put("anthropic", "x-api-key", "{}");
  return { w, aios, server, other, permit: await aios.authorize(w.read()) };
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

const messages = [{ role: "user", content: "hi" }];

within("OpenAI's client works with a key that is none, also streaming", async ({ permit, server }) => {
  const credential = await permit.credential("openai");
  const client = new OpenAI({ apiKey: "unused", baseURL: `${server.url}/v1`, fetch: credential.fetchWrapper(), maxRetries: 0 });
  const answered = await client.chat.completions.create({ model: "m", messages });
  assert.equal(answered.choices[0].message.content, "hello");
  const texts = [];
  for await (const part of await client.chat.completions.create({ model: "m", messages, stream: true })) {
    texts.push(part.choices[0].delta.content);
  }
  assert.deepEqual(texts, ["one ", "two ", "*".repeat(KEY.length)]);
  assert.deepEqual(server.seen.map(({ key }) => key), [KEY, KEY]);
});

within("Anthropic's client works with a key that is none", async ({ permit, server }) => {
  const { fetchWrapper } = await permit.credential("anthropic");
  const client = new Anthropic({ apiKey: "unused", baseURL: server.url, fetch: fetchWrapper(), maxRetries: 0 });
  const answered = await client.messages.create({ model: "m", max_tokens: 9, messages });
  assert.equal(answered.content[0].text, "hello");
  assert.deepEqual([server.seen[0].path, server.seen[0].key], ["/v1/messages", KEY]);
});

within("a redirect is an answer, and the key goes nowhere else", async ({ permit, server, other }) => {
  const credential = await permit.credential("openai");
  const answered = await credential.fetch(`${server.url}/v1/redirect`, { method: "POST", headers: { authorization: "Bearer mine" } });
  assert.equal(answered.status, 307);
  await assert.rejects(credential.fetch(answered.headers.get("location")), refusal({ code: "vault.not_admitted", status: 403 }));
  assert.deepEqual(other.seen, []);
});

within("an echo is masked in what a client throws", async ({ permit, server }) => {
  const { fetch } = { fetch: (await permit.credential("openai")).fetchWrapper() };
  const client = new OpenAI({ apiKey: "unused", baseURL: `${server.url}/v1/echo`, fetch, maxRetries: 0 });
  await assert.rejects(client.chat.completions.create({ model: "m", messages }), (error) => {
    assert.equal(error.status, 401);
    const shown = `${error.message} ${inspect(error, { depth: 9, showHidden: true })}`;
    assert.ok(shown.includes("bad key ***") && !shown.includes("CANARY"), shown);
    return true;
  });
});

within("an answer is a Response, and a request may be one of fetch's own", async ({ permit, server, aios, w }) => {
  const credential = await permit.credential("openai");
  assert.equal(credential.reference, "secret://acme/default/openai");
  assert.ok(!inspect(credential, { depth: 9, showHidden: true }).includes("CANARY"));
  const nothing = await credential.fetch(new Request(`${server.url}/v1/nothing#part`, { method: "POST", body: "x" }));
  assert.ok(nothing instanceof Response);
  assert.deepEqual([nothing.status, nothing.body, server.seen.at(-1).body], [204, null, "x"]);
  const large = "y".repeat(6 * 1024 * 1024);
  assert.equal((await credential.fetch(new URL(`${server.url}/v1/a`), { method: "POST", body: large })).status, 200);
  assert.equal(server.seen.at(-1).body.length, large.length);
  await assert.rejects(credential.fetch(`${server.url}/v1/a`, { signal: AbortSignal.abort() }), { name: "AbortError" });
  const aborting = new AbortController();
  const stream = await credential.fetch(`${server.url}/v1/a`, { method: "POST", body: '{"stream":true}', signal: aborting.signal });
  aborting.abort();
  await assert.rejects(stream.text(), { name: "AbortError" });
  const client = await aios.vault.client({ credential: w.ada(), reference: "secret://acme/default/openai" });
  assert.equal((await client.fetch(`${server.url}/v1/a`, { method: "POST" })).status, 200);
  permit.complete("ok");
  await assert.rejects(credential.fetch(`${server.url}/v1/a`), refusal({ code: "audit.permit_ended" }));
  await assert.rejects(permit.credential("openai"), refusal({ code: "audit.permit_ended" }));
  await aios.flush();
  for (const name of readdirSync(w.base)) {
    const path = join(w.base, name);
    if (statSync(path).isFile()) assert.ok(!readFileSync(path).includes("CANARY"), name);
  }
});
