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
    AnswerHead,
    CoreDumps,
    Decision,
    DoctorReport,
    DroppedKey,
    Egress,
    EntityList,
    EntityRef,
    ExplainedStep,
    Explanation,
    Finding,
    HeaderLine,
    Hydrated,
    IssuerKeys,
    KeptEntity,
    KeptPolicy,
    KeySnapshot,
    MappedView,
    MovedSecrets,
    OffboardedTenant,
    Outbound,
    PermitView,
    Place,
    PolicyFault,
    PolicyList,
    PolicyReport,
    PrincipalView,
    ReferenceParts,
    RefusalView,
    Report,
    Restored,
    RootKeyReport,
    SecretDue,
    SecretFault,
    SecretList,
    SecretReport,
    SecretsDue,
    SecretUseView,
    SecretVersion,
    SecretView,
    SymptomView,
    TokenSays,
    UnusableMaster,
    WrittenEntities,
    WrittenPolicies,
    WrittenSecret,
)
from ._audit import Audit
from ._engine import Aios
from ._entities import Entities
from ._handles import Permit, Principal
from ._layer import Layer
from ._payload import Payload
from ._reveal import Revealed
from ._roots import Roots, forbid_core_dumps
from ._use import SecretAnswer, SecretUse
from ._vault import Vault, part_reference
from .codes import CODES, Code
from .errors import AuthenticationError, Denied, Failed, Refused

__all__ = [
    "CODES",
    "ActorView",
    "Aios",
    "AnswerHead",
    "Audit",
    "AuthenticationError",
    "Code",
    "CoreDumps",
    "Decision",
    "Denied",
    "DoctorReport",
    "DroppedKey",
    "Egress",
    "Entities",
    "EntityList",
    "EntityRef",
    "ExplainedStep",
    "Explanation",
    "Failed",
    "Finding",
    "HeaderLine",
    "Hydrated",
    "IssuerKeys",
    "KeptEntity",
    "KeptPolicy",
    "KeySnapshot",
    "Layer",
    "MappedView",
    "MovedSecrets",
    "OffboardedTenant",
    "Outbound",
    "Payload",
    "Permit",
    "PermitView",
    "Place",
    "PolicyFault",
    "PolicyList",
    "PolicyReport",
    "Principal",
    "PrincipalView",
    "ReferenceParts",
    "RefusalView",
    "Refused",
    "Report",
    "Restored",
    "Revealed",
    "RootKeyReport",
    "Roots",
    "SecretAnswer",
    "SecretDue",
    "SecretFault",
    "SecretList",
    "SecretReport",
    "SecretUse",
    "SecretUseView",
    "SecretVersion",
    "SecretView",
    "SecretsDue",
    "SymptomView",
    "TokenSays",
    "UnusableMaster",
    "Vault",
    "WrittenEntities",
    "WrittenPolicies",
    "WrittenSecret",
    "__version__",
    "forbid_core_dumps",
    "part_reference",
    "root_keys",
]
