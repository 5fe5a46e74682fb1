"""Runs docs/formats/envelope_v1.py, as open_envelope.mjs runs its twin."""
import json, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs/formats"))
from envelope_v1 import open_envelope

def value(envelope, keys, tenant, namespace, name, version, terms):
    known = {tuple(named.split(" ", 1)): bytes.fromhex(key) for named, key in keys.items()}
    try:
        return open_envelope(bytes.fromhex(envelope), known, tenant, namespace, name, version, terms.encode()).decode()
    except Exception:
        return None

print(json.dumps([value(**vector) for vector in json.load(sys.stdin)["vectors"]]))
