"""What the classes of answers have in common. `_answers.py` is made from the operations table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Answer:
    """An answer of the core: data that does not change."""

    __slots__ = ("_view",)
    # Each class says which view it has, for the type checker alone: what Python need not make, no import waits for.
    _view: Mapping[str, Any]

    def __init__(self, view: Mapping[str, Any]) -> None:
        self._view = view

    def to_dict(self) -> dict[str, Any]:
        """The same as a plain dict, which is the caller's own to the last member."""
        # Seldom asked for, so that nobody else waits for the import.
        from copy import deepcopy

        return dict(deepcopy(self._view))

    def __eq__(self, other: object) -> bool:
        return self._view == other._view if type(other) is type(self) else NotImplemented

    def __repr__(self) -> str:
        # What is shown to a person is printed nowhere.
        shown = ((name, "..." if name == "value_base64" else repr(value)) for name, value in self._view.items())
        members = ", ".join(f"{name}={value}" for name, value in shown)
        return f"{type(self).__name__}({members})"
