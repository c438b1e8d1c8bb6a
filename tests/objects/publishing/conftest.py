"""Homes that publish to a server on loopback: moto, or the one that OBJECTS_TEST_PUBLISHING names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.objects.publishing.small_versions import SmallHome
from tests.objects.servers import Place, place_named
from tests.orchestration.conftest import fresh_home, home, versions

__all__ = ["fresh_home", "home", "versions"]
_NUMBERS = count(1)
_SERVER = "OBJECTS_TEST_PUBLISHING"
"""A name of `tests.objects.servers.place_named`."""


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    """The server to publish to; the environment of this process and of those that it starts names it."""
    with place_named(os.environ.get(_SERVER, "moto")) as place, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "AZURITE_"))]:
            patch.delenv(name)
        for name, value in _variables(place).items():
            patch.setenv(name, value)
        yield place


def _variables(place: Place) -> dict[str, str]:
    """How clients find the server. Azurite lists a log from its start, even if a later entry is asked for, which clients
    allow for only if they know that it is an emulator.
    """
    found = dict(place.environ)
    if endpoint := found.pop("AZURE_ENDPOINT", None):
        found |= {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": endpoint.rsplit("/", 1)[0]}
    return found


@pytest.fixture(scope="session")
def bucket(place: Place) -> str:
    """The URL of a bucket."""
    return place.new("published")


@pytest.fixture
def url(bucket: str) -> str:
    """A place in the bucket that nothing has used."""
    return f"{bucket}/{os.getpid()}-{next(_NUMBERS)}"


@pytest.fixture
def make_home(tmp_path: Path, url: str) -> Callable[..., SmallHome]:
    """Makes homes, by name, that publish at that place."""
    return lambda name="home", **more: SmallHome.at(tmp_path / name, url, **more)


@pytest.fixture
def small_home(make_home: Callable[..., SmallHome]) -> SmallHome:
    return make_home()
