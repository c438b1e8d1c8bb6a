"""A published home, made once for all processes of a session, and a browser."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from ingest.settings import load_settings
from tests.dashboard.hostile_home import write_hostile_home
from tests.dashboard.ordinary_tables import write_ordinary_tables, write_page
from tests.dashboard.viewing import Published, Viewed
from tests.orchestration.homes import Home

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
Open = Callable[..., Viewed]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Published:
    """A version of the hostile home, published by the real command."""
    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "dashboard"
    root.mkdir(exist_ok=True)
    settings = load_settings({"CREDITS_HOME": str(root / "home")})
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (settings.published / "current").exists():
            shutil.rmtree(settings.home, ignore_errors=True)
            write_hostile_home(settings.home)
            ended = Home(settings).process("-m", "orchestration.cli", "run")
            assert ended.code == 0, ended.err
    return Published(settings)


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of tables as customers have them: ids and names of usual length, quotas of every state."""
    database = tmp_path_factory.mktemp("ordinary") / "credits.duckdb"
    write_ordinary_tables(database)
    return write_page(database)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a window. It goes with this folder: while it runs, so does an event loop in this thread,
    and what else runs one would fail.
    """
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def whole(browser: Browser, published: Published) -> Iterator[Viewed]:
    """The published page, loaded once; tests change what its address chooses."""
    viewed = Viewed(browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB"), published.page)
    viewed.go("")
    yield viewed
    viewed.context.close()
    assert viewed.complaints == []
    assert viewed.requests == {viewed.file.as_uri()}


@pytest.fixture
def view(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open a page, offline, in a context of its own; at the end nothing may have been asked for nor complained of.

    The published page, if no other is named: it is made only then.
    """
    opened: list[Viewed] = []

    def view(
        file: Path | None = None, address: str = "", width: int = 1440, folded: bool = False, **context: Any
    ) -> Viewed:
        shown = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB", **context)
        viewed = Viewed(shown, file or request.getfixturevalue("published").page, folded)
        opened.append(viewed)
        viewed.go(address)
        return viewed

    yield view
    for viewed in opened:
        viewed.context.close()
        assert viewed.complaints == []
        assert viewed.requests <= {viewed.file.as_uri()}
