"""Payloads: bytes of any length under the tenant's key, in Python's idiom."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from world import World

import aios

POLICY = """
@id("pipeline") permit (principal in Aios::Role::"analyst", action in [Aios::Action::"read", Aios::Action::"write"], resource is Aios::Memory);
"""
RUN = {"type": "Aios::Memory", "id": "run-7", "tenant": "acme"}
CONTENT = bytes(range(256)) * 9000


def opened(world: World) -> aios.Aios:
    (world.folder / "policies/payloads.cedar").write_text(POLICY)
    return world.open()


def test_a_payload_is_sealed_and_opened_whole_in_parts_and_awaited(world: World) -> None:
    gate = opened(world)
    ada = gate.authenticate(world.ada())
    sealed = ada.vault.encrypt(resource=RUN).whole(CONTENT)
    assert CONTENT[:64] not in sealed
    assert gate.vault.decrypt(credential=world.ada(), resource=RUN).whole(sealed) == CONTENT
    parts = (sealed[at : at + 70_000] for at in range(0, len(sealed), 70_000))
    assert b"".join(ada.vault.decrypt(resource=RUN).through(parts)) == CONTENT
    assert gate.vault.decrypt(credential=world.ada(), resource=RUN).whole(memoryview(sealed)) == CONTENT

    async def awaited() -> None:
        async def chunks(data: bytes) -> AsyncIterator[bytes]:
            for at in range(0, len(data), 100_000):
                yield data[at : at + 100_000]

        sealing = await ada.vault.encrypt_async(resource=RUN)
        sealed = b"".join([part async for part in sealing.through_async(chunks(CONTENT))])
        opening = await gate.vault.decrypt_async(credential=world.ada(), resource=RUN)
        assert await opening.whole_async(sealed) == CONTENT

    asyncio.run(awaited())


def test_what_is_not_whole_or_of_another_thing_raises_and_is_over(world: World) -> None:
    gate = opened(world)
    ada = gate.authenticate(world.ada())
    sealed = ada.vault.encrypt(resource=RUN).whole(b"content")
    for data, resource in [(sealed[:-1], RUN), (sealed + b"x", RUN), (b"", RUN), (sealed, {**RUN, "id": "run-8"})]:
        payload = ada.vault.decrypt(resource=resource)
        with pytest.raises(aios.Failed) as raised:
            payload.whole(data)
        assert raised.value.code == "vault.undecryptable"
        with pytest.raises(aios.Denied) as over:
            payload.update(sealed)
        assert over.value.code == "audit.permit_ended"
    with pytest.raises(aios.Denied) as denied:
        ada.vault.encrypt(resource={**RUN, "type": "Aios::Data"})
    assert denied.value.code == "policy.denied"


def test_two_tasks_cannot_mix_their_parts(world: World) -> None:
    ada = opened(world).authenticate(world.ada())

    async def both() -> None:
        payload = await ada.vault.encrypt_async(resource=RUN)
        answers = await asyncio.gather(*(payload.update_async(CONTENT) for _ in range(2)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [bytes, RuntimeError]

    asyncio.run(both())


def test_the_page_shows_how(world: World) -> None:
    ada = opened(world).authenticate(world.ada())
    _, rest = (Path(__file__).parents[2] / "docs/vault.md").read_text().split("\n```python payloads/pass_on.py\n")
    defined: dict[str, Any] = {}
    exec(rest.split("\n```\n")[0], defined)
    sealed = defined["leave"](ada.vault, RUN, CONTENT)
    assert defined["take"](ada.vault, RUN, sealed) == CONTENT and CONTENT[:64] not in sealed


def test_a_payload_belongs_to_its_process_and_is_made_by_the_vault_alone(world: World) -> None:
    gate = opened(world)
    payload = gate.vault.encrypt(credential=world.ada(), resource=RUN)
    with pytest.raises(TypeError):
        pickle.dumps(payload)
    with pytest.raises(TypeError):
        aios.Payload(None)  # type: ignore[arg-type]
    assert repr(payload) == "Payload()"
