"""`credits dashboard` says where the page is, and opens it if there is a screen."""

from __future__ import annotations

import hashlib
import json
import webbrowser
from pathlib import Path

import pytest

from orchestration.change_detection import has_news
from orchestration.dashboard import design
from tests.dashboard.viewing import Published
from tests.orchestration.homes import Home


@pytest.fixture
def home(published: Published, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Home:
    monkeypatch.setenv("CREDITS_HOME", str(published.settings.home))
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return Home(published.settings)


def test_the_page_is_a_file_of_its_version(published: Published) -> None:
    listed = json.loads((published.current / "manifest.json").read_text())["dashboard"]
    page = published.page.read_bytes()
    assert (listed["path"], listed["bytes"]) == ("dashboard.html", len(page))
    assert listed["sha256"] == hashlib.sha256(page).hexdigest()
    assert published.page.stat().st_mode & 0o777 == 0o444
    assert f'"version":"{published.current.name}"' in page.decode()


def test_without_a_screen_it_says_where_the_page_is(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda url: pytest.fail("a browser was opened"))
    said = home.credits("dashboard")
    assert (said.code, said.out) == (0, f"{home.current / 'dashboard.html'}\n")


def test_with_a_screen_it_opens_a_browser_unless_it_is_not_to(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("DISPLAY", ":0")
    home.credits("dashboard", "--no-open")
    assert opened == []
    home.credits("dashboard")
    assert opened == [(home.current / "dashboard.html").as_uri()]


def test_a_customers_page_is_written_where_it_is_asked_for(home: Home, tmp_path: Path) -> None:
    said = home.credits("dashboard", "--tenant", "t-out", "--out", "page.html")
    assert (said.code, said.out) == (0, f"{tmp_path / 'page.html'}\n")
    assert b'"tenantOnly":"t-out"' in (tmp_path / "page.html").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_an_id_that_is_no_file_name_gives_one_all_the_same(home: Home, tmp_path: Path) -> None:
    said = home.credits("dashboard", "--tenant", "<b>t-bold</b>")
    (page,) = tmp_path.iterdir()
    assert said.out == f"{page}\n"
    assert page.name.startswith("dashboard-_b_t-bold_b_-") and page.suffix == ".html"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--tenant", "nobody"], "there is no tenant 'nobody'"),
        (["--out", "page.html"], "give --tenant too"),
        (["--tenant", "t-out", "--out", "no/such/folder/page.html"], "no/such/folder"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(home: Home, arguments: list[str], reason: str) -> None:
    assert reason in home.credits("dashboard", *arguments).one_line


def test_before_the_first_run_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(tmp_path))
    assert "run `credits run` first" in home.credits("dashboard").one_line


def test_another_design_is_news(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not has_news(home.settings)
    monkeypatch.setattr("orchestration.change_detection.fingerprint", lambda: "another")
    assert has_news(home.settings)
    assert design.fingerprint() != "another"
