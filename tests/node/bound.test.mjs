// A client that was not written here (npm's dpop) sends proofs over HTTP to a host as docs/tokens.md shows it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { Aios } from "@aios/node";
import * as dpop from "../peers/node_modules/dpop/build/index.js";
import { world } from "./world.mjs";

const PAGE = readFileSync(new URL("../../docs/tokens.md", import.meta.url), "utf8");
const [, shown] = PAGE.split("\n```js\n");
const credential = new Function(`${shown.split("\n```\n")[0]}\nreturn credential;`)();

/** A host that lets in whom the engine knows, and answers others as refusals say. */
async function host(t, store) {
  // Before the world's own: a store is closed before its folder goes.
  t.after(async () => {
    server?.close();
    await server?.gate?.close();
  });
  let server;
  const scene = await world(t);
  server = createServer(async (request, response) => {
    try {
      const principal = await server.gate.authenticate(credential(request));
      response.writeHead(200).end(JSON.stringify({ subject: principal.subject, binding: principal.binding }));
    } catch (refused) {
      const headers = Object.entries({ "WWW-Authenticate": refused.challenge, "DPoP-Nonce": refused.nonce });
      response.writeHead(refused.status, Object.fromEntries(headers.filter(([, value]) => value))).end(refused.code);
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  const development = { plaintext_loopback: true };
  const configuration = { ...scene.configuration(), public_url: url, development, store: { url: store } };
  server.gate = await Aios.open(configuration, { base: scene.base });
  return { scene, url };
}

/** Ada's token, bound to a key. */
async function token(scene, keys) {
  const now = Math.floor(Date.now() / 1000);
  const cnf = { jkt: await dpop.calculateThumbprint(keys.publicKey) };
  return scene.idp.sign({ sub: "ada", aud: "api://aios", tid: "t-acme", roles: ["Analyst"], iat: now, exp: now + 600, cnf });
}

const get = (url, scheme, bearer, proof) =>
  fetch(url, { headers: { Authorization: `${scheme} ${bearer}`, ...(proof && { DPoP: proof }) } });

for (const algorithm of ["ES256", "Ed25519", "RS256", "PS256"]) {
  test(`a client's proofs with ${algorithm} pass once each`, async (t) => {
    const { scene, url } = await host(t, "sqlite:aios.db");
    const keys = await dpop.generateKeyPair(algorithm);
    const bearer = await token(scene, keys);
    const target = `${url}/report?page=2`;
    for (let call = 0; call < 3; call += 1) {
      const proof = await dpop.generateProof(keys, `${url}/report`, "GET", undefined, bearer);
      const answer = await get(target, "DPoP", bearer, proof);
      assert.deepEqual(await answer.json(), { subject: "ada", binding: "dpop" });
      const again = await get(target, "DPoP", bearer, proof);
      assert.equal(await again.text(), "token.pop_replayed");
      assert.match(again.headers.get("www-authenticate"), /^DPoP error="invalid_dpop_proof", algs="ES256 /);
    }
  });
}

test("a client is told a nonce, and passes with it", async (t) => {
  const { scene, url } = await host(t, "memory:");
  const keys = await dpop.generateKeyPair("ES256");
  const bearer = await token(scene, keys);
  const proof = (nonce) => dpop.generateProof(keys, `${url}/`, "GET", nonce, bearer);
  const asked = await get(url, "DPoP", bearer, await proof());
  assert.deepEqual([asked.status, await asked.text()], [401, "token.pop_nonce"]);
  assert.match(asked.headers.get("www-authenticate"), /^DPoP error="use_dpop_nonce"/);
  const nonce = asked.headers.get("dpop-nonce");
  assert.equal((await get(url, "DPoP", bearer, await proof(nonce))).status, 200);
  assert.equal((await get(url, "DPoP", bearer, await proof(nonce))).status, 200);
});

test("what another client sends is refused", async (t) => {
  const { scene, url } = await host(t, "sqlite:aios.db");
  const [keys, others] = [await dpop.generateKeyPair("ES256"), await dpop.generateKeyPair("ES256")];
  const bearer = await token(scene, keys);
  const proof = (by, path, method) => dpop.generateProof(by, `${url}${path}`, method, undefined, bearer);
  const good = await proof(keys, "/report", "GET");
  for (const [scheme, sent, code] of [
    ["DPoP", await proof(others, "/report", "GET"), "token.pop_invalid"],
    ["DPoP", await proof(keys, "/other", "GET"), "token.pop_invalid"],
    ["DPoP", await proof(keys, "/report", "POST"), "token.pop_invalid"],
    ["DPoP", `${good}, ${good}`, "token.pop_invalid"],
    ["DPoP", undefined, "token.pop_required"],
    ["Bearer", good, "token.pop_required"],
  ]) {
    const answer = await get(`${url}/report`, scheme, bearer, sent);
    assert.deepEqual([answer.status, await answer.text()], [401, code]);
  }
  assert.equal((await get(`${url}/report`, "DPoP", bearer, good)).status, 200);
});
