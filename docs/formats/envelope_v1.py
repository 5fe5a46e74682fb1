"""Opens an AIOS envelope, format v1 (docs/formats/envelope-v1.md). Needs the package `cryptography`."""
import hashlib, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PROVIDERS = {0: b"local", 1: b"vault-transit", 2: b"azure-kv", 3: b"aws-kms", 4: b"gcp-kms", 5: b"tenant-kek"}

def lp(*parts):
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)

def cobblestone(key, context, message):
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + message[:24] + context
    first = hmac.digest(key, info + b"\1", "sha512")
    okm = first + hmac.digest(key, first + info + b"\2", "sha512")
    if len(key) != 32 or not hmac.compare_digest(okm[44:76], message[24:56]):
        raise ValueError("undecryptable")
    chunks = [message[at : at + 16400] for at in range(56, len(message) + 1, 16400)]
    nonces = [(int.from_bytes(okm[32:44], "big") ^ count).to_bytes(12, "big") for count in range(len(chunks))]
    return b"".join(AESGCM(okm[:32]).decrypt(nonce, chunk, None) for nonce, chunk in zip(nonces, chunks))

def open_envelope(envelope, keys, tenant, namespace, name, version, terms):
    """`keys`: by (provider, kid). `terms`: the stored bytes. Whatever does not fit raises an exception."""
    at, found = 6, []
    for _ in range(envelope[5]):
        kid_ends = at + 2 + envelope[at + 1]
        ends = kid_ends + 2 + int.from_bytes(envelope[kid_ends : kid_ends + 2], "big")
        found += [(PROVIDERS.get(envelope[at], b"custom"), envelope[at + 2 : kid_ends], envelope[kid_ends + 2 : ends])]
        at = ends
    known = [wrap for wrap in found if (wrap[0].decode(), wrap[1].decode()) in keys]
    if envelope[:5] != b"AEV1\1" or not 1 <= len(found) <= 4 or not known:
        raise ValueError("undecryptable")
    provider, kid, wrapped = known[0]
    wrap = b"aios.vault.wrap.v1\0" + lp(provider, kid, tenant.encode())
    place = lp(tenant.encode(), namespace.encode(), name.encode()) + version.to_bytes(8, "big")
    context = b"aios.vault.secret.v1\0" + place + lp(hashlib.sha256(terms).digest())
    return cobblestone(cobblestone(keys[provider.decode(), kid.decode()], wrap, wrapped), context, envelope[at:])
