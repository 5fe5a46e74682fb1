"""What all handles have in common: they belong to this process and cannot be copied or pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

__all__: list[str] = []


class _Handle:
    """What is known of a handle is asked when it is first read."""

    __slots__ = ()
    __hash__ = object.__hash__

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name != "_view":
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            self._view = self._handle.view({})._view
            return self._view

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} belongs to this process")
