"""Accounts come from the environment, secrets from it or from a file, and what is wrong is said without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.corti.accounts import load_accounts
from ingest.corti.pull_settings import PullSettings, load_pull_settings
from ingest.errors import SettingsError

MAIN = {
    "CREDITS_CORTI_ACCOUNTS": "main",
    "CREDITS_CORTI_MAIN_ENVIRONMENT": "eu",
    "CREDITS_CORTI_MAIN_TENANT": "acme",
    "CREDITS_CORTI_MAIN_CLIENT_ID": "client",
    "CREDITS_CORTI_MAIN_CLIENT_SECRET": "hush",
}
ADMIN = {"ADMIN_EMAIL": "a@b.c", "ADMIN_PASSWORD": "hush-too", "ADMIN_PROJECT": "p1"}


def test_nobody_is_configured_by_default() -> None:
    assert load_accounts({}) == load_accounts({"CREDITS_CORTI_ACCOUNTS": " , "}) == ()


def test_an_environment_names_cortis_own_hosts() -> None:
    (account,) = load_accounts(MAIN)
    assert account.api_url == "https://api.eu.corti.app/v2"
    assert account.login_url == "https://auth.eu.corti.app/realms"
    assert account.client_secret.reveal() == "hush"
    assert account.admin is None


def test_accounts_stand_side_by_side_each_with_its_own_variables(tmp_path: Path) -> None:
    mounted = tmp_path / "secret"
    mounted.write_text("from-a-file\n")
    trial = {
        "CREDITS_CORTI_ACCOUNTS": "main, Trial",
        "CREDITS_CORTI_TRIAL_ENVIRONMENT": "us",
        "CREDITS_CORTI_TRIAL_TENANT": "acme",
        "CREDITS_CORTI_TRIAL_CLIENT_ID": "other",
        "CREDITS_CORTI_TRIAL_CLIENT_SECRET_FILE": str(mounted),
        "CREDITS_CORTI_TRIAL_API_URL": "http://127.0.0.1:8791/v2/",
    }
    console = {f"CREDITS_CORTI_TRIAL_{name}": value for name, value in ADMIN.items()}
    main, other = load_accounts(MAIN | trial | console)
    assert (main.name, other.name) == ("main", "trial")
    assert (other.api_url, other.client_secret.reveal()) == ("http://127.0.0.1:8791/v2", "from-a-file")
    assert other.admin is not None
    assert (other.admin.project, other.admin.password.reveal()) == ("p1", "hush-too")
    assert "hush" not in repr((main, other))
    assert "from-a-file" not in repr((main, other))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"CREDITS_CORTI_ACCOUNTS": "ma in"}, "letters, digits and underscores"),
        ({"CREDITS_CORTI_ACCOUNTS": "main,main"}, "twice"),
        ({"CREDITS_CORTI_MAIN_TENANT": ""}, "CREDITS_CORTI_MAIN_TENANT is not set"),
        ({"CREDITS_CORTI_MAIN_TENANT": "klinik-\u00f8st"}, "in ASCII and without blanks"),
        ({"CREDITS_CORTI_MAIN_TENANT": "a\nb"}, "in ASCII and without blanks"),
        ({"CREDITS_CORTI_MAIN_ENVIRONMENT": "E U"}, "give eu or us"),
        ({"CREDITS_CORTI_MAIN_CLIENT_SECRET": ""}, "or CREDITS_CORTI_MAIN_CLIENT_SECRET_FILE"),
        ({"CREDITS_CORTI_MAIN_CLIENT_SECRET_FILE": "/nowhere/at/all"}, "CLIENT_SECRET_FILE can't be read"),
        ({"CREDITS_CORTI_MAIN_API_URL": "api.eu.corti.app"}, "not a base URL"),
        ({"CREDITS_CORTI_MAIN_API_URL": "http://api.eu.corti.app/v2"}, "unencrypted"),
        ({"CREDITS_CORTI_MAIN_LOGIN_URL": "https://me:hush@host/realms"}, "not a base URL"),
        ({"CREDITS_CORTI_MAIN_ADMIN_EMAIL": "a@b.c"}, "ADMIN_PASSWORD is not set"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_is(change: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        load_accounts(MAIN | change)
    assert "hush" not in str(raised.value)


def test_one_account_may_not_be_configured_twice() -> None:
    twin = {name.replace("MAIN", "TWIN"): value for name, value in MAIN.items()}
    with pytest.raises(SettingsError, match="same environment and tenant"):
        load_accounts(MAIN | twin | {"CREDITS_CORTI_ACCOUNTS": "main,twin"})


def test_how_to_pull_has_defaults_and_is_checked() -> None:
    assert load_pull_settings({}) == PullSettings()
    chosen = load_pull_settings({"CREDITS_CORTI_LOOKBACK_DAYS": "7", "CREDITS_CORTI_OLDER_WAY": "yes"})
    assert (chosen.lookback_days, chosen.legacy_list_credits) == (7, True)
    for name, text in {"LOOKBACK_DAYS": "0", "PAGE_SIZE": "many", "OLDER_WAY": "maybe", "CONCURRENCY": "-1"}.items():
        with pytest.raises(SettingsError, match=f"CREDITS_CORTI_{name}"):
            load_pull_settings({f"CREDITS_CORTI_{name}": text})
