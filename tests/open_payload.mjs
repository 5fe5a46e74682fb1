// Opens a payload under a key that is given with it, and prints the hash of what is in it: open_payload.mjs "KID KEY" FILE TENANT TYPE ID
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { openPayload } from "../docs/formats/payload_v1.mjs";

const [named, file, tenant, kind, id] = process.argv.slice(2);
const [kid, key] = named.split(" ");
const content = openPayload(readFileSync(file), { [kid]: Buffer.from(key, "hex") }, { tenant, kind, id });
console.log(createHash("sha256").update(content).digest("hex"));
