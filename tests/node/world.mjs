// A small world for tests: an issuer with inline keys, a folder of policies, an engine with a clock that tests move.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRootKeys } from "@aios/node";
import { TestIdp, engine } from "@aios/node/testing";

/** The package's folder. */
export const PACKAGE = fileURLToPath(new URL("../../aios-node/", import.meta.url));
/** The native layer, which the package does not export. */
export const native = createRequire(import.meta.url)(join(PACKAGE, "dist/addon.js")).addon();
/** The time at which every world begins. */
export const START = 1_800_000_000;

const POLICIES = `
@id("analysts-read") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Data);
@id("auditors-export") permit (principal in Aios::Role::"auditor", action == Aios::Action::"export", resource is Aios::Audit);
`;

/** A folder that is gone when the test is over. */
export function folder(test) {
  const path = mkdtempSync(join(tmpdir(), "aios-node-"));
  test.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export async function world(test) {
  const base = folder(test);
  mkdirSync(join(base, "policies"));
  writeFileSync(join(base, "policies/all.cedar"), POLICIES);
  await createRootKeys(join(base, "root.keys"));
  return new World(base, new TestIdp("https://idp.example.com/"));
}

class World {
  constructor(base, idp) {
    this.base = base;
    this.idp = idp;
  }

  configuration(changes = {}) {
    return {
      deployment: "test",
      audience: ["api://aios"],
      issuer: [this.issuer({ jwks: this.idp.jwks() })],
      policy: { dir: "policies" },
      store: { url: "memory:" },
      keys: { file: "root.keys" },
      ...changes,
    };
  }

  issuer(changes = {}) {
    return {
      name: "corp",
      iss: this.idp.iss,
      algorithms: ["ES256"],
      tenants: { acme: "t-acme", globex: "t-globex" },
      roles: { analyst: "Analyst", auditor: "Auditor" },
      ...changes,
    };
  }

  open(changes = {}) {
    return engine(this.configuration(changes), { base: this.base, now: START });
  }

  /** A token of Ada, analyst and auditor of acme. */
  ada(changes = {}, now = START) {
    const claims = { sub: "ada", aud: "api://aios", tid: "t-acme", roles: ["Analyst", "Auditor"] };
    return this.idp.sign({ ...claims, iat: now, exp: now + 600, ...changes });
  }

  /** Ada reads acme's report. */
  read(changes = {}) {
    return { credential: this.ada(), action: "read", resource: REPORT, ...changes };
  }
}

export const REPORT = { type: "Aios::Data", id: "report-7", tenant: "acme" };

/** Checks of a refusal's members, for `assert.throws` and `assert.rejects`. */
export function refusal(expected) {
  return (error) => {
    for (const [name, value] of Object.entries(expected)) {
      if (error[name] !== value) throw new Error(`${name} is ${error[name]}, not ${value}: ${error.stack}`);
    }
    return true;
  };
}
