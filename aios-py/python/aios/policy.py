"""The raw engine: policies asked about whoever the program names.

It is not the gate. Nobody is verified, no tenant is held apart, nothing is recorded, and no permit comes of it: see
docs/policy.md. The gate is `aios.Aios`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from . import _aios
from ._answers import PolicyFault, PolicySetView
from ._answers import RawDecision as Decision
from ._loop import awaited

if TYPE_CHECKING:
    from ._types import EntityRef, PolicyTexts, RawQuestion

__all__ = ["Decision", "Entities", "Policies", "PolicyFault", "PolicySetView", "Uid"]

Uid = tuple[str, str]
"""An entity's type with its namespace, and its id."""

Entities = Union[str, Sequence[Mapping[str, Any]]]
"""Entities in Cedar's JSON: the text of an array, or the array."""


class Policies:
    """Policies, perhaps with a schema and static entities. Usable from any number of threads, and in forked children.

    Raises `Failed` with the code `config.invalid` and every mistake found. With a schema, in Cedar's own syntax or as JSON,
    everything is validated strictly.
    """

    __slots__ = ("_set",)

    _set: _aios.PolicySet

    def __init__(self, text: str, schema: str | None = None, entities: Entities | None = None) -> None:
        self._set = _aios.HOST.load_policies(_texts(text, schema, entities))

    @staticmethod
    async def load_async(text: str, schema: str | None = None, entities: Entities | None = None) -> Policies:
        """As the constructor, awaited."""
        texts = _texts(text, schema, entities)
        made: Policies = object.__new__(Policies)
        made._set = await awaited(lambda tasks: _aios.HOST.load_policies_async(texts, tasks))
        return made

    def decide(
        self, principal: Uid, action: Uid, resource: Uid, context: dict[str, Any] | None = None
    ) -> Decision:
        """What the policies say of these names, for whom the caller vouches. Any error is a no."""
        asked: RawQuestion = {"principal": _uid(principal), "action": _uid(action), "resource": _uid(resource)}
        if context is not None:
            asked["context"] = context
        return self._set.decide(asked)

    def reload(self, text: str, schema: str | None = None, entities: Entities | None = None) -> PolicySetView:
        """Puts others in their place, all at once. Where these cannot be loaded, it raises and the old ones stay."""
        return self._set.reload(_texts(text, schema, entities))

    async def reload_async(
        self, text: str, schema: str | None = None, entities: Entities | None = None
    ) -> PolicySetView:
        """As `reload`, awaited."""
        texts = _texts(text, schema, entities)
        return await awaited(lambda tasks: self._set.reload_async(texts, tasks))

    def view(self) -> PolicySetView:
        """What is loaded: generation, digest, and how much."""
        return self._set.view({})

    def __repr__(self) -> str:
        view = self.view()
        return f"Policies(generation={view.generation}, policies={view.policies}, entities={view.entities})"


def _texts(text: str, schema: str | None, entities: Entities | None) -> PolicyTexts:
    texts: PolicyTexts = {"policies": text}
    if schema is not None:
        texts["schema"] = schema
    if entities is not None:
        texts["entities"] = entities if isinstance(entities, str) else json.dumps(list(entities), allow_nan=False)
    return texts


def _uid(uid: Uid) -> EntityRef:
    kind, name = uid
    return {"type": kind, "id": name}
