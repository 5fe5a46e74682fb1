// Runs docs/formats/envelope_v1.mjs. On standard input: {"vectors": [{envelope, keys, tenant, ..., terms}]}; on standard
// output the value of each, null where it does not open.
import { readFileSync } from "node:fs";
import { openEnvelope } from "../docs/formats/envelope_v1.mjs";

const values = JSON.parse(readFileSync(0, "utf8")).vectors.map(({ envelope, keys, ...place }) => {
  const known = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, Buffer.from(key, "hex")]));
  try {
    return openEnvelope(Buffer.from(envelope, "hex"), known, place).toString("utf8");
  } catch {
    return null;
  }
});
console.log(JSON.stringify(values));
