"""Whatever AIOS accepts, at most one of PyJWT, joserfc and npm `jose` refuses."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import warnings
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import jwt
from joserfc import jwt as rfc
from joserfc.jwk import KeySet
from world import START, World

import aios
from aios.testing import engine

ROOT = Path(__file__).parents[2]
ALGORITHMS = ["RS256", "ES256", "EdDSA"]
CORPUS = 6000


class Peers:
    """Three libraries with the same settings, and a clock that stands still."""

    def __init__(self, issuers: dict[str, dict[str, Any]], audience: str, algorithms: list[str]) -> None:
        self.issuers, self.audience, self.algorithms = issuers, audience, algorithms

    def refusals(self, tokens: list[str]) -> list[set[str]]:
        """Of each token, who refuses it."""
        python = {"PyJWT": self._pyjwt, "joserfc": self._joserfc}
        found = {name: self._each(accepts, tokens) for name, accepts in python.items()}
        found["jose"] = self._jose(tokens)
        return [{name for name, taken in found.items() if not taken[at]} for at in range(len(tokens))]

    def _each(self, accepts: Any, tokens: list[str]) -> list[bool]:
        def one(token: str, iss: str) -> bool:
            try:
                accepts(token, iss)
            except Exception:  # noqa: BLE001 - whatever a library raises is a refusal
                return False
            return True

        still = mock.Mock(now=lambda tz=None: datetime.fromtimestamp(START, tz or timezone.utc))
        with warnings.catch_warnings(), mock.patch("jwt.api_jwt.datetime", still):
            warnings.simplefilter("ignore")
            return [any(one(token, iss) for iss in self.issuers) for token in tokens]

    def _pyjwt(self, token: str, iss: str) -> None:
        kid = jwt.get_unverified_header(token)["kid"]
        (key,) = [key for key in self.issuers[iss]["keys"] if key["kid"] == kid]
        alone = [name for name in self.algorithms if key.get("alg") in (None, name)]
        wanted = {"audience": self.audience, "issuer": iss, "options": {"require": ["exp", "sub"]}}
        jwt.decode(token, jwt.PyJWK(key).key, alone, **wanted)

    def _joserfc(self, token: str, iss: str) -> None:
        read = rfc.decode(token, KeySet.import_key_set(self.issuers[iss]), algorithms=self.algorithms)
        essential = {"exp": {"essential": True}, "sub": {"essential": True}}
        wanted = {"iss": {"essential": True, "value": iss}, "aud": {"essential": True, "value": self.audience}}
        rfc.JWTClaimsRegistry(now=START, leeway=0, **essential, **wanted).validate(read.claims)

    def _jose(self, tokens: list[str]) -> list[bool]:
        issuers = [{"iss": iss, "jwks": jwks} for iss, jwks in self.issuers.items()]
        asked = {"now": START, "audience": self.audience, "algorithms": self.algorithms, "issuers": issuers, "tokens": tokens}
        program = ROOT / "tests/peers/differ.mjs"
        assert (program.parent / "node_modules").is_dir(), "make node_modules"
        ran = subprocess.run(["node", program], input=json.dumps(asked), capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, ran.stderr
        answers: list[bool] = json.loads(ran.stdout)
        return answers


def accepted(gate: aios.Aios, tokens: list[str]) -> list[bool]:
    def one(token: str) -> bool:
        try:
            gate.authenticate(token)
        except aios.Denied:
            return False
        return True

    return [one(token) for token in tokens]


def excused(token: str) -> str | None:
    """Why libraries may refuse what AIOS accepts."""
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    if header["alg"] == "Ed25519":
        return "RFC 9864's name for EdDSA on that curve; the others take one name alone"
    if any(isinstance(claims.get(name), float) for name in ("exp", "nbf", "iat")):
        return "RFC 7519 section 2 allows fractions of a second"
    return None


def agree(gate: aios.Aios, peers: Peers, tokens: list[str]) -> int:
    """How many AIOS accepts; none of them against two others."""
    taken = accepted(gate, tokens)
    verdicts = zip(tokens, taken, peers.refusals(tokens), strict=True)
    against = {
        token: refusing for token, ours, refusing in verdicts if ours and len(refusing) > 1 and not excused(token)
    }
    assert not against, against
    return sum(taken)


CLAIMS: dict[str, list[Any]] = {
    "exp": [START, START + 1, START + 0.5, str(START + 60), START * 1000, -1, True, [START + 60], 1e300],
    "nbf": [START, START + 1, START - 1, str(START), START - 0.5, False, {}],
    "iat": [START, START + 1, START - 1, str(START), -1, [1], True],
    "iss": ["https://idp.example.com", "https://IDP.example.com/", ["https://idp.example.com/"], "", 1, "https://idp.example.com/ "],
    "aud": [["api://aios"], ["x", "api://aios"], [], "api://AIOS", "api://aios ", ["api://aios", 1], {"api://aios": 1}, [["api://aios"]]],
    "sub": ["", 1, None, ["ada"], "a\u0000b", "ada"],
    "jti": [1, "", "x", None, []],
    "tid": ["t-acme", "t-other", ["t-acme"], 1],
    "cnf": [{"jkt": "x"}, None],
    "act": [{"sub": "x"}, {}, "x"],
    "scp": ["a b", ["a"], 1],
}
HEADER: dict[str, list[Any]] = {
    "typ": ["JWT", "AT+JWT", "application/at+jwt", "", 1, "logout+jwt", "at+jwt;x"],
    "alg": ["none", "HS256", "RS256", "ES256", "EdDSA", "Ed25519", "rs256", "ES384", 1],
    "kid": ["x", "", 1, "es256-1", "rs256-1", "eddsa-1", "../es256-1"],
    "crit": [["exp"], [], "exp", ["b64"]],
    "b64": [False, True],
    "zip": ["DEF"],
    "cty": ["JWT", "x"],
    "jku": ["https://evil.example/"],
    "jwk": [{"kty": "oct", "k": "AA"}],
}


def corpus(world: World, dice: random.Random) -> list[str]:
    """Tokens that the issuer signed, with strange claims and headers, and such whose text was changed afterwards."""
    tokens = []
    for at in range(CORPUS):
        claims: dict[str, Any] = {"sub": "ada", "aud": "api://aios", "tid": "t-acme", "iat": START - 10, "exp": START + 600}
        header: dict[str, Any] = {}
        for table, made in ((CLAIMS, claims), (HEADER, header)):
            for name in dice.sample(sorted(table), dice.choice([0, 0, 1, 1, 2])):
                made[name] = dice.choice([*table[name], None])
        token = world.idp.sign(claims, header, dice.choice(ALGORITHMS))
        tokens.append(changed(token, dice) if at % 3 == 0 else token)
    return tokens


def changed(token: str, dice: random.Random) -> str:
    parts = token.split(".")
    where = dice.randrange(3)
    at = dice.randrange(len(parts[where]) or 1)
    text = parts[where]
    match dice.randrange(7):
        case 0:
            parts[where] = text[:at] + dice.choice("AZaz09-_+/=. \n\x00") + text[at + 1 :]
        case 1:
            parts[where] = text + dice.choice(["=", "A", "\n", ".", " "])
        case 2:
            parts[where] = ""
        case 3:
            parts[0], parts[1] = parts[1], parts[0]
        case 4:
            inside = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) + dice.choice([b" ", b"{}", b"\x00"])
            parts[where] = base64.urlsafe_b64encode(inside).rstrip(b"=").decode()
        case 5:
            parts.append(text)
        case _:
            parts[where] = text[:at]
    return ".".join(parts)


def test_nothing_is_accepted_that_two_others_refuse() -> None:
    world = World()
    gate = engine(world.configuration(algorithms=ALGORITHMS, leeway_seconds=0), world.folder, now=START)
    tokens = corpus(world, random.Random(8725))
    peers = Peers({world.idp.iss: world.idp.jwks()}, "api://aios", ALGORITHMS)
    # Enough of them are in order that the others' refusals would show.
    assert agree(gate, peers, tokens) > CORPUS // 20


def test_no_attack_is_accepted_that_two_others_refuse(tmp_path: Path) -> None:
    file = json.loads((ROOT / "tests/vectors/attacks.json").read_text())
    data = json.loads((ROOT / "tests/vectors/data/attack_vectors.json").read_text())
    aios.root_keys.create(tmp_path / "root.keys")
    for name, content in file["files"].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    gate = engine(file["configuration"], base=tmp_path, now=START)
    usable = {
        iss: {"keys": [key for key in jwks["keys"] if key["kty"] in ("RSA", "EC", "OKP") and key.get("use") != "enc"]}
        for iss, jwks in data["jwks_by_issuer"].items()
    }
    peers = Peers(usable, "api://aios", [*ALGORITHMS, "ES384"])
    tokens = [vector["token"] for vector in data["vectors"]]
    assert agree(gate, peers, tokens) == sum(vector["expect"] == "accept" for vector in data["vectors"])
