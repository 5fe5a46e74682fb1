"""Opens an AIOS payload, format v1 (docs/formats/payload-v1.md). Needs the package `cryptography`."""
import hashlib
from envelope_v1 import cobblestone, lp

def open_payload(payload, keys, tenant, kind, id):
    """`keys`: payload keys by kid. Whatever does not fit raises an exception."""
    kid_ends = 6 + payload[5]
    kid, wrapped, body = payload[6:kid_ends], payload[kid_ends : kid_ends + 104], payload[kid_ends + 104 :]
    if payload[:5] != b"APL1\1" or kid.decode() not in keys:
        raise ValueError("undecryptable")
    data_key = cobblestone(keys[kid.decode()], b"aios.vault.payload-wrap.v1\0" + lp(kid, tenant.encode()), wrapped)
    entity = b"".join(len(part).to_bytes(8, "big") + part for part in (kind.encode(), id.encode()))
    context = b"aios.vault.payload.v1\0" + lp(tenant.encode(), hashlib.sha256(entity).digest())
    return cobblestone(data_key, context, body)
