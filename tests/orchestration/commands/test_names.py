"""A customer is found by what a person types, or the nearest are named; customers and users are listed by id and name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.errors import ArgumentError
from ingest.settings import Settings
from orchestration.cli import main
from orchestration.published_names import find_tenant
from tests.orchestration.homes import Ended
from tests.orchestration.made_version import publish_by_hand

EARLY, LATE = datetime(2024, 1, 1), datetime(2026, 1, 1)
TENANTS = [
    ("t-1", "Nordklinik", True, LATE),
    ("t-1", "Old Name", False, EARLY),
    ("t-2", "Nordlicht Praxis", True, EARLY),
    ("nord", "Südklinik", True, EARLY),
    ("t-3", "Twin", True, EARLY),
    ("t-4", "Twin", True, EARLY),
    ("(unmapped)", "(unmapped)", True, EARLY),
]
USERS = [
    ("u1", "t-1", "Ada \x1b[31m", True, EARLY),
    ("u1", "t-2", "Ada \x1b[31m", True, LATE),
    ("u2", "t-1", "Bo", False, EARLY),
    ("u2", "t-3", "Bo", False, LATE),
    ("(unmapped)", "(unmapped)", "(unmapped)", True, EARLY),
]
USED = [("t-9", "u9", 1), ("t-1", "u1", 1), ("(unmapped)", "(unmapped)", 2), ("(unmapped)", "u8", 2)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return publish_by_hand(tmp_path / "home", dim_tenants=TENANTS, dim_users=USERS, agg_credits_daily=USED)


def credits(settings: Settings, *arguments: str) -> Ended:
    ended = CliRunner().invoke(main, arguments, env={"CREDITS_HOME": str(settings.home)})
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    ("typed", "tenant"),
    [
        ("t-1", "t-1"),
        ("nord", "nord"),  # an id goes before the beginning of a name
        ("NORDKLINIK", "t-1"),
        ("nordl", "t-2"),
        ("  nordlicht   praxis ", "t-2"),
        ("su\u0308dklinik", "nord"),  # the accent written apart
        ("S\u00fcd", "nord"),
        ("t-9", "t-9"),
        ("T-9", "t-9"),
    ],
)
def test_a_customer_is_meant_by_id_then_name_then_a_beginning(settings: Settings, typed: str, tenant: str) -> None:
    assert find_tenant(settings, typed) == tenant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Nor", "'Nor' may mean 3 tenants: nord (Südklinik), t-1 (Nordklinik), t-2 (Nordlicht Praxis). Give the id of"),
        ("twin", "'twin' may mean 2 tenants: t-3 (Twin), t-4 (Twin)."),
        ("Nordklinikk", "there is no tenant 'Nordklinikk': did you mean t-1 (Nordklinik)"),
        ("zzzzzz", "there is no tenant 'zzzzzz': `credits tenants` lists all."),
        ("", "there is no tenant '': `credits tenants` lists all."),
        ("Old Name", "there is no tenant 'Old Name'"),
        ("x\x1b[31m", r"there is no tenant 'x\\x1b[31m'"),
    ],
)
def test_nobody_or_several_is_one_line_with_the_nearest(settings: Settings, typed: str, said: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        find_tenant(settings, typed)
    assert str(raised.value).startswith(said) and raised.value.exit_code == 2
    assert str(raised.value).count("did you mean") <= 1 and str(raised.value).count(" or ") <= 2


def test_customers_are_listed_by_id_with_their_latest_name(settings: Settings) -> None:
    listed = credits(settings, "tenants")
    assert listed.out.splitlines() == [
        "tenant_id  name",
        "nord       Südklinik",
        "t-1        Nordklinik",
        "t-2        Nordlicht Praxis",
        "t-3        Twin",
        "t-4        Twin",
        "t-9",
    ]


def test_a_text_filters_ids_and_names(settings: Settings) -> None:
    assert [line.split()[0] for line in credits(settings, "tenants", "KLINIK").out.splitlines()[1:]] == ["nord", "t-1"]
    assert credits(settings, "tenants", "nobody").out == "no tenant has 'nobody' in its id or name\n"
    assert json.loads(credits(settings, "tenants", "t-9", "--json").out) == [{"tenant_id": "t-9", "tenant_name": None}]
    assert json.loads(credits(settings, "tenants", "nobody", "--json").out) == []


def test_users_are_listed_with_their_customers_of_now_or_the_last(settings: Settings) -> None:
    assert json.loads(credits(settings, "users", "--json").out) == [
        {"user_id": "u1", "display_name": "Ada \x1b[31m", "tenant_ids": ["t-1", "t-2"]},
        {"user_id": "u2", "display_name": "Bo", "tenant_ids": ["t-3"]},
        {"user_id": "u8", "display_name": None, "tenant_ids": []},
        {"user_id": "u9", "display_name": None, "tenant_ids": ["t-9"]},
    ]
    listed = credits(settings, "users", "ada")
    assert listed.out.splitlines() == ["user_id  name          tenant_id", r"u1       Ada \x1b[31m  t-1, t-2"]


@pytest.mark.parametrize("command", ["tenants", "users"])
def test_nothing_published_is_said(tmp_path: Path, command: str) -> None:
    ended = CliRunner().invoke(main, [command], env={"CREDITS_HOME": str(tmp_path)})
    assert (ended.exit_code, ended.stderr) == (1, "credits: nothing is published yet: run `credits run` first.\n")
