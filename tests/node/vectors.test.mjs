// The rules of tests/vectors in Node: once in the package's words, once by every row of the native layer.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { PolicySet, createRootKeys, partReference } from "@aios/node";
import { TestClock, TestIdp } from "@aios/node/testing";
import { folder, native } from "./world.mjs";

const VECTORS = fileURLToPath(new URL("../vectors/", import.meta.url));
const files = readdirSync(VECTORS).filter((name) => name.endsWith(".json"));
assert.ok(files.length > 0, "there are no vectors");

/** What the format knows (tests/vectors/README.md). */
const KNOWN = {
  file: ["about", "now", "issuers", "files", "configuration", "tokens", "rules"],
  rule: ["rule", "changes", "opening", "steps"],
  step: ["on", "do", "with", "as", "answer", "refusal", "at"],
};

for (const file of files) {
  const set = JSON.parse(readFileSync(join(VECTORS, file), "utf8"));
  known(set, "file", file);
  assert.ok(Array.isArray(set.rules) && set.rules.length > 0, `${file} has no rules`);
  test(`${file}: ${set.about}`, async (t) => {
    const base = folder(t);
    const fill = await prepared(set, base, t);
    // What one run leaves in a store is nothing to the next.
    const fresh = () => {
      const own = folder(t);
      cpSync(base, own, { recursive: true });
      return own;
    };
    for (const rule of set.rules) {
      known(rule, "rule", rule.rule);
      rule.steps?.forEach((step) => known(step, "step", rule.rule));
      const configuration = fill(merged(set.configuration, rule.changes ?? {}));
      const steps = fill(rule.steps ?? []);
      await t.test(`${rule.rule} (natively)`, () => run(new Native(set.now), rule, configuration, steps, fresh()));
      if (!steps.every(hasWords)) continue;
      await t.test(rule.rule, () => run(new Words(set.now), rule, configuration, steps, fresh()));
    }
  });
}

function known(value, kind, label) {
  for (const name of Object.keys(value)) assert.ok(KNOWN[kind].includes(name), `${label}: a ${kind} has no ${name}`);
}

/** Writes the files and gives what puts key sets and tokens where they stand. */
async function prepared(set, base, t) {
  for (const [name, content] of Object.entries(set.files ?? {})) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), content);
  }
  await createRootKeys(join(base, "root.keys"));
  const entries = (members, make) => Object.fromEntries(Object.entries(members ?? {}).map(([name, value]) => [name, make(value)]));
  const issuers = entries(set.issuers, (iss) => new TestIdp(iss));
  const tokens = entries(set.tokens, ({ issuer, claims, header, algorithm }) => issuers[issuer].sign(claims, { header, algorithm }));
  const keys = entries(issuers, (issuer) => issuer.jwks());
  const introspection = {};
  if (JSON.stringify(set.configuration).includes("$introspection")) {
    for (const [name, issuer] of Object.entries(issuers)) {
      const served = await issuer.serve();
      introspection[name] = `${served.iss}/introspect`;
      // Holds it, too: what nobody holds is collected, and answers no longer.
      t.after(() => served.stop());
    }
  }
  const defined = (members, name) => members[name] ?? assert.fail(`the vectors do not define ${name}`);
  return function fill(value) {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(fill);
    if ("$introspection" in value) return defined(introspection, value.$introspection);
    if ("$keys" in value) return defined(keys, value.$keys);
    if ("$token" in value) return defined(tokens, value.$token);
    return entries(value, fill);
  };
}

async function run(form, rule, configuration, steps, base) {
  if (rule.opening !== undefined) return answered(() => form.open(configuration, base), rule.opening, "opening");
  const named = { engine: await form.open(configuration, base), host: new native.Host(), kit: new native.Kit() };
  for (const [number, step] of steps.entries()) {
    if (step.at !== undefined) form.moveTo(step.at);
    if (step.do === undefined) continue;
    const label = `step ${number + 1}, ${step.on}.${step.do}`;
    const got = await answered(() => form.call(named[step.on], step.do, step.with ?? {}), step, label);
    if (step.as !== undefined) named[step.as] = got;
  }
  await form.call(named.engine, "close", {}).catch((error) => assert.equal(error.code, "engine.closed"));
}

/** Checks what came against what is expected, and gives it. */
async function answered(work, { answer, refusal }, label) {
  let got;
  try {
    got = await work();
  } catch (error) {
    if (typeof error.code !== "string" || refusal === undefined) throw error;
    matches(JSON.parse(JSON.stringify(error)), refusal, label);
    return undefined;
  }
  assert.ok(refusal === undefined, `${label} was not refused, but should be: ${JSON.stringify(refusal)}`);
  if (answer !== undefined) matches(got ?? {}, answer, label);
  return got;
}

/** Objects: each member that is named. Arrays: each element, and no other. `$contains`: a part of a text. */
function matches(got, expected, label) {
  if (typeof got === "string" && typeof expected?.$contains === "string") {
    assert.ok(got.includes(expected.$contains), `${label} is ${JSON.stringify(got)}, without ${expected.$contains}`);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(got) && got.length === expected.length, `${label}: ${JSON.stringify(got)}`);
    expected.forEach((value, index) => matches(got[index], value, `${label}[${index}]`));
  } else if (typeof expected === "object" && expected !== null) {
    assert.ok(typeof got === "object" && got !== null, `${label}: ${JSON.stringify(got)}`);
    for (const [name, value] of Object.entries(expected)) matches(got[name], value, `${label}.${name}`);
  } else {
    assert.deepEqual(got, expected, label);
  }
}

/** RFC 7396. */
function merged(target, patch) {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result = typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merged(result[name], value);
  }
  return result;
}

/** The native layer: any operation of any receiver, without knowing one. */
class Native {
  constructor(seconds) {
    this.clock = new native.Kit().clock(JSON.stringify({ seconds }));
  }

  open(configuration, base) {
    return this.call(this.clock, "engine", { configuration, base });
  }

  moveTo(seconds) {
    this.clock.set(JSON.stringify({ seconds }));
  }

  async call(receiver, operation, request) {
    try {
      const answer = await receiver[camel(operation)](JSON.stringify(request));
      return typeof answer === "string" ? JSON.parse(answer) : answer;
    } catch (error) {
      const view = JSON.parse(error.message);
      throw Object.assign(new Error(view.message), view, { toJSON: () => view });
    }
  }
}

/** How an operation is said in the package, where it is not `receiver.operation(with)`. */
const IDIOM = {
  audit: (engine) => engine.audit,
  vault: (receiver) => receiver.vault,
  entities: (receiver) => receiver.entities,
  layer: (receiver) => receiver.layer,
  rotate_root_key: async (engine) => ({ kid: await engine.roots.rotate() }),
  rewrap_masters: (engine, how) => engine.roots.rewrap(how),
  retire_root_key: (engine, key) => engine.roots.retire(key),
  part_reference: (host, { reference }) => partReference(reference),
  load_policies: (host, texts) => PolicySet.load(texts),
  decide: (set, { principal, action, resource, context }) => set.decide([principal.type, principal.id], action, resource, context),
  // What a credential's view says are its own members.
  view: (receiver) => receiver.view ?? receiver,
  still_open: (permit) => permit.stillOpen(),
  reveal: async (vault, asked) => {
    const { reference, fingerprint, value } = await vault.reveal(asked);
    return { reference, fingerprint, value_base64: Buffer.from(value).toString("base64") };
  },
  check_now: (receiver, asked) => receiver.checkSync(asked),
  authenticate: (engine, { credential }) => engine.authenticate(credential),
  explain_token: (engine, { credential }) => engine.explainToken(credential),
  complete: (permit, { status, data }) => permit.complete(status, data),
  credential: (permit, { name }) => permit.credential(name),
};
/** Whether the package can say it: what takes arguments of its own cannot be given members that do not exist, and a `Request` is
 * read by the Fetch API before it is ours. */
const ARGUMENTS = { audit: [], vault: [], entities: [], layer: [], part_reference: ["reference"], decide: ["principal", "action", "resource", "context"], view: [], still_open: [], authenticate: ["credential"], explain_token: ["credential"], complete: ["status", "data"], credential: ["name"], fetch: [], hydrate: [], policies: [], snapshot_keys: [], egress: [], flush: [], close: [], rotate_root_key: [] };

function hasWords(step) {
  // The package says it by what the body of a request is: see uploads.test.mjs.
  if (step.on === "kit" || step.do === "upload") return false;
  const taken = ARGUMENTS[step.do];
  return taken === undefined || Object.keys(step.with ?? {}).every((name) => taken.includes(name));
}

class Words {
  constructor(seconds) {
    this.clock = new TestClock(seconds);
  }

  open(configuration, base) {
    return this.clock.engine(configuration, { base });
  }

  moveTo(seconds) {
    this.clock.set(seconds);
  }

  async call(receiver, operation, request) {
    return (IDIOM[operation] ?? ((on, asked) => on[camel(operation)](asked)))(receiver, request);
  }
}

function camel(operation) {
  return operation.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
}
