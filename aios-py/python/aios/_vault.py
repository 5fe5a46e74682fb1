"""Secrets, as whoever administers them sees them: by reference, never by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn

from . import _aios
from ._loop import awaited
from ._payload import Payload
from ._reveal import Revealed
from ._use import SecretUse

if TYPE_CHECKING:
    from ._answers import MovedSecrets, OffboardedTenant, ReferenceParts, SecretList, SecretReport, SecretsDue, WrittenSecret
    from ._types import Credential, HttpUse, Resource, SecretOwner, SecretSchedule, UseLimits

__all__ = ["Vault", "part_reference"]


def part_reference(reference: str) -> ReferenceParts:
    """The parts of a secret's reference. Raises `Denied` with the code `policy.input` for what is none."""
    return _aios.HOST.part_reference({"reference": reference})


class Vault:
    """The secrets of an engine's tenants. Of a principal's vault no operation takes a credential."""

    __slots__ = ("_vault",)

    _vault: _aios.Vault

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("the vault is Aios.vault or Principal.vault")

    @staticmethod
    def _of(vault: _aios.Vault) -> Vault:
        made: Vault = object.__new__(Vault)
        made._vault = vault
        return made

    def put(
        self,
        *,
        credential: Credential | None = None,
        reference: str,
        value: str,
        owner: SecretOwner,
        http: HttpUse | None = None,
        limits: UseLimits | None = None,
        metadata: dict[str, str] | None = None,
        schedule: SecretSchedule | None = None,
        stage: Literal["pending", "current"] | None = None,
        not_before: int | None = None,
        expires_at: int | None = None,
    ) -> WrittenSecret:
        """Puts a secret and fixes whose it is and how it may be used.

        A reference without version makes a new secret; one with the version that it is at, its next version. Python cannot
        wipe `value`: see docs/vault.md.
        """
        members = said(credential, reference, value=value, owner=owner, http=http, limits=limits, metadata=metadata)
        return self._vault.put(members | said(None, None, schedule=schedule, stage=stage, not_before=not_before, expires_at=expires_at))

    async def put_async(
        self,
        *,
        credential: Credential | None = None,
        reference: str,
        value: str,
        owner: SecretOwner,
        http: HttpUse | None = None,
        limits: UseLimits | None = None,
        metadata: dict[str, str] | None = None,
        schedule: SecretSchedule | None = None,
        stage: Literal["pending", "current"] | None = None,
        not_before: int | None = None,
        expires_at: int | None = None,
    ) -> WrittenSecret:
        """As `put`, awaited."""
        members = said(credential, reference, value=value, owner=owner, http=http, limits=limits, metadata=metadata)
        asked = members | said(None, None, schedule=schedule, stage=stage, not_before=not_before, expires_at=expires_at)
        return await awaited(lambda tasks: self._vault.put_async(asked, tasks))

    def rotate(
        self,
        *,
        credential: Credential | None = None,
        reference: str,
        value: str,
        stage: Literal["pending", "current"] | None = None,
        not_before: int | None = None,
        expires_at: int | None = None,
    ) -> WrittenSecret:
        """Adds a version with a new value, on the same terms, to the secret that is at the version in the reference."""
        lifetime = said(None, None, not_before=not_before, expires_at=expires_at)
        return self._vault.rotate(said(credential, reference, value=value, stage=stage) | lifetime)

    async def rotate_async(
        self,
        *,
        credential: Credential | None = None,
        reference: str,
        value: str,
        stage: Literal["pending", "current"] | None = None,
        not_before: int | None = None,
        expires_at: int | None = None,
    ) -> WrittenSecret:
        """As `rotate`, awaited."""
        lifetime = said(None, None, not_before=not_before, expires_at=expires_at)
        asked = said(credential, reference, value=value, stage=stage) | lifetime
        return await awaited(lambda tasks: self._vault.rotate_async(asked, tasks))

    def promote(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """Makes a pending version current."""
        return self._vault.promote(said(credential, reference))

    async def promote_async(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """As `promote`, awaited."""
        return await awaited(lambda tasks: self._vault.promote_async(said(credential, reference), tasks))

    def revoke(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """Takes a version, or all, out of use at once and for good."""
        return self._vault.revoke(said(credential, reference))

    async def revoke_async(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """As `revoke`, awaited."""
        return await awaited(lambda tasks: self._vault.revoke_async(said(credential, reference), tasks))

    def delete(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """Takes the whole secret out of use until it is restored."""
        return self._vault.delete(said(credential, reference))

    async def delete_async(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """As `delete`, awaited."""
        return await awaited(lambda tasks: self._vault.delete_async(said(credential, reference), tasks))

    def restore(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """Takes a deletion back."""
        return self._vault.restore(said(credential, reference))

    async def restore_async(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """As `restore`, awaited."""
        return await awaited(lambda tasks: self._vault.restore_async(said(credential, reference), tasks))

    def destroy(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """Destroys the value of a version, or all values, for good."""
        return self._vault.destroy(said(credential, reference))

    async def destroy_async(self, *, credential: Credential | None = None, reference: str) -> WrittenSecret:
        """As `destroy`, awaited."""
        return await awaited(lambda tasks: self._vault.destroy_async(said(credential, reference), tasks))

    def list(self, *, credential: Credential | None = None, namespace: str | None = None) -> SecretList:
        """What secrets there are, of a namespace or of the whole tenant, without their values."""
        return self._vault.list(said(credential, None, namespace=namespace))

    async def list_async(
        self, *, credential: Credential | None = None, namespace: str | None = None
    ) -> SecretList:
        """As `list`, awaited."""
        return await awaited(lambda tasks: self._vault.list_async(said(credential, None, namespace=namespace), tasks))

    def verify(self, *, credential: Credential | None = None) -> SecretReport:
        """Decrypts every secret, and holds what is kept against the audit trail. Read `ok`."""
        return self._vault.verify(said(credential, None))

    async def verify_async(self, *, credential: Credential | None = None) -> SecretReport:
        """As `verify`, awaited. It must be: without `await` there is no report, and what is there instead is always true."""
        return await awaited(lambda tasks: self._vault.verify_async(said(credential, None), tasks))

    def schedule(
        self, *, credential: Credential | None = None, reference: str, schedule: SecretSchedule | None
    ) -> WrittenSecret:
        """Says when a secret's values are to be replaced; None: never."""
        return self._vault.schedule(said(credential, reference, schedule=schedule))

    async def schedule_async(
        self, *, credential: Credential | None = None, reference: str, schedule: SecretSchedule | None
    ) -> WrittenSecret:
        """As `schedule`, awaited."""
        return await awaited(lambda tasks: self._vault.schedule_async(said(credential, reference, schedule=schedule), tasks))

    def due(self, *, credential: Credential | None = None) -> SecretsDue:
        """Which secrets are to be rotated now, and when the next one is."""
        return self._vault.due(said(credential, None))

    async def due_async(self, *, credential: Credential | None = None) -> SecretsDue:
        """As `due`, awaited."""
        return await awaited(lambda tasks: self._vault.due_async(said(credential, None), tasks))

    def rewrap(self, *, credential: Credential | None = None, most: int | None = None) -> MovedSecrets:
        """Gives the tenant a new master and moves `most` of its secrets under it. Call it until it says `finished`."""
        return self._vault.rewrap(said(credential, None, most=most))

    async def rewrap_async(self, *, credential: Credential | None = None, most: int | None = None) -> MovedSecrets:
        """As `rewrap`, awaited."""
        return await awaited(lambda tasks: self._vault.rewrap_async(said(credential, None, most=most), tasks))

    def offboard(self, *, credential: Credential | None = None, tenant: str) -> OffboardedTenant:
        """Destroys the masters of a tenant's secrets, for good: nothing of them opens any more, and none is taken any more."""
        return self._vault.offboard(said(credential, None, tenant=tenant))

    async def offboard_async(self, *, credential: Credential | None = None, tenant: str) -> OffboardedTenant:
        """As `offboard`, awaited."""
        return await awaited(lambda tasks: self._vault.offboard_async(said(credential, None, tenant=tenant), tasks))

    def client(self, *, credential: Credential | None = None, reference: str) -> SecretUse:
        """A secret for a client that lives long: each request with it is decided anew, for whoever asks here."""
        return SecretUse._of(self._vault.client(said(credential, reference)))

    async def client_async(self, *, credential: Credential | None = None, reference: str) -> SecretUse:
        """As `client`, awaited."""
        return SecretUse._of(await awaited(lambda tasks: self._vault.client_async(said(credential, reference), tasks)))

    def reveal(self, *, credential: Credential | None = None, reference: str) -> Revealed:
        """Shows the value of a secret to a person. Off unless the operator says `reveal` in `[vault]`, and never for an agent."""
        return Revealed._of(self._vault.reveal(said(credential, reference)))

    async def reveal_async(self, *, credential: Credential | None = None, reference: str) -> Revealed:
        """As `reveal`, awaited."""
        return Revealed._of(await awaited(lambda tasks: self._vault.reveal_async(said(credential, reference), tasks)))

    def encrypt(
        self,
        *,
        credential: Credential | None = None,
        resource: Resource,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
    ) -> Payload:
        """Begins to seal bytes of any length as the content of a thing. Policy must permit `write` on it."""
        asked = said(credential, None, resource=resource, context=context, trace=trace)
        return Payload._of(self._vault.encrypt(asked))

    async def encrypt_async(
        self,
        *,
        credential: Credential | None = None,
        resource: Resource,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
    ) -> Payload:
        """As `encrypt`, awaited."""
        asked = said(credential, None, resource=resource, context=context, trace=trace)
        return Payload._of(await awaited(lambda tasks: self._vault.encrypt_async(asked, tasks)))

    def decrypt(
        self,
        *,
        credential: Credential | None = None,
        resource: Resource,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
    ) -> Payload:
        """Begins to open what `encrypt` sealed for the same thing of the same tenant. Policy must permit `read` on it."""
        asked = said(credential, None, resource=resource, context=context, trace=trace)
        return Payload._of(self._vault.decrypt(asked))

    async def decrypt_async(
        self,
        *,
        credential: Credential | None = None,
        resource: Resource,
        context: dict[str, Any] | None = None,
        trace: str | None = None,
    ) -> Payload:
        """As `decrypt`, awaited."""
        asked = said(credential, None, resource=resource, context=context, trace=trace)
        return Payload._of(await awaited(lambda tasks: self._vault.decrypt_async(asked, tasks)))

    def __reduce__(self) -> NoReturn:
        raise TypeError("Vault belongs to this process")


def said(credential: Credential | None, reference: str | None, **members: object) -> Any:
    """A request of what was given."""
    everything = {"credential": credential, "reference": reference, **members}
    return {name: member for name, member in everything.items() if member is not None}
