// What npm `jose` accepts of a list of tokens: JSON in, JSON out. As careful as its documentation tells one to be.
import { createLocalJWKSet, jwtVerify } from "jose";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { now, audience, algorithms, issuers, tokens } = JSON.parse(text);
const sets = issuers.map(({ iss, jwks }) => ({ iss, keys: createLocalJWKSet(jwks) }));

async function accepts(token) {
  for (const { iss, keys } of sets) {
    const wanted = { issuer: iss, audience, algorithms, typ: "at+jwt", requiredClaims: ["exp", "sub"], currentDate: new Date(now * 1000) };
    if (await jwtVerify(token, keys, wanted).then(() => true, () => false)) return true;
  }
  return false;
}

const answers = [];
for (const token of tokens) answers.push(await accepts(token));
process.stdout.write(JSON.stringify(answers));
