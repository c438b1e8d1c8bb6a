"""A home with two published versions, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sample import write_sample
from ingest.settings import load_settings
from tests.orchestration.homes import MARKED, MOVED, Home, Versions, marked

ALERT_SETTINGS = ("CREDITS_ALERT_URLS", "CREDITS_ALERT_URLS_FILE")


def _settle(patch: pytest.MonkeyPatch, home: Path) -> None:
    patch.setenv("CREDITS_HOME", str(home))
    patch.setenv("CREDITS_LOCK_WAIT_SECONDS", "0")
    for name in ("DAGSTER_HOME", "CREDITS_THREADS", "CREDITS_MEMORY_LIMIT", "CREDITS_KEEP_VERSIONS", *ALERT_SETTINGS):
        patch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Versions]:
    """Two versions, by the real command: the second corrects two operations, each in a month of its own."""
    root = tmp_path_factory.mktemp("orchestration")
    path = root / "home"
    with pytest.MonkeyPatch.context() as patch:
        _settle(patch, path)
        home = Home(load_settings())
        write_sample(path, records=300, days=90, seed=3)
        home.deliver("first.jsonl", *(marked(at, "5", "2026-10-01T00:00:00Z") for at in (*MARKED, MOVED)))
        made = Versions(home, root / "states", home.credits("status"), home.credits("run"))
        assert made.first.code == 0, made.first.err
        home.save(made.first_state)
        later = "2026-10-02T00:00:00Z"
        corrected = [marked(MARKED[0], "6", later), marked(MARKED[1], "15", later)]
        home.deliver("second.jsonl", *corrected, marked(MOVED, "5", later, user="another"))
        made = Versions(home, made.states, made.before, made.first, home.credits("run"))
        assert made.second.code == 0, made.second.err
        home.save(made.second_state)
        yield made


@pytest.fixture
def home(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home after its second version."""
    _settle(monkeypatch, versions.home.path)
    versions.home.restore(versions.second_state)
    return versions.home


@pytest.fixture
def fresh_home(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same home with nothing in it."""
    _settle(monkeypatch, versions.home.path)
    versions.home.empty()
    return versions.home
