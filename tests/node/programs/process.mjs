// A process of its own, on a store that others may use too: `process.mjs calls COUNT` makes calls, `process.mjs leave DELAY`
// leaves that many milliseconds after it began 50 of them, `process.mjs end` only opens the engine.
import cluster from "node:cluster";
import { readFileSync } from "node:fs";
import { engine } from "@aios/node/testing";

const [what, count] = process.argv.slice(2);
const { configuration, base, now, question } = JSON.parse(readFileSync(process.env.AIOS_JOB, "utf8"));
const aios = await engine(configuration, { base, now });

if (what === "calls") {
  for (let call = 0; call < Number(count); call += 1) {
    await aios.run(question, () => call);
  }
  await aios.close();
  process.stdout.write(`${count} calls\n`);
  cluster.worker?.disconnect();
} else if (what === "leave") {
  const permits = Array.from({ length: 50 }, () => aios.authorize(question).then((permit) => permit.complete("ok")));
  Promise.all(permits).then(() => process.stdout.write("all\n"), (error) => process.stdout.write(`${error.code}\n`));
  setTimeout(() => process.exit(7), Number(count));
} else {
  // Nothing is closed: an engine alone keeps no process alive.
  aios.authorize(question).then((permit) => process.stdout.write(`${permit.action}\n`));
}
