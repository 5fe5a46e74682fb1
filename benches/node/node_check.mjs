// Batches for benches/node.rs. Reads `{configuration, base, question}` from the first line of its input, then a line
// `check COUNT` or `echo COUNT` for each batch, and prints the processor seconds that it took.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../../aios-node/", import.meta.url));
const { Aios } = require(root);
const { Kit } = require(`${root}dist/addon.js`).addon();

const kit = new Kit();
let aios;
let question;

/** What a call costs that asks nobody: the same text there, and an answer back. */
const echo = () => JSON.parse(kit.echo(JSON.stringify(question)));
const check = () => aios.checkSync(question);

for await (const line of createInterface({ input: process.stdin })) {
  if (aios === undefined) {
    const job = JSON.parse(line);
    question = job.question;
    aios = await Aios.open(job.configuration, { base: job.base });
    // Keys and the token become known, and so may be asked for without waiting.
    const { allowed } = await aios.check(question);
    if (!allowed || !check().allowed) throw new Error("the question is refused");
    process.stdout.write("ready\n");
  } else {
    const [what, count] = line.split(" ");
    process.stdout.write(`${seconds(what === "check" ? check : echo, Number(count))}\n`);
  }
}

function seconds(work, count) {
  const before = process.cpuUsage();
  for (let call = 0; call < count; call += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
