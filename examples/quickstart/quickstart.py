"""The gate from Python: the same table as the Rust story, then the trail. Fails if anything ends otherwise than it should."""

import tempfile
from pathlib import Path

import aios
from aios.testing import TestIdp, engine

NOW = 1_800_000_000
POLICIES = Path(__file__).parent / "policies"
REPORT = {"type": "Aios::Data", "id": "report-7", "tenant": "acme"}


def main(folder: Path) -> None:
    idp = TestIdp("https://idp.example.com/")
    aios.root_keys.create(folder / "root.keys")
    configuration = {
        "deployment": "quickstart",
        "audience": ["api://aios"],
        "issuer": [
            {"name": "corp", "iss": idp.iss, "jwks": idp.jwks(), "tenants": {"acme": "t-acme"}, "roles": {"analyst": "Analyst"}}
        ],
        "policy": {"dir": str(POLICIES)},
        "store": {"url": f"sqlite:{folder / 'aios.db'}"},
        "keys": {"file": "root.keys"},
    }
    ada = {"sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Analyst"], "iat": NOW, "exp": NOW + 600}
    with engine(configuration, folder, now=NOW) as gate:

        def reads(claims: dict, resource: dict = REPORT, action: str = "read") -> str:
            try:
                with gate.authorize(credential=idp.sign(claims), action=action, resource=resource):
                    return "permitted"  # here the call would be made; leaving the block records how it ended
            except aios.Refused as refusal:
                return refusal.code

        scene("Ada, analyst of acme, reads acme's report", reads(ada), "permitted")
        scene("Ada writes it, which no policy permits", reads(ada, action="write"), "policy.denied")
        scene("Ada reads a report of tenant globex", reads(ada, REPORT | {"tenant": "globex"}), "tenant.mismatch")
        gate.clock.advance(3600)
        scene("the same token an hour later", reads(ada), "token.expired")
        report = gate.audit.verify("acme")
        scene("the trail of acme is whole", str(report.ok and not report.dangling).lower(), "true")


def scene(what: str, answer: str, expected: str) -> None:
    print(f"{what:<58} {answer:<26} {'yes' if answer == expected else 'NO'}")
    if answer != expected:
        raise SystemExit(f"{what}: expected {expected}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print("\nThe same gate from Python.\n")
        main(Path(name))
