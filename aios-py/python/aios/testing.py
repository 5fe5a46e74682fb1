"""For tests of what uses AIOS: an identity provider that signs whatever a test says, and an engine whose clock it moves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NoReturn

from ._aios import KIT
from ._engine import Aios
from ._loop import awaited
from ._request import opening

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from . import _aios

__all__ = ["Clock", "Served", "TestAios", "TestIdp", "engine", "engine_async"]


class Clock:
    """A clock that stands still until it is moved."""

    __slots__ = ("_clock",)

    def __init__(self, now: int) -> None:
        self._clock = KIT.clock({"seconds": now})

    def now(self) -> int:
        """Where it stands, seconds since 1970."""
        return self._clock.now({})["seconds"]

    def set(self, now: int) -> None:
        """Moves it to a moment, also back."""
        self._clock.set({"seconds": now})

    def advance(self, seconds: int) -> None:
        """Moves it by some seconds, also back."""
        self.set(self.now() + seconds)


class TestAios(Aios):
    """An engine that lives by a clock that the test moves. Its records say so, and it refuses a production engine's store."""

    __test__ = False
    __slots__ = ("clock",)
    clock: Clock


def engine(
    config: str | os.PathLike[str] | dict[str, Any],
    base: str | os.PathLike[str] | None = None,
    *,
    now: int | None = None,
    clock: Clock | None = None,
) -> TestAios:
    """Opens an engine on a clock that stands at `now`, or at the present; or on a clock that is there already."""
    clock = clock or Clock(int(time.time()) if now is None else now)
    made = TestAios._of(clock._clock.engine(opening(config, base)))
    made.clock = clock
    return made


async def engine_async(
    config: str | os.PathLike[str] | dict[str, Any],
    base: str | os.PathLike[str] | None = None,
    *,
    now: int | None = None,
    clock: Clock | None = None,
) -> TestAios:
    """As `engine`, awaited."""
    clock = clock or Clock(int(time.time()) if now is None else now)
    made = TestAios._of(await awaited(lambda tasks: clock._clock.engine_async(opening(config, base), tasks)))
    made.clock = clock
    return made


class TestIdp:
    """An identity provider with real keys that signs whatever a test says."""

    __test__ = False
    __slots__ = ("_idp", "iss")
    iss: str
    """What its tokens' `iss` says unless their claims do."""

    def __init__(self, iss: str = "https://idp.example.com/") -> None:
        self._idp = KIT.idp({"iss": iss})
        self.iss = iss

    def sign(
        self, claims: dict[str, Any], header: dict[str, Any] | None = None, algorithm: str = "ES256"
    ) -> str:
        """A signed token with these claims. `header` replaces members of the header; a None removes a claim or a member."""
        return self._idp.sign({"claims": claims, "header": header or {}, "algorithm": algorithm})["token"]

    def jwks(self) -> dict[str, Any]:
        """The JSON Web Key Set that it publishes."""
        return dict(self._idp.jwks({}))

    def rotate(self) -> None:
        """Replaces every key. The old ones are published no longer."""
        self._idp.rotate({})

    def serve(self) -> Served:
        """Serves discovery and keys on loopback, which becomes its `iss`, until the result is stopped or its block is left."""
        return Served(self._idp.serve({}), self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("TestIdp belongs to this process")


class Served:
    """An identity provider that answers on loopback."""

    __slots__ = ("_served", "iss")
    iss: str
    """Where it answers."""

    def __init__(self, served: _aios.Served, idp: TestIdp) -> None:
        self._served = served
        self.iss = idp.iss = served.view({})["iss"] or ""

    @property
    def requests(self) -> int:
        """How many requests it has taken."""
        return self._served.view({})["requests"]

    def stop(self) -> None:
        """Closes its port."""
        self._served.stop({})

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
