// README's program in JavaScript is the example, and prints what README says.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TestIdp } from "@aios/node/testing";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

function block(language) {
  const found = readme.split(`\n\`\`\`${language}\n`).slice(1);
  assert.equal(found.length, 1, language);
  return `${found[0].split("\n```")[0]}\n`;
}

test("README's program is the example, and prints what README says", async () => {
  const source = readFileSync(join(root, "examples/readme.mjs"), "utf8");
  assert.equal(source.slice(source.indexOf("import ")), block("js"));
  const folder = mkdtempSync(join(tmpdir(), "aios-readme-"));
  try {
    const idp = new TestIdp("https://idp.example.com/");
    mkdirSync(join(folder, "policies"));
    writeFileSync(join(folder, "aios.toml"), block("toml"));
    writeFileSync(join(folder, "policies/analysts.cedar"), block("cedar"));
    writeFileSync(join(folder, "keys.json"), JSON.stringify(idp.jwks()));
    copyFileSync(join(root, "examples/readme.mjs"), join(folder, "readme.mjs"));
    mkdirSync(join(folder, "node_modules/@aios"), { recursive: true });
    symlinkSync(join(root, "aios-node"), join(folder, "node_modules/@aios/node"));
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: "ada", aud: "api://aios", tid: "t-acme", roles: ["Analyst"], iat: now, exp: now + 600 };
    const token = idp.sign(claims);
    const ran = spawnSync(process.execPath, ["readme.mjs", token], { cwd: folder, encoding: "utf8" });
    assert.deepEqual([ran.stdout, ran.stderr, ran.status], [block("text"), "", 0]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
