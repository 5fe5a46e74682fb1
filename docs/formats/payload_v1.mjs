// Opens an AIOS payload, format v1 (docs/formats/payload-v1.md). Needs Node's own crypto only.
import { createHash } from "node:crypto";
import { bytes, cobblestone, lp, number } from "./envelope_v1.mjs";

/** `keys`: payload keys by kid. Whatever does not fit throws. */
export function openPayload(payload, keys, { tenant, kind, id }) {
  const kidEnds = 6 + payload[5];
  const kid = payload.toString("utf8", 6, kidEnds);
  if (payload.toString("latin1", 0, 5) !== "APL1\x01" || !keys[kid]) throw new Error("undecryptable");
  const wrap = bytes("aios.vault.payload-wrap.v1\0", lp(kid, tenant));
  const dataKey = cobblestone(keys[kid], wrap, payload.subarray(kidEnds, kidEnds + 104));
  const entity = bytes(...[kind, id].flatMap((part) => [number(Buffer.byteLength(part), 8), part]));
  const context = bytes("aios.vault.payload.v1\0", lp(tenant, createHash("sha256").update(entity).digest()));
  return cobblestone(dataKey, context, payload.subarray(kidEnds + 104));
}
