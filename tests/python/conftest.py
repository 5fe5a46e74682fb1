"""Fixtures of every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scene import Scene
from world import World

from aios.testing import TestAios


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def gate(world: World) -> Iterator[TestAios]:
    with world.open() as opened:
        yield opened


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()
