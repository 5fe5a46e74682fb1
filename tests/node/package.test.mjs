// The package as others meet it: both module systems, its types, and what it says where the native layer is missing.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import * as imported from "@aios/node";
import * as kit from "@aios/node/testing";
import { PACKAGE, folder, native } from "./world.mjs";

const require = createRequire(import.meta.url);
const HERE = fileURLToPath(new URL(".", import.meta.url));

test("import and require give the same classes", () => {
  for (const [name, esm] of [["@aios/node", imported], ["@aios/node/testing", kit]]) {
    const cjs = require(name);
    const names = (module) => Object.keys(module).filter((key) => !["default", "__esModule", "module.exports"].includes(key)).sort();
    assert.deepEqual(names(esm), names(cjs));
    for (const key of Object.keys(cjs)) assert.equal(esm[key], cjs[key], key);
  }
  assert.deepEqual(Object.keys(require("@aios/node/testing")).sort(), ["TestClock", "TestIdp", "engine"]);
  assert.throws(() => require("@aios/node/dist/addon.js"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
});

test("importing does nothing, not even load the native layer", () => {
  const program = 'require("@aios/node"); require("@aios/node/testing"); process.stdout.write(String(Object.keys(require.cache).some((name) => name.endsWith(".node"))))';
  assert.equal(execFileSync(process.execPath, ["-e", program], { cwd: HERE, encoding: "utf8" }), "false");
});

test("codes and operations are those of the native layer", () => {
  const contract = JSON.parse(readFileSync(join(HERE, "../contract/contract.json"), "utf8"));
  const listed = (operations) => operations.map(({ receiver, name }) => `${receiver}.${name}`);
  assert.deepEqual(native.operations(), listed(contract.operations));
  assert.deepEqual(native.testingOperations(), listed(contract.testing));
  assert.deepEqual(native.codes(), contract.codes.map(({ code }) => code));
  const facts = contract.codes.map(({ code, denial: _, ...facts }) => [code, facts]);
  assert.deepEqual(imported.CODES, Object.fromEntries(facts));
  const rows = [...native.operations(), ...native.testingOperations()];
  assert.equal(new Set(rows).size, rows.length);
  for (const row of rows) {
    const [receiver, name] = row.split(".");
    const method = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    assert.equal(typeof native[receiver].prototype[method], "function", row);
  }
  const receivers = new Set(rows.map((row) => row.split(".")[0]));
  for (const receiver of receivers) {
    const methods = Object.getOwnPropertyNames(native[receiver].prototype).filter((name) => name !== "constructor");
    const listed = rows.filter((row) => row.startsWith(`${receiver}.`)).length;
    assert.equal(methods.length, listed + 1, `${receiver} has ${methods}: its rows and release`);
  }
});

test("the types hold, and refuse what they should", () => {
  const tsc = join(PACKAGE, "node_modules/.bin/tsc");
  const checked = spawnSync(tsc, ["-p", join(HERE, "types")], { encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stdout);
  for (const [place, ending] of [["ts", ".ts"], ["dist", ".d.ts"]]) {
    for (const name of readdirSync(join(PACKAGE, place)).filter((name) => name.endsWith(ending))) {
      const source = readFileSync(join(PACKAGE, place, name), "utf8");
      const code = source.replace(/\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"/g, "");
      assert.doesNotMatch(code, /\bany\b/, `${name} says any`);
    }
  }
});

test("using records an abandoned permit and closes the engine", (t) => {
  const out = folder(t);
  const tsc = join(PACKAGE, "node_modules/.bin/tsc");
  const built = spawnSync(tsc, ["-p", join(HERE, "types"), "--noEmit", "false", "--outDir", out], { encoding: "utf8" });
  assert.equal(built.status, 0, built.stdout);
  // Where the tests are, so that the package is found by its name.
  const program = join(HERE, "node_modules/using.mjs");
  cpSync(join(out, "using.mjs"), program);
  assert.equal(execFileSync(process.execPath, [program], { encoding: "utf8" }), "read audit.permit_ended engine.closed\n");
});

test("a missing native layer is told with the platform, what was tried and why", (t) => {
  const elsewhere = folder(t);
  cpSync(join(PACKAGE, "dist"), join(elsewhere, "dist"), { recursive: true });
  const program = `
    const { Aios } = require(${JSON.stringify(join(elsewhere, "dist/index.js"))});
    Aios.open({}).catch((error) => process.stdout.write(JSON.stringify({ code: error.code, message: error.message, errors: error.errors.length })));`;
  const told = () => JSON.parse(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }));
  const [name] = require(join(PACKAGE, "dist/addon.js")).names();
  const { code, message, errors } = told();
  assert.deepEqual([code, errors], ["ERR_AIOS_ADDON", 2]);
  for (const part of [process.platform, process.arch, `Node ${process.version}`, `aios.${name}.node`, `@aios/node-${name}`, "Cannot find module"]) {
    assert.ok(message.includes(part), `${part} is not in: ${message}`);
  }
  if (process.platform === "linux") assert.match(message, /libc (gnu|musl)/);
  // A file that is there and cannot be loaded is told by its own reason.
  writeFileSync(join(elsewhere, `aios.${name}.node`), "not a library");
  assert.match(told().message, /aios\..*\.node: .*(too short|invalid|not a|ELF|mach-o)/i);
});
