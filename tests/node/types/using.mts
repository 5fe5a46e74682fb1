// A program with `using`, which Node 20 knows after compilation only.
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refused, createRootKeys } from "@aios/node";
import { TestIdp, engine } from "@aios/node/testing";

const base = await mkdtemp(join(tmpdir(), "aios-using-"));
await mkdir(join(base, "policies"));
await writeFile(join(base, "policies/all.cedar"), "permit (principal, action, resource);");
await createRootKeys(join(base, "root.keys"));
const idp = new TestIdp();
const issuer = { name: "corp", iss: idp.iss, jwks: idp.jwks(), algorithms: ["ES256"], tenants: { acme: "t" } };
const configuration = {
  deployment: "test",
  audience: ["api://aios"],
  issuer: [issuer],
  policy: { dir: "policies" },
  store: { url: "memory:" },
  keys: { file: "root.keys" },
};
const aios = await engine(configuration, { base, now: 1_800_000_000 });
const credential = idp.sign({ sub: "ada", aud: "api://aios", tid: "t", iat: 1_800_000_000, exp: 1_800_000_600 });
const codes: string[] = [];
{
  await using inner = aios;
  const question = { credential, action: "read", resource: { type: "Aios::Data", id: "r", tenant: "acme" } };
  const kept = await (async () => {
    using permit = await inner.authorize(question);
    codes.push(permit.action);
    return permit;
  })();
  try {
    kept.complete("ok");
  } catch (error) {
    codes.push((error as Refused).code);
  }
}
await aios.flush().catch((error: Refused) => codes.push(error.code));
await rm(base, { recursive: true });
console.log(codes.join(" "));
