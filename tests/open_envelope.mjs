// Runs docs/formats/envelope_v1.mjs. On standard input: {"vectors": [{envelope, keys, tenant, ..., terms}]}, or
// {"messages": [{key, context, message}]}; on standard output the value of each, null where it does not open.
import { readFileSync } from "node:fs";
import { cobblestone, openEnvelope } from "../docs/formats/envelope_v1.mjs";

const hex = (text) => Buffer.from(text, "hex");
const { vectors = [], messages = [] } = JSON.parse(readFileSync(0, "utf8"));
const works = [
  ...vectors.map(({ envelope, keys, ...place }) => () => {
    const known = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, hex(key)]));
    return openEnvelope(hex(envelope), known, place).toString("utf8");
  }),
  ...messages.map(({ key, context, message }) => () => cobblestone(hex(key), hex(context), hex(message)).toString("hex")),
];
const values = works.map((work) => {
  try {
    return work();
  } catch {
    return null;
  }
});
console.log(JSON.stringify(values));
