// Opens an AIOS envelope, format v1 (docs/formats/envelope-v1.md). Needs Node's own crypto only.
import { createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto";

const PROVIDERS = ["local", "vault-transit", "azure-kv", "aws-kms", "gcp-kms", "tenant-kek"];
export const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
export const number = (value, length) => Buffer.from(BigInt(value).toString(16).padStart(2 * length, "0"), "hex");
export const lp = (...parts) => bytes(...parts.flatMap((part) => [number(Buffer.byteLength(part), 2), part]));
const mac = (key, ...parts) => createHmac("sha512", key).update(bytes(...parts)).digest();

export function cobblestone(key, context, message) {
  const info = bytes("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", message.subarray(0, 24), context);
  const first = mac(key, info, [1]);
  const okm = bytes(first, mac(key, first, info, [2]));
  if (key.length !== 32 || !timingSafeEqual(okm.subarray(44, 76), message.subarray(24, 56))) throw new Error("undecryptable");
  return bytes(...Array.from({ length: Math.floor((message.length - 56) / 16400) + 1 }, (_, count) => {
    const chunk = message.subarray(56 + 16400 * count).subarray(0, 16400);
    const nonce = number(BigInt(`0x${okm.toString("hex", 32, 44)}`) ^ BigInt(count), 12);
    const gcm = createDecipheriv("aes-256-gcm", okm.subarray(0, 32), nonce).setAuthTag(chunk.subarray(-16));
    return bytes(gcm.update(chunk.subarray(0, -16)), gcm.final()); }));
}

/** `keys`: by `provider kid`. `terms`: the stored bytes. Whatever does not fit throws. */
export function openEnvelope(envelope, keys, { tenant, namespace, name, version, terms }) {
  let at = 6, found = [];
  while (found.length < envelope[5]) {
    const kidEnds = at + 2 + envelope[at + 1], ends = kidEnds + 2 + envelope.readUInt16BE(kidEnds);
    const [provider, kid] = [PROVIDERS[envelope[at]] ?? "custom", envelope.toString("utf8", at + 2, kidEnds)];
    found.push({ provider, kid, key: keys[`${provider} ${kid}`], wrapped: envelope.subarray(kidEnds + 2, ends) });
    at = ends; }
  const { provider, kid, key, wrapped } = found.find((wrap) => wrap.key) ?? {};
  if (envelope.toString("latin1", 0, 5) !== "AEV1\x01" || found.length > 4 || !key) throw new Error("undecryptable");
  const hash = createHash("sha256").update(terms).digest();
  const context = bytes("aios.vault.secret.v1\0", lp(tenant, namespace, name), number(version, 8), lp(hash));
  return cobblestone(cobblestone(key, bytes("aios.vault.wrap.v1\0", lp(provider, kid, tenant)), wrapped), context, envelope.subarray(at));
}
