// Batches of verifications in Node for `compare.py`: a library and `cold` or `warm` in, processor seconds out.
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const peer = (name) => import(pathToFileURL(createRequire(at("tests/peers/package.json")).resolve(name)).href);
const { Aios } = createRequire(import.meta.url)(at("aios-node"));
const jose = await peer("jose");
const { createVerifier } = await peer("fast-jwt");
const { JwtVerifier } = await peer("aws-jwt-verify");

const { configuration, iss, audience, jwks, tokens } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const [first, ...rest] = tokens;
const keys = jose.createLocalJWKSet(jwks);
const key = createPublicKey({ key: jwks.keys[0], format: "jwk" }).export({ type: "spki", format: "pem" });
const aws = JwtVerifier.create({ issuer: iss, audience, jwksUri: "https://unused.example/keys" });
aws.cacheJwks(jwks);

const fast = (cache) => createVerifier({ key, algorithms: ["RS256"], allowedIss: iss, allowedAud: audience, cache });

/** What verifies a token in each library; made anew for each batch, where it remembers tokens. */
const LIBRARIES = {
  aios: async () => {
    const gate = await Aios.open(configuration, { base: at("benches/inputs") });
    return [(token) => gate.authenticate(token), () => gate.close()];
  },
  jose: async () => [(token) => jose.jwtVerify(token, keys, { issuer: iss, audience, algorithms: ["RS256"] })],
  "fast-jwt": async (state) => [fast(state === "warm" ? 1000 : false)],
  "aws-jwt-verify": async () => [(token) => aws.verifySync(token)],
};

async function batch(verify) {
  const before = process.cpuUsage();
  for (const token of rest) {
    const answer = verify(token);
    if (answer instanceof Promise) await answer;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, state] = line.split(" ");
  const [verify, close = () => {}] = await LIBRARIES[name](state);
  await verify(first);
  if (state === "warm") await batch(verify);
  const seconds = await batch(verify);
  await close();
  console.log(seconds);
}
