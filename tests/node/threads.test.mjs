// Worker threads share an engine, cluster workers share a store, and either may end at any time.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import cluster from "node:cluster";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Aios, Failed } from "@aios/node";
import { START, refusal, world } from "./world.mjs";

const program = (name) => fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));
const SQLITE = { store: { url: "sqlite:aios.db" }, audit: { deadline_seconds: 20 } };

async function worker(t, workerData) {
  const thread = new Worker(program("worker"), { workerData });
  t.after(() => thread.terminate());
  await once(thread, "message");
  return thread;
}

test("worker threads share an engine until somebody closes it", async (t) => {
  const w = await world(t);
  const aios = await w.open(SQLITE);
  const handle = aios.share();
  assert.match(handle, /^[0-9a-f]{32}$/);
  assert.equal(aios.share(), handle);
  const threads = await Promise.all([1, 2, 3].map(() => worker(t, { handle, question: w.read() })));
  threads.forEach((thread) => thread.postMessage({ calls: 20 }));
  const answers = await Promise.all(threads.map((thread) => once(thread, "message")));
  assert.deepEqual(answers.flat(), new Array(3).fill({ done: 20, same: true, checked: true }));
  await aios.flush();
  const report = await aios.audit.verify({ tenant: "acme" });
  // One engine, so one chain for all threads: an open record, and an intent and an outcome for each call.
  assert.deepEqual([report.ok, report.chains, report.records, report.dangling], [true, 1, 1 + 3 * 20 * 2, []]);
  await Aios.shared(handle).close();
  await assert.rejects(aios.flush(), refusal({ code: "engine.closed" }));
  threads[0].postMessage({ calls: 1 });
  const [late] = await once(threads[0], "message");
  assert.equal(late.code, "engine.closed");
});

test("a handle that nobody was given opens nothing", async (t) => {
  const aios = await (await world(t)).open();
  const handle = aios.share();
  const other = await (await world(t)).open();
  assert.notEqual(other.share(), handle);
  for (const wrong of ["", "x", handle.slice(1), handle.toUpperCase() + "0", "0".repeat(32)]) {
    assert.throws(() => Aios.shared(wrong), refusal({ code: "engine.closed", at: "handle" }));
  }
  await aios.close();
  assert.throws(() => Aios.shared(handle), refusal({ code: "engine.closed" }));
  assert.equal((await Aios.shared(other.share()).audit.verify()).ok, true);
  await other.close();
});

test("a closed engine is not shared, also not while it closes", async (t) => {
  const w = await world(t);
  const [closed, closing] = [await w.open(), await w.open()];
  await closed.close();
  assert.throws(() => closed.share(), refusal({ code: "engine.closed", constructor: Failed }));
  const shares = [closing.share()];
  const other = Aios.shared(shares[0]);
  const ended = closing.close();
  try {
    // Both objects are the same engine, which may be closed by now or not.
    shares.push(closing.share(), other.share());
  } catch (error) {
    assert.equal(error.code, "engine.closed");
  }
  await ended;
  for (const handle of shares) assert.throws(() => Aios.shared(handle), refusal({ code: "engine.closed", at: "handle" }));
  assert.throws(() => other.share(), refusal({ code: "engine.closed" }));
  assert.throws(() => Aios.shared(shares[0]), refusal({ code: "engine.closed", at: "handle" }));
});

test("a worker thread that is terminated among many calls harms nobody", async (t) => {
  const w = await world(t);
  const aios = await w.open(SQLITE);
  const handle = aios.share();
  // An engine's very first calls wait for its keys, and not that many may.
  await aios.run(w.read(), () => {});
  for (let round = 0; round < 20; round += 1) {
    const thread = await worker(t, { handle, question: w.read() });
    thread.postMessage({ forever: 100 });
    await once(thread, "message");
    assert.equal(await thread.terminate(), 1);
    await aios.run(w.read(), () => round);
  }
  await aios.flush();
  assert.deepEqual((({ ok, dangling }) => [ok, dangling])(await aios.audit.verify()), [true, []]);
  await aios.close();
});

test("cluster workers write one store, and its trail is whole", async (t) => {
  const w = await world(t);
  cluster.setupPrimary({ exec: program("process"), args: ["calls", "25"] });
  const workers = [1, 2, 3, 4].map(() => cluster.fork({ AIOS_JOB: job(w) }));
  const ends = await Promise.all(workers.map((worker) => once(worker, "exit")));
  assert.deepEqual(ends, new Array(4).fill([0, null]));
  const aios = await w.open(SQLITE);
  const report = await aios.audit.verify({ tenant: "acme" });
  // Of each process: open, close, and two records for each call.
  assert.deepEqual([report.ok, report.chains, report.records, report.dangling], [true, 4, 4 * (2 + 2 * 25), []]);
  await aios.close();
});

test("a process that leaves while calls are under way ends at once, and its trail is whole", async (t) => {
  const w = await world(t);
  const AIOS_JOB = job(w);
  for (const delay of [0, 0, 1, 2, 3, 5, 8, 13, 21]) {
    const child = spawn(process.execPath, [program("process"), "leave", String(delay)], { env: { ...process.env, AIOS_JOB } });
    child.stderr.pipe(process.stderr);
    const began = Date.now();
    const [code, signal] = await once(child, "exit");
    assert.deepEqual([code, signal], [7, null], `after ${delay} ms`);
    assert.ok(Date.now() - began < 10_000, `it took ${Date.now() - began} ms to end`);
  }
  const aios = await w.open(SQLITE);
  assert.equal((await aios.audit.verify()).ok, true);
  await aios.close();
});

test("an engine that was left open keeps no process alive, and its last call is answered", async (t) => {
  const AIOS_JOB = job(await world(t));
  const child = spawn(process.execPath, [program("process"), "end"], { env: { ...process.env, AIOS_JOB } });
  let told = "";
  child.stdout.on("data", (data) => (told += data));
  const [code, signal] = await once(child, "close");
  assert.deepEqual([code, signal, told], [0, null, "read\n"]);
});

/** What `process.mjs` reads. */
function job(w) {
  const path = join(w.base, "job.json");
  writeFileSync(path, JSON.stringify({ configuration: w.configuration(SQLITE), base: w.base, now: START, question: w.read() }));
  return path;
}
