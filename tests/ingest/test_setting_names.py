"""All settings are in one list: those in `.env.example`, the code and the models are known and checked."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.contract.dimensions import DEFAULT_KEYS
from ingest.errors import SettingsError
from ingest.settings import ACCOUNT_SETTINGS, CHECKOUT, SETTINGS, check_settings, setting_value, unread_settings

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
OF_MAIN = {f"CREDITS_CORTI_MAIN_{part}" for part in ACCOUNT_SETTINGS}
SECRET = "hush-4711"


def test_the_example_lists_each_setting_with_its_default_and_nothing_else() -> None:
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    named = {name for line in lines for name in re.findall(r"\b((?:CREDITS|DAGSTER)_[A-Z_]+)=", line)}
    assert given == {name: DEFAULTS[name] for name in given}
    assert named == {*DEFAULTS, *OF_MAIN}
    assert [name for name in DEFAULTS if name in given] == [*given]


def test_each_default_is_usable() -> None:
    check_settings({})
    assert all(setting.about.endswith(".") for setting in SETTINGS)


def test_what_the_models_read_is_checked_by_the_same_rule_and_has_the_same_default() -> None:
    macros = (CHECKOUT / "dbt_project" / "macros" / "settings.sql").read_text()
    read = re.findall(r"(\w+)_setting\('\w+', '(CREDITS_\w+)', '([^']*)'\)", macros)
    assert len(read) > 10
    assert {name: default for _, name, default in read} == {name: DEFAULTS[name] for _, name, _ in read}
    for kind, name, _ in read:
        for text in {"share": ["20%", "1.5", "-0.1"], "number": ["1e3", "-1", "x"], "text": ["\t", "a\x1bb"]}[kind]:
            with pytest.raises(SettingsError, match=f"^{name} is "):
                check_settings({name: text})


def test_no_code_reads_a_name_that_is_not_known() -> None:
    sources = [
        path
        for folder in ("ingest", "orchestration", "dbt_project/macros", "dbt_project/models")
        for path in (CHECKOUT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".yml"}
    ]
    named = {name for path in sources for name in re.findall(r"\bCREDITS_[A-Z_]*[A-Z]\b", path.read_text())}
    assert not [*unread_settings({name: "" for name in named if not name.startswith("CREDITS_CORTI_MAIN")})]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CREDITS_MOST_UNMAPPED", "20%"),
        ("CREDITS_MOST_UNMAPPED", "2"),
        ("CREDITS_LEAST_COVERAGE", "0,99"),
        ("CREDITS_UNUSUAL_DAY_SCORE", "high"),
        ("CREDITS_FOCUS_BILLING_ACCOUNT", "a\nb"),
        ("CREDITS_FOCUS_INVOICE_ISSUER", "x" * 257),
        ("CREDITS_CORTI_PAGE_SIZE", "many"),
        ("CREDITS_CORTI_OLDER_WAY", "maybe"),
        ("CREDITS_THREADS", "9" * 5000),
        ("CREDITS_MEMORY_LIMIT", "4 GB"),
        ("CREDITS_MEMORY_LIMIT", "1MB"),
        ("CREDITS_HOME", "~nobody-of-that-name/x"),
        ("CREDITS_HOME", str(Path(__file__))),
        ("DAGSTER_HOME", "relative"),
        ("DAGSTER_HOME", "/nowhere/at/all"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value_in_one_line(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is '.*: give .*[.]$") as raised:
        check_settings({name: text})
    assert len(str(raised.value).splitlines()) == 1 and len(str(raised.value)) < 300


def test_values_come_as_their_kind_reads_them() -> None:
    env = {"CREDITS_MOST_UNMAPPED": ".5", "CREDITS_CORTI_OLDER_WAY": "Yes", "CREDITS_FOCUS_INVOICE_ISSUER": " Klinik "}
    assert setting_value("CREDITS_MOST_UNMAPPED", env) == Decimal("0.5")
    assert setting_value("CREDITS_CORTI_OLDER_WAY", env) is True
    assert setting_value("CREDITS_FOCUS_INVOICE_ISSUER", env) == "Klinik"
    assert setting_value("CREDITS_THREADS", {}) is None


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("CREDITS_KEEP_VERSION", "did you mean CREDITS_KEEP_VERSIONS?"),
        ("credits_threads", "did you mean CREDITS_THREADS?"),
        ("CREDITS_MEMORYLIMIT", "did you mean CREDITS_MEMORY_LIMIT?"),
        (
            "CREDITS_CORTI_MIAN_TENANT",
            "does not name the account 'mian'; the nearest known name is CREDITS_CORTI_MAIN_T",
        ),
        ("CREDITS_CORTI_MAIN_CLIENT_SECRETS", "did you mean CREDITS_CORTI_MAIN_CLIENT_SECRET?"),
        ("CREDITS_GATEWAY_SERVICE_HOST", "the nearest known name is CREDITS_"),
    ],
)
def test_a_name_that_nothing_reads_is_told_with_the_nearest_and_without_its_value(name: str, nearest: str) -> None:
    [said] = unread_settings({"CREDITS_CORTI_ACCOUNTS": "main", name: SECRET})
    assert (
        said.startswith((f"{name} is not a known setting: ", f"{name} is not read: "))
        and nearest in said
        and SECRET not in said
    )


def test_an_account_that_is_not_named_is_told() -> None:
    [said] = unread_settings({"CREDITS_CORTI_MAIN_CLIENT_SECRET": SECRET})
    assert "CREDITS_CORTI_ACCOUNTS does not name the account 'main'." in said and SECRET not in said


def test_all_variables_of_an_account_that_is_not_named_are_one_line() -> None:
    [said] = unread_settings(dict.fromkeys(OF_MAIN, SECRET))
    assert said.startswith("CREDITS_CORTI_MAIN_ADMIN_EMAIL and 11 more of its account are not read: ")
    assert said.endswith("CREDITS_CORTI_ACCOUNTS does not name the account 'main'.")


def test_known_names_and_those_of_others_are_not_told() -> None:
    env = {"CREDITS_CORTI_ACCOUNTS": "main", **dict.fromkeys([*DEFAULTS, *OF_MAIN], "x")}
    assert not [
        *unread_settings(env | {"CREDITS_CORTI_ACCOUNTS": "main", "CREDIT": "1", "CREDITS_BUILD_DATABASE": "x"})
    ]


@pytest.mark.parametrize(
    "keys", ["Ward", "a,,b", "a,a", "a_b,ab", "a b", "1a", "x" * 41, ",".join(f"k{n}" for n in range(33))]
)
def test_keys_of_dimensions_are_different_plain_words(keys: str) -> None:
    with pytest.raises(SettingsError, match=r"CREDITS_DIMENSIONS is .*: give up to 32 different keys"):
        check_settings({"CREDITS_DIMENSIONS": keys})


def test_keys_of_dimensions_are_read_in_their_order_and_none_is_no_key() -> None:
    assert setting_value("CREDITS_DIMENSIONS", {"CREDITS_DIMENSIONS": "ward, agent"}) == ("ward", "agent")
    assert setting_value("CREDITS_DIMENSIONS", {"CREDITS_DIMENSIONS": "none"}) == ()
    assert setting_value("CREDITS_DIMENSIONS", {}) == DEFAULT_KEYS


def test_a_currency_is_a_code() -> None:
    with pytest.raises(SettingsError, match="CREDITS_LIST_CURRENCY is 'usd': give the ISO 4217 code"):
        check_settings({"CREDITS_LIST_CURRENCY": "usd"})


@pytest.mark.parametrize("name", ["CREDITS_LANDING", "CREDITS_PUBLISH_TO"])
def test_a_place_with_an_unknown_scheme_or_a_credential_is_refused(name: str) -> None:
    with pytest.raises(
        SettingsError, match=rf"{name} is 'ftp://bucket/x': give the path of a folder, or a URL such as s3"
    ):
        check_settings({name: "ftp://bucket/x"})
    with pytest.raises(SettingsError, match=f"{name} can't be used: .* without credentials") as raised:
        check_settings({name: f"s3://id:{SECRET}@bucket/x"})
    assert SECRET not in str(raised.value)
