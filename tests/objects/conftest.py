from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.objects.servers import Place, place_named


@pytest.fixture(scope="session", params=["moto", "azurite", "other S3"])
def server(request: pytest.FixtureRequest) -> Iterator[Place]:
    with place_named(request.param) as place:
        yield place


@pytest.fixture
def place(server: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The server, as the environment of this process names it."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_"))]:
        monkeypatch.delenv(name)
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    return server
