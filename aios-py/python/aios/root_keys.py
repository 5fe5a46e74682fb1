"""Root key files."""

from __future__ import annotations

import os

from ._aios import HOST
from ._loop import awaited

__all__ = ["create", "create_async"]


def create(path: str | os.PathLike[str]) -> None:
    """Makes a root key file. Refuses where one exists."""
    HOST.create_root_keys({"path": os.fspath(path)})


async def create_async(path: str | os.PathLike[str]) -> None:
    """As `create`, awaited."""
    await awaited(lambda tasks: HOST.create_root_keys_async({"path": os.fspath(path)}, tasks))
