"""A tenant's keys, from the root key file and the tenant's row. Format: docs/formats/envelope-v1.md, "A tenant's keys"."""
import base64, hmac

from envelope_v1 import cobblestone

def LP(*parts):
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)

def row(database, key):
    return database.execute("SELECT version, value FROM row WHERE key = ?", (key,)).fetchone()

def tenant_keys(roots, deployment, tenant, said):
    """`roots`: the file. `said`: kid, root and master, as a tenant's row has them."""
    lines = [line.split("=", 1) for line in open(roots) if "=" in line and not line.startswith("#")]
    known = {kid.strip(): base64.b64decode(key.strip()) for kid, key in lines}
    place = [part.encode() for part in (deployment, tenant, said["kid"])]
    master = cobblestone(known[said["root"]], LP(b"aios/vault-master/v1", *place), base64.b64decode(said["master"]))
    label = lambda use: LP(f"aios.vault.{use}-key.v1".encode(), *place[1:])
    return {use: hmac.digest(master, label(use), "sha256") for use in ("wrapping", "row", "payload")}
