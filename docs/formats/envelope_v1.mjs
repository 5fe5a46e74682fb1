// Opens an AIOS envelope, format v1 (docs/formats/envelope-v1.md). Needs Node's own crypto only.
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";

const PROVIDERS = ["local", "vault-transit", "azure-kv", "aws-kms", "gcp-kms", "tenant-kek"];
const number = (value, bytes) => Buffer.from(BigInt(value).toString(16).padStart(2 * bytes, "0"), "hex");
const lp = (...parts) => Buffer.concat(parts.flatMap((part) => [number(Buffer.byteLength(part), 2), Buffer.from(part)]));
const mac = (key, ...parts) => createHmac("sha512", key).update(Buffer.concat(parts)).digest();

function cobblestone(key, context, message) {
  const info = Buffer.concat([Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"), message.subarray(0, 24), context]);
  const first = mac(key, info, Buffer.of(1));
  const okm = Buffer.concat([first, mac(key, first, info, Buffer.of(2))]);
  if (key.length !== 32 || !timingSafeEqual(okm.subarray(44, 76), message.subarray(24, 56))) throw new Error("undecryptable");
  const plain = [];
  for (let rest = message.subarray(56), count = 0n; ; rest = rest.subarray(16400), count += 1n) {
    const chunk = rest.subarray(0, 16400);
    const nonce = number(BigInt(`0x${okm.toString("hex", 32, 44)}`) ^ count, 12);
    const gcm = createDecipheriv("aes-256-gcm", okm.subarray(0, 32), nonce).setAuthTag(chunk.subarray(-16));
    plain.push(gcm.update(chunk.subarray(0, -16)), gcm.final());
    if (rest.length < 16400) return Buffer.concat(plain);
  }
}

/** `keys`: by `provider kid`. `terms`: the stored bytes. Whatever does not fit throws. */
export function openEnvelope(envelope, keys, { tenant, namespace, name, version, terms }) {
  if (envelope.toString("latin1", 0, 5) !== "AEV1\x01" || envelope[5] < 1 || envelope[5] > 4) throw new Error("undecryptable");
  let at = 6, found;
  for (let wrap = 0; wrap < envelope[5]; wrap += 1) {
    const kidEnds = at + 2 + envelope[at + 1];
    const ends = kidEnds + 2 + envelope.readUInt16BE(kidEnds);
    const [provider, kid] = [PROVIDERS[envelope[at]] ?? "custom", envelope.toString("utf8", at + 2, kidEnds)];
    const key = keys[`${provider} ${kid}`];
    found ??= key && { key, provider, kid, wrapped: envelope.subarray(kidEnds + 2, ends) };
    at = ends;
  }
  if (!found) throw new Error("undecryptable");
  const wrap = Buffer.concat([Buffer.from("aios.vault.wrap.v1\0"), lp(found.provider, found.kid, tenant)]);
  const place = Buffer.concat([lp(tenant, namespace, name), number(version, 8)]);
  const context = Buffer.concat([Buffer.from("aios.vault.secret.v1\0"), place, lp(createHash("sha256").update(terms).digest())]);
  return cobblestone(cobblestone(found.key, wrap, found.wrapped), context, envelope.subarray(at));
}
