"""Runs docs/formats/envelope_v1.py, as open_envelope.mjs runs its twin."""
import json, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs/formats"))
from envelope_v1 import cobblestone, open_envelope

def opened(envelope, keys, tenant, namespace, name, version, terms):
    known = {tuple(named.split(" ", 1)): bytes.fromhex(key) for named, key in keys.items()}
    return open_envelope(bytes.fromhex(envelope), known, tenant, namespace, name, version, terms.encode()).decode()

def plain(key, context, message):
    return cobblestone(bytes.fromhex(key), bytes.fromhex(context), bytes.fromhex(message)).hex()

def value(work, vector):
    try:
        return work(**vector)
    except Exception:
        return None

asked = json.load(sys.stdin)
works = [(opened, vector) for vector in asked.get("vectors", [])]
works += [(plain, vector) for vector in asked.get("messages", [])]
print(json.dumps([value(*work) for work in works]))
