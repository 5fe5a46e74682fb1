"""A secret's value that was shown to a person."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from ._answers import RevealedSecret

__all__ = ["Revealed"]


class Revealed:
    """A value and which version it is of. Only `value` gives it: it is in no `repr`, no traceback's line and no pickle."""

    __slots__ = ("_value", "fingerprint", "reference")

    reference: str
    fingerprint: str
    _value: bytes

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("a value is what Vault.reveal(..) gives")

    @staticmethod
    def _of(shown: RevealedSecret) -> Revealed:
        made: Revealed = object.__new__(Revealed)
        made.reference = shown.reference
        made.fingerprint = shown.fingerprint
        made._value = base64.b64decode(shown.value_base64)
        return made

    @property
    def value(self) -> bytes:
        """The value. Python cannot wipe it: let go of it soon."""
        return self._value

    def __repr__(self) -> str:
        return f"Revealed(reference={self.reference!r}, fingerprint={self.fingerprint!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Revealed belongs to this process")
