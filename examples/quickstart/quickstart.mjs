// The gate from Node: the same table as the Rust story, then the trail. Fails if anything ends otherwise than it should.
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// As `import … from "@aios/node"` of a program that has installed the package.
const require = createRequire(import.meta.url);
const { Refused } = require("../../aios-node");
const { TestIdp, engine } = require("../../aios-node/dist/testing.js");

const NOW = 1_800_000_000;
const REPORT = { type: "Aios::Data", id: "report-7", tenant: "acme" };

function scene(what, answer, expected) {
  console.log(`${what.padEnd(58)} ${answer.padEnd(26)} ${answer === expected ? "yes" : "NO"}`);
  if (answer !== expected) throw new Error(`${what}: expected ${expected}`);
}

async function main(folder) {
  const idp = new TestIdp("https://idp.example.com/");
  const configuration = {
    deployment: "quickstart",
    audience: ["api://aios"],
    issuer: [
      { name: "corp", iss: idp.iss, jwks: idp.jwks(), tenants: { acme: "t-acme" }, roles: { analyst: "Analyst" } },
    ],
    policy: { dir: join(dirname(fileURLToPath(import.meta.url)), "policies") },
    store: { url: "memory:" },
  };
  const ada = { sub: "ada", aud: "api://aios", tid: "t-acme", roles: ["Analyst"], iat: NOW, exp: NOW + 600 };
  const aios = await engine(configuration, { base: folder, now: NOW });
  const reads = async (claims, { resource = REPORT, action = "read" } = {}) => {
    try {
      // Here the call would be made; `run` records how it ended.
      return await aios.run({ credential: idp.sign(claims), action, resource }, () => "permitted");
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      return refusal.code;
    }
  };
  scene("Ada, analyst of acme, reads acme's report", await reads(ada), "permitted");
  scene("Ada writes it, which no policy permits", await reads(ada, { action: "write" }), "policy.denied");
  const theirs = { ...REPORT, tenant: "globex" };
  scene("Ada reads a report of tenant globex", await reads(ada, { resource: theirs }), "tenant.mismatch");
  aios.clock.advance(3600);
  scene("the same token an hour later", await reads(ada), "token.expired");
  const report = await aios.audit.verify({ tenant: "acme" });
  scene("the trail of acme is whole", String(report.ok && report.dangling.length === 0), "true");
  await aios.close();
}

const folder = mkdtempSync(join(tmpdir(), "aios-quickstart-"));
try {
  console.log("\nThe same gate from Node.\n");
  await main(folder);
} finally {
  rmSync(folder, { recursive: true });
}
