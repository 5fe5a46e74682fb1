// Puts, uses and is shown a value, makes everything fail that can, prints all of it, and is killed. For traces.test.mjs.
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { TestClock } from "@aios/node/testing";
import { native } from "../world.mjs";

const asked = JSON.parse(await text(process.stdin));
const kit = new native.Kit();
const deep = { depth: null, showHidden: true, getters: true };
const key = () => asked.key.join("-");

async function tell(work) {
  try {
    console.log(inspect(await work(), deep));
  } catch (error) {
    console.log(inspect(error, deep), String(error), error.stack, JSON.stringify(error), inspect(error.cause, deep));
  }
}

const aios = await new TestClock(asked.now).engine(asked.configuration, { base: asked.base });
const { vault } = await aios.authenticate(asked.admin);
const reference = "secret://acme/default/key";
const owner = { kind: "user", issuer: "corp", id: "ada" };
const http = { hosts: asked.hosts, header: "authorization", template: "Bearer {}" };
const put = (changes) => vault.put({ reference, value: key(), owner, http, ...changes });
for (const changes of [{}, {}, { reference: "secret://acme/no" }, { value: `${key()}\n` }, { limits: { uses: 1 } }, { metadata: { a: 5 } }, { value: [key()] }]) {
  await tell(() => put(changes));
}
const permit = await aios.authorize(asked.read);
const credential = await permit.credential("key");
const [here, nowhere] = asked.hosts.map((host) => `http://${host}`);
for (const url of [`${here}/v1/a`, `${here}/v1/echo`, `${nowhere}/v1/a`, "https://evil.example.com/", "no url"]) {
  await tell(async () => {
    const answer = await credential.fetch(url, { method: "POST" });
    return [answer, await answer.text()];
  });
}
await tell(() => vault.reveal({ reference }));
await tell(() => vault.reveal({ reference: `${reference}@9` }));
for (const work of [() => vault.reveal({ reference }), () => credential.fetch(`${here}/v1/a`), () => put({})]) {
  kit.panicNext("{}");
  await tell(work);
}
console.log(inspect({ aios, vault, permit, credential }, deep), JSON.stringify(process.report.getReport()));
await aios.flush();
// Nothing is closed, so that the folder is looked at as a process leaves it that was killed.
process.stdout.write("", () => process.kill(process.pid, "SIGKILL"));
