"""AIOS beside other libraries, sealing some bytes and opening them again: a Markdown table, made by `run.sh`.

All do the same, in turns: one batch each, round after round. What is shown is processor time, all threads included, and the
median of each round's ratio to AIOS's payload.
"""

from __future__ import annotations

import io
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

LENGTHS = (64, 65_536, 1_048_576)
ROUNDS = 11
TENANT = b"acme"
Batch = Callable[[int, int], float]


def timed(once: Callable[[bytes], bytes]) -> Batch:
    """Processor time of sealing and opening, so many times."""

    def batch(length: int, times: int) -> float:
        content = os.urandom(length)
        before = time.process_time()
        for _ in range(times):
            opened = once(content)
        spent = time.process_time() - before
        assert opened == content
        return spent

    return batch


POLICY = """
@id("works") permit (principal in Aios::Role::"worker", action in [Aios::Action::"read", Aios::Action::"write"], resource);
"""


def ours(folder: str) -> Batch:
    """A principal seals and opens the content of a thing: each is decided by policy and recorded twice, in memory."""
    import aios
    from aios.testing import TestIdp

    os.mkdir(f"{folder}/policies")
    with open(f"{folder}/policies/all.cedar", "w") as file:
        file.write(POLICY)
    idp = TestIdp("https://corp.example/")
    issuer = {"name": "corp", "iss": "https://corp.example/", "jwks": idp.jwks(), "algorithms": ["ES256"]}
    issuer |= {"tenants": {"acme": "t-acme"}, "roles": {"worker": "Worker"}}
    gate = aios.Aios.open(
        {
            "deployment": "bench",
            "audience": ["api://aios"],
            "issuer": [issuer],
            "policy": {"dir": "policies"},
            "store": {"url": "memory:"},
        },
        folder,
    )
    now = int(time.time())
    claims = {"sub": "ada", "aud": "api://aios", "tid": "t-acme", "roles": ["Worker"], "iat": now, "exp": now + 3600}
    vault = gate.authenticate(idp.sign(claims)).vault
    thing: Any = {"type": "Aios::Data", "id": "r", "tenant": "acme"}

    def once(content: bytes) -> bytes:
        return vault.decrypt(resource=thing).whole(vault.encrypt(resource=thing).whole(content))

    return timed(once)


def aws() -> Batch:
    """A raw AES-256 key wraps each data key; a committing suite without signatures."""
    from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
    from aws_encryption_sdk.identifiers import Algorithm, EncryptionKeyType, WrappingAlgorithm
    from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
    from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

    class Keys(RawMasterKeyProvider):  # type: ignore[misc]
        provider_id = "bench"

        def _get_raw_key(self, key_id: str) -> Any:
            return WrappingKey(
                wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
                wrapping_key=b"\7" * 32,
                wrapping_key_type=EncryptionKeyType.SYMMETRIC,
            )

    keys = Keys()
    keys.add_master_key("k")
    client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    suite = Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY

    def once(content: bytes) -> bytes:
        sealed, _ = client.encrypt(source=content, key_provider=keys, algorithm=suite, encryption_context={"tenant": "acme"})
        opened, _ = client.decrypt(source=sealed, key_provider=keys)
        return bytes(opened)

    return timed(once)


class Kept(io.BytesIO):
    """Tink closes what it has written to."""

    def close(self) -> None:
        pass


def tink() -> dict[str, Batch]:
    """One key for everything: no data keys, nothing committed to."""
    import tink as library
    from tink import aead, streaming_aead

    aead.register()
    streaming_aead.register()
    whole = library.new_keyset_handle(aead.aead_key_templates.AES256_GCM).primitive(aead.Aead)
    template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
    stream = library.new_keyset_handle(template).primitive(streaming_aead.StreamingAead)

    def streamed(content: bytes) -> bytes:
        sealed = Kept()
        with stream.new_encrypting_stream(sealed, TENANT) as sink:
            sink.write(content)
        with stream.new_decrypting_stream(io.BytesIO(sealed.getvalue()), TENANT) as source:
            opened: bytes = source.read()
        return opened

    return {
        f"tink {version('tink')}, AEAD": timed(lambda content: whole.decrypt(whole.encrypt(content, TENANT), TENANT)),
        f"tink {version('tink')}, streaming": timed(streamed),
    }


def fernet() -> Batch:
    from cryptography.fernet import Fernet

    key = Fernet(Fernet.generate_key())
    return timed(lambda content: key.decrypt(key.encrypt(content)))


def measured(batches: dict[str, Batch]) -> dict[str, dict[int, list[float]]]:
    """Seconds for one sealing and opening; one round before the others warms up."""
    found: dict[str, dict[int, list[float]]] = {name: {length: [] for length in LENGTHS} for name in batches}
    for turn in range(ROUNDS + 1):
        for length in LENGTHS:
            times = {64: 200, 65_536: 40}.get(length, 4)
            names = list(batches)
            for name in names if turn % 2 else reversed(names):
                seconds = batches[name](length, times) / times
                if turn:
                    found[name][length].append(seconds)
    return found


BASE = "AIOS's payload"


def table(found: dict[str, dict[int, list[float]]]) -> str:
    titles = [title for length in LENGTHS for title in (f"{length:,} bytes", "×")]
    lines = ["| | " + " | ".join(titles) + " |", "|---" * (1 + len(titles)) + "|"]
    for name, lengths in found.items():
        cells = []
        for length, seconds in lengths.items():
            ratios = [one / other for one, other in zip(seconds, found[BASE][length])]
            cells += [f"{statistics.median(seconds) * 1e6:,.0f} µs", f"{statistics.median(ratios):.2g}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        batches = {BASE: ours(folder), f"aws-encryption-sdk {version('aws-encryption-sdk')}": aws()} | tink()
        batches |= {f"Fernet, cryptography {version('cryptography')}": fernet()}
        print(f"Python {platform.python_version()}, {platform.machine()}\n\n{table(measured(batches))}")


main()
