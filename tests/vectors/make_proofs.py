"""Writes proofs.json: tokens bound to a key, and proofs of that key, for a clock that stands at `NOW`.

A proof names its token, so that both are written down. The keys are made here and forgotten. Run it to change the rules:
`python3 tests/vectors/make_proofs.py` (needs the package `cryptography`).
"""

import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

NOW = 1800000000
HTU = "https://api.example.com/v1/report"
# RFC 8705 appendix A.
CERTIFICATE = (
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZ"
    "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8w"
    "CgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY="
)
READ = {"action": "read", "resource": {"type": "Aios::Data", "id": "r", "tenant": "acme"}}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Key:
    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        point = self.key.public_key().public_numbers()
        self.jwk = {"crv": "P-256", "kty": "EC", "x": b64(point.x.to_bytes(32, "big")), "y": b64(point.y.to_bytes(32, "big"))}
        self.jkt = b64(hashlib.sha256(compact(self.jwk).encode()).digest())

    def sign(self, header, claims):
        signed = f"{b64(compact(header).encode())}.{b64(compact(claims).encode())}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


ISSUER, HOLDER, OTHER = Key(), Key(), Key()
X5T = b64(hashlib.sha256(base64.b64decode(CERTIFICATE)).digest())


def token(cnf):
    claims = {"iss": "https://corp.example/", "sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst"]}
    claims |= {"iat": NOW, "exp": NOW + 600} | ({"cnf": cnf} if cnf else {})
    return ISSUER.sign({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}, claims)


FREE, KEYED, CONNECTED = token(None), token({"jkt": HOLDER.jkt}), token({"x5t#S256": X5T})
BOTH = token({"jkt": HOLDER.jkt, "x5t#S256": X5T})
made = 0


def proof(of=KEYED, key=HOLDER, header=None, **says):
    """A proof that was never made before, so that rules do not depend on one another."""
    global made
    made += 1
    claims = {"jti": f"proof-{made}", "htm": "GET", "htu": HTU, "iat": NOW, "ath": b64(hashlib.sha256(of.encode()).digest())}
    return key.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk} | (header or {}), claims | says)


def sent(bearer, dpop=None, certificate=None, method="GET", url="/v1/report?page=2"):
    credential = {"bearer": bearer}
    if dpop is not None:
        credential |= {"dpop": dpop, "request": {"method": method, "url": url}}
    return credential | ({"certificate": certificate} if certificate else {})


def call(do, credential, on="engine", **expected):
    given = {} if credential is None else {"credential": credential}
    given |= {} if do in ("authenticate", "view") else READ
    return {"on": on, "do": do, "with": given} | expected


def refused(credential, code, **more):
    return call("authenticate", credential, refusal={"code": code, "status": 401} | more)


def invalid(credential, at, **more):
    return refused(credential, "token.pop_invalid", at=at, **more)


def contains(text):
    return {"$contains": text}


def passes(credential, binding):
    return [call("authenticate", credential, **{"as": "p"}), call("view", None, on="p", answer={"binding": binding})]


once, checked, slow = proof(), proof(), proof()
late = proof(iat=NOW + 61)
RULES = {
    "a token bound to a key passes with a proof of it for this request": passes(sent(KEYED, proof()), "dpop")
    + [
        call("check", None, on="p", answer={"allowed": True}),
        call("authorize", sent(KEYED, proof(), url=HTU), **{"as": "permit"}),
    ],
    "a proof counts once": [
        call("authenticate", sent(KEYED, once), **{"as": "p"}),
        refused(
            sent(KEYED, once), "token.pop_replayed", at="dpop.jti", challenge=contains('DPoP error="invalid_dpop_proof", algs="')
        ),
        call("check", sent(KEYED, once), answer={"allowed": False, "code": "token.pop_replayed"}),
        call("check", sent(KEYED, checked), answer={"allowed": True}),
        call("authorize", sent(KEYED, checked), refusal={"code": "token.pop_replayed"}),
    ],
    "a token bound to a key is refused without its proof": [
        refused(credential, "token.pop_required", at="dpop", challenge=contains('DPoP error="invalid_token"'))
        for credential in (KEYED, {"bearer": KEYED}, sent(KEYED, ""))
    ],
    "a proof for another request or token, or of another time or key, is refused": [
        invalid(sent(KEYED, proof(htm="POST")), "dpop.htm", challenge=contains('DPoP error="invalid_dpop_proof"')),
        invalid(sent(KEYED, proof(), method="POST"), "dpop.htm"),
        invalid(sent(KEYED, proof(htu="https://api.example.com/v1/other")), "dpop.htu"),
        invalid(sent(KEYED, proof(), url="/v1/other"), "dpop.htu"),
        invalid(sent(KEYED, proof(of=FREE)), "dpop.ath"),
        invalid(sent(KEYED, proof(ath=None)), "dpop.ath"),
        invalid(sent(KEYED, proof(iat=NOW - 61)), "dpop.iat", expected=contains("60 seconds ago")),
        invalid(sent(KEYED, proof(iat=NOW + 6)), "dpop.iat"),
        invalid(sent(KEYED, proof(key=OTHER)), "dpop.jwk"),
        invalid(sent(KEYED, proof(header={"jwk": OTHER.jwk})), "dpop"),
        invalid(sent(KEYED, proof(jti="")), "dpop.jti"),
        invalid(sent(KEYED, proof(header={"typ": "JWT"})), "dpop.typ", expected="dpop+jwt", actual="JWT"),
        invalid(sent(KEYED, proof(header={"alg": "HS256"})), "dpop.alg", actual="HS256"),
        invalid(sent(KEYED, proof(header={"jwk": HOLDER.jwk | {"d": "AAAA"}})), "dpop.jwk"),
        invalid(sent(KEYED, f"{proof()}, {proof()}"), "dpop"),
        invalid(sent(KEYED, KEYED), "dpop.typ"),
    ],
    "a request lies below the public URL, whatever its sender calls the host": [
        invalid(sent(KEYED, proof(htu="https://evil.example/v1/report"), url="https://evil.example/v1/report"), "request.url"),
        invalid(sent(KEYED, proof(htu="https://api.example.com/v2/report"), url="/v2/report"), "request.url"),
        invalid({"bearer": KEYED, "dpop": proof()}, "request"),
    ],
    "a proof for a token that is bound to no key is refused": [invalid(sent(FREE, proof(of=FREE)), "cnf.jkt")],
    "a proof that cannot be used up without waiting would wait, and costs nothing": [
        call("check_now", sent(KEYED, slow), refusal={"code": "would_wait"}),
        call("check", sent(KEYED, slow), answer={"allowed": True}),
    ],
    "time passes for proofs though the token is remembered": [
        call("authenticate", sent(KEYED, proof()), **{"as": "p"}),
        {"at": NOW + 61},
        invalid(sent(KEYED, proof()), "dpop.iat"),
        call("authenticate", sent(KEYED, late), **{"as": "p"}),
    ],
    "a token bound to a certificate passes on its connection only": passes(sent(CONNECTED, certificate=CERTIFICATE), "mtls")
    + [
        refused(CONNECTED, "token.pop_required", at="certificate", challenge='Bearer error="invalid_token"'),
        invalid(sent(CONNECTED, certificate="AAAA"), "certificate", challenge='Bearer error="invalid_token"'),
        call("authenticate", sent(FREE, certificate=CERTIFICATE), **{"as": "p"}),
        call("view", None, on="p", answer={"binding": "none"}),
    ],
    "a token bound to both needs both": [
        refused(sent(BOTH, proof(of=BOTH)), "token.pop_required", at="certificate"),
        refused(sent(BOTH, certificate=CERTIFICATE), "token.pop_required", at="dpop"),
        *passes(sent(BOTH, proof(of=BOTH), CERTIFICATE), "dpop"),
    ],
    "a token bound in another way is refused": [
        refused(sent(token({"jkt": HOLDER.jkt, "kid": "k1"}), "x"), "token.pop_required", at="cnf"),
    ],
    "a credential has the members that it may have": [
        call("authenticate", {"bearer": FREE, **more}, refusal={"code": "policy.input"})
        for more in ({"cookie": "x"}, {"request": {"method": "GET"}}, {"request": {"method": "GET", "url": "/", "ip": "::1"}})
    ]
    + [call("authenticate", sent(CONNECTED, certificate="!"), refusal={"code": "policy.input", "at": "credential.certificate"})],
}
MEMORY = {"store": {"url": "memory:"}}
CHANGED = {
    "where only memory remembers proofs a nonce is demanded": (
        MEMORY,
        refused(
            sent(KEYED, proof(nonce="of somebody else")),
            "token.pop_nonce",
            retry="later",
            nonce=contains(""),
            challenge=contains('DPoP error="use_dpop_nonce", algs="'),
        ),
    ),
    "a nonce is demanded where the configuration says so": (
        {"dpop": {"nonce": "required"}},
        refused(sent(KEYED, proof()), "token.pop_nonce"),
    ),
    "proofs need a configured public URL": ({"public_url": None}, invalid(sent(KEYED, proof()), "public_url")),
    "the age of proofs is as configured": (
        {"dpop": {"past_seconds": 10, "future_seconds": 0}},
        invalid(sent(KEYED, proof(iat=NOW - 11)), "dpop.iat", expected=contains("10 seconds ago")),
        invalid(sent(KEYED, proof(iat=NOW + 1)), "dpop.iat"),
        *passes(sent(KEYED, proof(iat=NOW - 10)), "dpop"),
    ),
}
OPENINGS = {
    "where only memory remembers proofs a nonce cannot be done without": (MEMORY | {"dpop": {"nonce": "never"}}, "dpop.nonce"),
    "the public URL is one of https": ({"public_url": "http://api.example.com"}, "public_url"),
    "the public URL has no query": ({"public_url": "https://api.example.com/?a"}, "public_url"),
    "proofs are of the last minutes": ({"dpop": {"past_seconds": 301}}, "dpop.past_seconds"),
    "proofs are hardly of the future": ({"dpop": {"future_seconds": 61}}, "dpop.future_seconds"),
}

rules = [{"rule": rule, "steps": steps} for rule, steps in RULES.items()]
rules += [{"rule": rule, "changes": changes, "steps": steps} for rule, (changes, *steps) in CHANGED.items()]
rules += [
    {"rule": rule, "changes": changes, "opening": {"refusal": {"code": "config.invalid", "at": at}}}
    for rule, (changes, at) in OPENINGS.items()
]
policy = '@id("analysts-read") permit (principal in Aios::Role::"analyst", action == Aios::Action::"read", resource is Aios::Data);'
document = {
    "about": "Tokens bound to their sender: what must come with them. Written by make_proofs.py",
    "now": NOW,
    "issuers": {},
    "files": {"policies/all.cedar": policy},
    "configuration": {
        "deployment": "vectors",
        "audience": ["api://aios"],
        "public_url": "https://api.example.com/v1",
        "issuer": [
            {
                "name": "corp",
                "iss": "https://corp.example/",
                "jwks": {"keys": [ISSUER.jwk | {"kid": "k1", "alg": "ES256"}]},
                "algorithms": ["ES256"],
                "tenants": {"acme": "t-acme"},
                "roles": {"analyst": "Analyst"},
            }
        ],
        "policy": {"dir": "policies"},
        "store": {"url": "sqlite:proofs.db"},
        "keys": {"file": "root.keys"},
    },
    "tokens": {},
}
head = json.dumps(document, indent=2)[:-2]
lines = ",\n".join("    " + json.dumps(rule) for rule in rules)
pathlib.Path(__file__).with_name("proofs.json").write_text(f'{head},\n  "rules": [\n{lines}\n  ]\n}}\n')
