"""AIOS beside other libraries, verifying RS256 tokens of 1.2 KB: a Markdown table, made by `run.sh`.

Every library verifies the same tokens with the key at hand, in turns: one batch each, round after round. What is shown is
processor time, all threads included, and the median of each round's ratio to AIOS in Rust.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOKENS, ROUNDS = 200, 15
INPUTS = ROOT / "benches/inputs"

Batch = Callable[[str], float]


class Process:
    """Another language's batches: a name in, seconds out."""

    def __init__(self, *command: Any) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def batch(self, name: str) -> Batch:
        def run(state: str) -> float:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(f"{name} {state}\n" if name else f"{state}\n")
            return float(self._process.stdout.readline())

        return run


def job() -> dict[str, Any]:
    """One issuer's key, tokens that differ in their id only, and the engine's configuration."""
    from aios.testing import TestIdp

    configuration = json.loads((INPUTS / "aios.json").read_text())
    issuer = configuration["issuer"][0]
    idp = TestIdp(issuer["iss"])
    issuer["jwks"] = {"keys": [key for key in idp.jwks()["keys"] if key["alg"] == "RS256"]}
    configuration["store"] = {"url": "memory:"}
    now = int(time.time())
    claims = {**json.loads((INPUTS / "claims.json").read_text()), "iat": now, "nbf": now, "exp": now + 3600}
    tokens = [idp.sign({**claims, "jti": f"fqiBqXLPj0eQa82S-{at:05}"}, None, "RS256") for at in range(TOKENS + 1)]
    assert all(1150 < len(token) < 1250 for token in tokens)
    (audience,) = configuration["audience"]
    return {"configuration": configuration, "iss": issuer["iss"], "audience": audience, "jwks": issuer["jwks"], "tokens": tokens}


def python(made: dict[str, Any]) -> dict[str, Batch]:
    """AIOS, PyJWT and joserfc in this process."""
    import jwt
    from joserfc import jwt as rfc
    from joserfc.jwk import KeySet

    import aios

    first, *rest = made["tokens"]
    key, keys = jwt.PyJWK(made["jwks"]["keys"][0]), KeySet.import_key_set(made["jwks"])
    wanted = {name: {"essential": True, "value": made[name if name == "iss" else "audience"]} for name in ("iss", "aud")}

    def pyjwt(token: str) -> None:
        jwt.decode(token, key, ["RS256"], audience=made["audience"], issuer=made["iss"])

    def joserfc(token: str) -> None:
        claims = rfc.decode(token, keys, algorithms=["RS256"]).claims
        rfc.JWTClaimsRegistry(exp={"essential": True}, **wanted).validate(claims)

    def timed(verify: Callable[[str], object]) -> float:
        before = time.thread_time_ns()
        for token in rest:
            verify(token)
        return (time.thread_time_ns() - before) / 1e9

    def ours(state: str) -> float:
        with aios.Aios.open(made["configuration"], INPUTS) as gate:
            gate.authenticate(first)
            if state == "warm":
                timed(gate.authenticate)
            return timed(gate.authenticate)

    return {"AIOS, Python": ours, "PyJWT": lambda _: timed(pyjwt), "joserfc": lambda _: timed(joserfc)}


def main(rows: str) -> None:
    made = job()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(made, file)
        file.flush()
        node = Process("node", ROOT / "benches/compare/peers.mjs", file.name)
        batches: dict[str, Batch] = {"AIOS, Rust": Process(rows, "compare", file.name).batch(""), **python(made)}
        batches |= {"AIOS, Node": node.batch("aios")}
        batches |= {name: node.batch(name) for name in ("jose", "fast-jwt", "aws-jwt-verify")}
        print(table(measured(batches)))


def measured(batches: dict[str, Batch]) -> dict[str, dict[str, list[float]]]:
    """Seconds of each library's batches, cold and warm, round by round; one round before them warms up."""
    found: dict[str, dict[str, list[float]]] = {name: {"cold": [], "warm": []} for name in batches}
    for turn in range(ROUNDS + 1):
        for state in ("cold", "warm"):
            names = list(batches)
            for name in names if turn % 2 else reversed(names):
                seconds = batches[name](state)
                if turn:
                    found[name][state].append(seconds)
    return found


def table(found: dict[str, dict[str, list[float]]]) -> str:
    lines = ["| library | new token | × AIOS, Rust | same token again | × AIOS, Rust, new token |", "|---|---|---|---|---|"]
    floor = found["AIOS, Rust"]["cold"]
    for name, states in found.items():
        cells = []
        for seconds in states.values():
            ratio = statistics.median(one / other for one, other in zip(seconds, floor, strict=True))
            cells += [f"{statistics.median(seconds) / TOKENS * 1e6:.1f} µs", f"{ratio:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


main(sys.argv[1])
