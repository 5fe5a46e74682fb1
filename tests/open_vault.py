"""Opens a secret that AIOS keeps in SQLite, with its root key file and without AIOS. Format: docs/formats/envelope-v1.md.

usage: open_vault.py DATABASE ROOT_KEYS DEPLOYMENT secret://TENANT/NAMESPACE/NAME@VERSION

Prints a JSON object: the value, and what opens its envelope.
"""
import base64, hmac, json, pathlib, re, sqlite3, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs/formats"))
from envelope_v1 import open_envelope
from vault_keys import LP, row, tenant_keys

def tagged(key, name, version, value):
    tag = hmac.digest(key, LP(name.encode(), version.to_bytes(8, "big"), value[32:]), "sha256")
    if not hmac.compare_digest(tag, value[:32]):
        sys.exit(f"{name} is not what was written there")
    return json.loads(value[32:])

database, roots, deployment, reference = sys.argv[1:]
spelled, namespace, name, version = re.fullmatch(r"secret://([^/]+)/([^/]+)/(.+)@(\d+)", reference).groups()
tenant = spelled.replace("~", "/")
database = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
written, register = row(database, f"vault/tenant/{spelled}")
said = json.loads(register[32:])
keys = tenant_keys(roots, deployment, tenant, said)
tagged(keys["row"], f"vault/tenant/{spelled}", written, register)
key = f"vault/secret/{spelled}/{namespace}/{name}"
kept = next(one for one in tagged(keys["row"], key, *row(database, key))["versions"] if one["version"] == int(version))
text = kept["envelope"].removeprefix("aev1.")
envelope = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
known, terms = {("tenant-kek", said["kid"]): keys["wrapping"]}, kept["terms"]
value = open_envelope(envelope, known, tenant, namespace, name, int(version), terms.encode())
opener = {"keys": {f"tenant-kek {said['kid']}": keys["wrapping"].hex()}, "envelope": envelope.hex(), "terms": terms}
print(json.dumps({"value": value.decode(), "tenant": tenant, "namespace": namespace, "name": name, "version": int(version), **opener}))
