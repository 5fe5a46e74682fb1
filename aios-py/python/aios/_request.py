"""Keyword arguments as requests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._types import Credential, Opening, Request, Resource, Revoking, RevokingBefore, Selector


def question(
    credential: Credential | None,
    action: str,
    resource: Resource,
    input: dict[str, Any] | None,
    context: dict[str, Any] | None,
    trace: str | None,
    call: str | None,
) -> Request:
    """A question to the gate."""
    asked: Request = {"action": action, "resource": resource}
    if credential is not None:
        asked["credential"] = credential
    if input is not None:
        asked["input"] = input
    if context is not None:
        asked["context"] = context
    if trace is not None:
        asked["trace"] = trace
    if call is not None:
        asked["call"] = call
    return asked


def revoking(credential: Credential | None, selector: Selector) -> Revoking:
    """Whom to revoke, or to reinstate, asked by a credential or, without one, by a principal."""
    asked: Revoking = {"selector": selector}
    if credential is not None:
        asked["credential"] = credential
    return asked


def revoking_before(credential: Credential | None, selector: Selector, before: int) -> RevokingBefore:
    """Whose tokens of before a time to revoke."""
    asked: RevokingBefore = {"selector": selector, "before": before}
    if credential is not None:
        asked["credential"] = credential
    return asked


def opening(
    configuration: str | os.PathLike[str] | dict[str, Any], base: str | os.PathLike[str] | None
) -> Opening:
    """What to open an engine from."""
    made: Opening = {}
    if isinstance(configuration, dict):
        made["configuration"] = configuration
    else:
        made["path"] = os.fspath(configuration)
    if base is not None:
        made["base"] = os.fspath(base)
    return made
