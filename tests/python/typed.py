"""What a caller writes, as mypy sees it: `run.sh` checks it strictly, and nothing here is run.

Each `type: ignore` is a mistake that mypy must find; one that it does not find is an error of its own.
"""

from __future__ import annotations

import aios
from aios.testing import TestIdp, engine


def reads(gate: aios.Aios, token: str) -> str:
    decision = gate.check(
        credential={"bearer": token},
        action="read",
        resource={"type": "Aios::Data", "id": "r", "tenant": "acme", "parents": [{"type": "Aios::Data", "id": "all"}]},
        input={"pages": [1, 2], "to": {"name": None}},
    )
    policies: tuple[str, ...] = decision.policies
    code: aios.Code | None = decision.code
    if code == "policy.denied" or not decision:
        return ", ".join(policies)
    with gate.authorize(credential=token, action="read", resource={"type": "Aios::Data", "id": "r"}) as permit:
        permit.complete("failed", {"rows": 3})
    return permit.principal.subject + permit.resource.type


async def awaits(token: str) -> int:
    async with await aios.Aios.open_async("aios.toml") as gate:
        ada = await gate.authenticate_async(token)
        async with await ada.authorize_async(action="read", resource={"type": "Aios::Data", "id": "r"}) as permit:
            return permit.expires_at


def uses(gate: aios.Aios, token: str) -> str:
    credential: aios.SecretUse = gate.vault.client(credential=token, reference="secret://acme/default/key")
    with credential.requests_session() as session:
        session.mount("https://", credential.requests_adapter())
    return credential.reference


def catches(gate: aios.Aios) -> aios.Code:
    try:
        gate.flush()
    except aios.AuthenticationError as denied:
        return denied.code
    except aios.Failed as failed:
        retry: str = failed.retry
        return "internal" if retry == "later" else failed.code
    return "engine.closed"


def revokes(gate: aios.Aios, other: aios.Aios, token: str) -> int:
    ada = gate.authenticate(token)
    gate.revoke(principal=ada, selector={"kind": "session", "issuer": "corp", "id": "s-1"})
    ada.revoke_before(selector={"kind": "subject", "issuer": "corp", "id": "ada", "subject_kind": "user"}, before=1_800_000_000)
    gate.reinstate(credential=token, selector={"kind": "tenant"})
    return other.restore_keys(gate.snapshot_keys().snapshot).issuers + sum(found.keys for found in gate.hydrate().issuers) + gate.policies().policies


def mistakes(gate: aios.Aios, permit: aios.Permit, token: str) -> None:
    gate.check(credential=token, action="read", resource={"type": "Aios::Data"})  # type: ignore[typeddict-item]
    gate.check(credential=token, action="read")  # type: ignore[call-arg]
    gate.check(token, "read", {"type": "A", "id": "r"})  # type: ignore[call-arg, arg-type]
    permit.complete("fine")  # type: ignore[arg-type]
    permit.colour  # type: ignore[attr-defined]
    code: aios.Code = "policy.unheard_of"  # type: ignore[assignment]
    aios.Aios()  # type: ignore[call-arg]
    aios.Permit(None)  # type: ignore[arg-type]
    aios.Principal(gate)  # type: ignore[arg-type]
    gate.revoke(credential=token, selector={"kind": "planet"})  # type: ignore[typeddict-item]
    gate.restore_keys(gate.snapshot_keys())  # type: ignore[arg-type]
    if gate.check_async(credential=token, action="read", resource={"type": "A", "id": "r"}):  # type: ignore[truthy-bool]
        print("a call that nobody awaited is no decision")
    with gate.authorize_async(action="read", resource={"type": "A", "id": "r"}):  # type: ignore[attr-defined]
        print(code)


def tests(configuration: dict[str, object]) -> str:
    gate = engine(configuration, now=1_800_000_000)
    gate.clock.advance(60)
    with TestIdp("https://idp.example/").serve() as served:
        return served.iss
