"""The audit trail, as whoever checks it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ._loop import awaited

if TYPE_CHECKING:
    from . import _aios
    from ._answers import Report

__all__ = ["Audit"]


class Audit:
    """The audit trail of an engine."""

    __slots__ = ("_audit",)

    _audit: _aios.Audit

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("the audit trail is Aios.audit")

    @staticmethod
    def _of(audit: _aios.Audit) -> Audit:
        made: Audit = object.__new__(Audit)
        made._audit = audit
        return made

    def verify(self, tenant: str | None = None) -> Report:
        """Verifies the audit chains of a tenant, or of everybody. The report is true where nothing is wrong."""
        return self._audit.verify({"tenant": tenant})

    async def verify_async(self, tenant: str | None = None) -> Report:
        """As `verify`, awaited. It must be: without `await` there is no report, and what is there instead is always true."""
        return await awaited(lambda tasks: self._audit.verify_async({"tenant": tenant}, tasks))

    def __reduce__(self) -> NoReturn:
        raise TypeError("Audit belongs to this process")
