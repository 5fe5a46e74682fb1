"""Opens an AIOS envelope, format v1 (docs/formats/envelope-v1.md). Needs the package `cryptography`."""
import hashlib, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PROVIDERS = {0: "local", 1: "vault-transit", 2: "azure-kv", 3: "aws-kms", 4: "gcp-kms", 5: "tenant-kek"}

def lp(*parts):
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)

def cobblestone(key, context, message):
    salt, commitment, rest, plain, count = message[:24], message[24:56], message[56:], b"", 0
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + salt + context
    first = hmac.digest(key, info + b"\1", "sha512")
    okm = first + hmac.digest(key, first + info + b"\2", "sha512")
    if len(key) != 32 or not hmac.compare_digest(okm[44:76], commitment):
        raise ValueError("undecryptable")
    while True:
        nonce = (int.from_bytes(okm[32:44], "big") ^ count).to_bytes(12, "big")
        plain += AESGCM(okm[:32]).decrypt(nonce, rest[: 16400], None)
        if len(rest) < 16400:
            return plain
        rest, count = rest[16400:], count + 1

def open_envelope(envelope, keys, tenant, namespace, name, version, terms):
    """`keys`: by (provider, kid). `terms`: the stored bytes. Whatever does not fit raises an exception."""
    if envelope[:5] != b"AEV1\1" or not 1 <= envelope[5] <= 4:
        raise ValueError("undecryptable")
    at, found = 6, None
    for _ in range(envelope[5]):
        kid_ends = at + 2 + envelope[at + 1]
        ends = kid_ends + 2 + int.from_bytes(envelope[kid_ends : kid_ends + 2], "big")
        named = PROVIDERS.get(envelope[at], "custom"), envelope[at + 2 : kid_ends].decode()
        found = found or (named in keys and (named, envelope[kid_ends + 2 : ends]))
        at = ends
    (provider, kid), wrapped = found or (("", ""), b"")
    wrap = b"aios.vault.wrap.v1\0" + lp(provider.encode(), kid.encode(), tenant.encode())
    data_key = cobblestone(keys.get((provider, kid), b""), wrap, wrapped)
    place = lp(tenant.encode(), namespace.encode(), name.encode()) + version.to_bytes(8, "big")
    context = b"aios.vault.secret.v1\0" + place + lp(hashlib.sha256(terms).digest())
    return cobblestone(data_key, context, envelope[at:])
