"""AIOS: identity, authorization, credentials and audit for platforms that run AI agents.

    import aios

    with aios.Aios.open("aios.toml") as gate:
        resource = {"type": "Aios::Data", "id": "report-7", "tenant": "acme"}
        with gate.authorize(credential=token, action="read", resource=resource) as permit:
            ...  # the call; leaving the block records how it ended

What is refused raises `aios.Refused`: `aios.Denied` is the caller's affair, `aios.Failed` ours. Its `.code` is the same in
every language.
"""

from . import root_keys
from ._aios import __version__
from ._answers import (
    ActorView,
    Decision,
    DroppedKey,
    Egress,
    EntityRef,
    Finding,
    Hydrated,
    IssuerKeys,
    KeySnapshot,
    Outbound,
    PermitView,
    Place,
    PolicyFault,
    PrincipalView,
    Report,
    Restored,
)
from ._audit import Audit
from ._engine import Aios
from ._handles import Permit, Principal
from .codes import CODES, Code
from .errors import AuthenticationError, Denied, Failed, Refused

__all__ = [
    "CODES",
    "ActorView",
    "Aios",
    "Audit",
    "AuthenticationError",
    "Code",
    "Decision",
    "Denied",
    "DroppedKey",
    "Egress",
    "EntityRef",
    "Failed",
    "Finding",
    "Hydrated",
    "IssuerKeys",
    "KeySnapshot",
    "Outbound",
    "Permit",
    "PermitView",
    "Place",
    "PolicyFault",
    "Principal",
    "PrincipalView",
    "Refused",
    "Report",
    "Restored",
    "__version__",
    "root_keys",
]
