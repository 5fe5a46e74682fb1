"""Entities that tenants keep in the store, as whoever administers them sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from . import _aios
from ._loop import awaited
from ._vault import said

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from ._answers import EntityList, KeptEntity, WrittenEntities
    from ._types import Credential, Entity, EntityToDelete, EntityToPut
    from ._types import EntityRef as EntityName

__all__ = ["Entities"]


class Entities:
    """What an engine's tenants keep in the store. Of a principal's no operation takes a credential."""

    __slots__ = ("_entities",)

    _entities: _aios.Entities

    def __init__(self, made: NoReturn) -> None:
        raise TypeError("they are Aios.entities or Principal.entities")

    @staticmethod
    def _of(entities: _aios.Entities) -> Entities:
        made: Entities = object.__new__(Entities)
        made._entities = entities
        return made

    def put(
        self, entity: Entity, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenEntities:
        """Keeps an entity, in the place of the one of its type and id.

        With `expect`, only where that one is at that version, 0 where there is none.
        """
        return self._entities.put(said(credential, None, entity=entity, expect=expect))

    async def put_async(
        self, entity: Entity, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenEntities:
        """As `put`, awaited."""
        asked = said(credential, None, entity=entity, expect=expect)
        return await awaited(lambda tasks: self._entities.put_async(asked, tasks))

    def delete(
        self, entity: EntityName, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenEntities:
        """Takes an entity out."""
        return self._entities.delete(said(credential, None, entity=entity, expect=expect))

    async def delete_async(
        self, entity: EntityName, *, credential: Credential | None = None, expect: int | None = None
    ) -> WrittenEntities:
        """As `delete`, awaited."""
        asked = said(credential, None, entity=entity, expect=expect)
        return await awaited(lambda tasks: self._entities.delete_async(asked, tasks))

    def change(
        self,
        *,
        credential: Credential | None = None,
        put: Sequence[EntityToPut] = (),
        delete: Sequence[EntityToDelete] = (),
    ) -> WrittenEntities:
        """Makes up to 1000 changes, all of them or none. No decision sees half of them."""
        return self._entities.change(said(credential, None, put=list(put), delete=list(delete)))

    async def change_async(
        self,
        *,
        credential: Credential | None = None,
        put: Sequence[EntityToPut] = (),
        delete: Sequence[EntityToDelete] = (),
    ) -> WrittenEntities:
        """As `change`, awaited."""
        asked = said(credential, None, put=list(put), delete=list(delete))
        return await awaited(lambda tasks: self._entities.change_async(asked, tasks))

    def get(self, entity: EntityName, *, credential: Credential | None = None) -> KeptEntity:
        """An entity as it stands now."""
        return self._entities.get(said(credential, None, entity=entity))

    async def get_async(self, entity: EntityName, *, credential: Credential | None = None) -> KeptEntity:
        """As `get`, awaited."""
        asked = said(credential, None, entity=entity)
        return await awaited(lambda tasks: self._entities.get_async(asked, tasks))

    def list(self, *, credential: Credential | None = None, after: str | None = None) -> EntityList:
        """A page of the entities, those that were written last at the end."""
        return self._entities.list(said(credential, None, after=after))

    async def list_async(self, *, credential: Credential | None = None, after: str | None = None) -> EntityList:
        """As `list`, awaited."""
        return await awaited(lambda tasks: self._entities.list_async(said(credential, None, after=after), tasks))

    def all(self, *, credential: Credential | None = None) -> Iterator[KeptEntity]:
        """All entities, page by page. One that is written meanwhile comes again."""
        page = self.list(credential=credential)
        yield from page.entities
        while page.next is not None:
            page = self.list(credential=credential, after=page.next)
            yield from page.entities

    async def all_async(self, *, credential: Credential | None = None) -> AsyncIterator[KeptEntity]:
        """As `all`, awaited."""
        page = await self.list_async(credential=credential)
        while True:
            for entity in page.entities:
                yield entity
            if page.next is None:
                return
            page = await self.list_async(credential=credential, after=page.next)

    def __reduce__(self) -> NoReturn:
        raise TypeError("Entities belongs to this process")
