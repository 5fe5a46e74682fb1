"""Refusals as exceptions: `Refused` > `Denied` (> `AuthenticationError`) and `Failed`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._answers import PolicyFault
    from ._types import RefusalView, Retry
    from .codes import Code

__all__ = ["AuthenticationError", "Denied", "Failed", "Refused"]


class Refused(Exception):
    """A call was refused. `str()` of it is one line that is safe to show to the caller."""

    code: Code
    """The stable code."""
    status: int
    """The HTTP status a web front end should answer with."""
    retry: Retry
    """When trying again can help."""
    at: str | None
    """The place in the request or configuration."""
    expected: str | None
    """What was expected."""
    actual: str | None
    """What came instead; never a secret."""
    hint: str
    """What to do."""
    nonce: str | None
    """The nonce with which a proof has to be made: send it as `DPoP-Nonce`."""
    challenge: str | None
    """What to send as `WWW-Authenticate`, where the refusal is about what a token is bound to."""
    retry_at: int | None
    """From when on trying again can help, seconds since 1970, where that is known."""
    policies: tuple[str, ...]
    """Ids of the policies that decided."""
    errors: tuple[PolicyFault, ...]
    """Policies that failed."""

    def __init__(self, view: RefusalView) -> None:
        super().__init__(view["message"])
        from ._answers import PolicyFault

        self._view = view
        self.code = view["code"]
        self.status = view["status"]
        self.retry = view["retry"]
        self.at = view["at"]
        self.expected = view["expected"]
        self.actual = view["actual"]
        self.hint = view["hint"]
        self.nonce = view["nonce"]
        self.challenge = view["challenge"]
        self.retry_at = view["retry_at"]
        self.policies = tuple(view["policies"])
        self.errors = tuple(PolicyFault(fault) for fault in view["errors"])

    @staticmethod
    def of(view: RefusalView) -> Refused:
        """The exception of a refusal, by its status: 401, 403 and 429 are denials, anything else is a failure."""
        if view["status"] == 401:
            return AuthenticationError(view)
        return Denied(view) if view["status"] in (403, 429) else Failed(view)

    @staticmethod
    def by_code(code: Code, at: str | None = None, expected: str | None = None) -> Refused:
        """The exception of a code that this package, and not the core, came upon."""
        from .codes import CODES

        row = CODES[code]
        said = [row.sentence, at and f"at {at}", expected and f"expected {expected}", row.remedy]
        return Refused.of(
            {
                "code": code,
                "message": f"{code}: " + "; ".join(part for part in said if part),
                "status": row.status,
                "retry": row.retry,
                "at": at,
                "expected": expected,
                "actual": None,
                "hint": row.remedy,
                "nonce": None,
                "challenge": None,
                "retry_at": None,
                "policies": [],
                "errors": [],
            }
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __reduce__(self) -> tuple[type[Refused], tuple[RefusalView]]:
        return type(self), (self._view,)


class Denied(Refused):
    """A denial: the caller's affair."""


class AuthenticationError(Denied):
    """A denial because nobody was authenticated (401)."""


class Failed(Refused):
    """A failure: something of ours, not the caller's. The call was refused all the same."""


def note(raised: BaseException | None, text: str) -> None:
    """Adds a note to an exception; warns where Python knows no notes (3.10), so that nothing is lost silently."""
    add = getattr(raised, "add_note", None)
    if add is not None:
        add(text)
        return
    import warnings

    warnings.warn(text, RuntimeWarning, stacklevel=3)
