"""Opens a payload with the root key file and the store alone, without AIOS. Format: docs/formats/payload-v1.md.

usage: open_payload.py DATABASE ROOT_KEYS DEPLOYMENT FILE TENANT TYPE ID

Prints the hash of what is in it, and the key that opens it.
"""
import hashlib, json, pathlib, sqlite3, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs/formats"))
from payload_v1 import open_payload
from vault_keys import row, tenant_keys

database, roots, deployment, file, tenant, kind, id = sys.argv[1:]
database = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
said = json.loads(row(database, f"vault/tenant/{tenant.replace('/', '~')}")[1][32:])
keys = {said["kid"]: tenant_keys(roots, deployment, tenant, said)["payload"]}
content = open_payload(pathlib.Path(file).read_bytes(), keys, tenant, kind, id)
print(json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "key": f"{said['kid']} {keys[said['kid']].hex()}"}))
