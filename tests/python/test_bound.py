"""The host's part of tokens that are bound to a key, as `docs/tokens.md` shows it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import aios
from aios import testing

ROOT = Path(__file__).resolve().parents[2]


def shown() -> dict[str, Any]:
    """What the page's one Python block defines."""
    (block,) = (ROOT / "docs/tokens.md").read_text().split("\n```python\n")[1:]
    names: dict[str, Any] = {}
    exec(block.split("\n```\n")[0], names)
    return names


class Headers(dict[str, list[str]]):
    """Headers as Starlette gives them."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name, [default])[0]

    def getlist(self, name: str) -> list[str]:
        return super().get(name, [])


def test_what_the_page_shows_passes_proofs_and_answers_refusals(tmp_path: Path) -> None:
    vectors = json.loads((ROOT / "tests/vectors/proofs.json").read_text())
    for name, text in vectors["files"].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    aios.root_keys.create(tmp_path / "root.keys")
    sent = vectors["rules"][0]["steps"][0]["with"]["credential"]
    page = shown()

    def request(scheme: str, *proofs: str) -> SimpleNamespace:
        headers = Headers({"authorization": [f"{scheme} {sent['bearer']}"], "dpop": list(proofs)})
        return SimpleNamespace(headers=headers, method="GET", scope={"raw_path": b"/v1/report"})

    with testing.engine(vectors["configuration"], tmp_path, now=vectors["now"]) as gate:
        ada = gate.authenticate(page["credential"](request("DPoP", sent["dpop"])))
        assert ada.binding == "dpop"
        for asked, error in [
            (request("DPoP", sent["dpop"]), "invalid_dpop_proof"),
            (request("dpop", sent["dpop"], sent["dpop"]), "invalid_dpop_proof"),
            (request("DPoP"), "invalid_token"),
            (request("Bearer", sent["dpop"]), "invalid_token"),
        ]:
            with pytest.raises(aios.AuthenticationError) as refused:
                gate.authenticate(page["credential"](asked))
            status, headers = page["answer"](refused.value)
            assert status == 401
            assert headers["WWW-Authenticate"].startswith(f'DPoP error="{error}", algs="ES256 ')
    memory = vectors["configuration"] | {"store": {"url": "memory:"}}
    with testing.engine(memory, tmp_path, now=vectors["now"]) as gate:
        with pytest.raises(aios.AuthenticationError) as refused:
            gate.authenticate(page["credential"](request("DPoP", sent["dpop"])))
        _, headers = page["answer"](refused.value)
        assert headers["DPoP-Nonce"] == refused.value.nonce
        assert refused.value.retry == "later"
