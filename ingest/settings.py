"""Every setting by name, with its kind, default and meaning; and the settings of a home.

A setting is added by one line of `SETTINGS` and one of `.env.example`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.contract.dimensions import DEFAULT_KEYS
from ingest.errors import ArgumentError, SettingsError
from ingest.home_paths import path_for_duckdb
from ingest.object_urls import HiddenValueError, ObjectUrl
from ingest.setting_kinds import (
    Kind,
    absolute_folder,
    checked_elsewhere,
    decimal_number,
    dimension_keys,
    file_path,
    folder_or_url,
    home_folder,
    line,
    memory,
    metrics_file,
    one_currency,
    one_of,
    optional,
    share,
    switch,
    whole_number,
)

CHECKOUT = Path(__file__).resolve().parent.parent
_PREFIX = "CREDITS_"
_SURE = 0.8
"""From this similarity on, a name counts as a misspelling of the nearest one."""
_MOST_SHOWN = 60


@dataclass(frozen=True)
class Setting:
    """An environment variable that is read. `default` is written like a value; a secret's value is in no message."""

    name: str
    kind: Kind
    default: str
    about: str
    is_secret: bool = False

    def value(self, environ: Mapping[str, str]) -> Any:
        """The value in the environment, else the default, as read by its kind.

        Raises:
            SettingsError: the value is unusable.
        """
        text = environ.get(self.name) or self.default
        try:
            return self.kind.read(text)
        except ValueError as error:
            shown = f"{text[:_MOST_SHOWN]!r}{'…' if len(text) > _MOST_SHOWN else ''}"
            is_hidden = self.is_secret or isinstance(error, HiddenValueError)
            is_what = "can't be used" if is_hidden else f"is {shown}"
            raise SettingsError(f"{self.name} {is_what}: give {self.kind.wanted}.") from None


SETTINGS = (
    Setting("CREDITS_HOME", optional(home_folder()), "", "The home: the folder with landing/ and all results."),
    Setting("CREDITS_LANDING", optional(folder_or_url()), "", "The input files: a folder, or a URL of a bucket."),
    Setting(
        "CREDITS_SPOOL_MOST_MIB", whole_number(1, 1_000_000_000), "10240", "Unsent files that a gateway keeps, in MiB."
    ),
    Setting("CREDITS_THREADS", optional(whole_number(1, 1024)), "", "Cores that DuckDB may use; all if not set."),
    Setting("CREDITS_MEMORY_LIMIT", memory(), "4GB", "Memory that DuckDB may use."),
    Setting("CREDITS_ENGINE", one_of("duckdb", "spark"), "duckdb", "What builds the models."),
    Setting("CREDITS_SPARK_MASTER", line(), "local[*]", "The master of Spark's session."),
    Setting("CREDITS_SPARK_PROPERTIES", optional(file_path()), "", "A file with properties of Spark's session."),
    Setting("CREDITS_LAKE", line(), "", "The folder or URL of Spark's tables; warehouse/lake of the home if not set."),
    Setting("CREDITS_LANDING_TASKS", whole_number(0, 1024), "0", "Tasks of Spark that land files at once; 0: none."),
    Setting("CREDITS_KEEP_VERSIONS", whole_number(1, 10_000), "3", "Published versions that are kept."),
    Setting("CREDITS_PUBLISH_TO", optional(folder_or_url()), "", "Where versions are published: a folder or a URL."),
    Setting("CREDITS_PUBLISH_DELTA", switch(), "0", "Whether the published tables are Delta tables too."),
    Setting(
        "CREDITS_PUBLISHED_FACT_MONTHS",
        whole_number(0, 10_000),
        "0",
        "Months of operations in the published database; 0: all.",
    ),
    Setting("CREDITS_KEPT_REFUSALS", whole_number(0, 10_000_000), "10000", "Refused lines of a file that are kept."),
    Setting("CREDITS_METRICS_FILE", optional(metrics_file()), "", "A file that gets metrics after each run."),
    Setting("CREDITS_LOCK_WAIT_SECONDS", whole_number(0, 1_000_000), "60", "How long a second run waits."),
    Setting("CREDITS_LONGEST_LINE_MIB", whole_number(1, 1024), "16", "The longest line of an input file, in MiB."),
    Setting("CREDITS_UNPACKED_FREE_MIB", whole_number(1, 1_000_000), "1024", "The size to which any file may unpack."),
    Setting("CREDITS_UNPACKED_RATIO", whole_number(1, 1_000_000), "1000", "The largest ratio for larger files."),
    Setting(
        "CREDITS_UNPACKED_MOST_MIB",
        whole_number(1, 1_000_000_000),
        "262144",
        "The largest size to which a file may unpack.",
    ),
    Setting(
        "CREDITS_DIMENSIONS", dimension_keys(), ",".join(DEFAULT_KEYS), "The keys of cost dimensions that are kept."
    ),
    Setting("DAGSTER_HOME", absolute_folder(), "", "The folder of Dagster's history; if not set, there is none."),
    Setting("CREDITS_CORTI_ACCOUNTS", checked_elsewhere(), "", "Names of the Corti accounts to pull."),
    Setting(
        "CREDITS_CORTI_LOOKBACK_DAYS", whole_number(1, 10_000), "35", "Days of interactions that a pull walks over."
    ),
    Setting("CREDITS_CORTI_PAGE_SIZE", whole_number(1, 10_000), "100", "Rows on a page."),
    Setting("CREDITS_CORTI_CONCURRENCY", whole_number(1, 10_000), "8", "Requests that run at once."),
    Setting("CREDITS_CORTI_TIMEOUT_SECONDS", whole_number(1, 10_000), "60", "Longest pause in an answer."),
    Setting("CREDITS_CORTI_SETTLE_HOURS", whole_number(0, 10_000), "24", "Hours from a change to the last listing."),
    Setting("CREDITS_CORTI_CONSUMPTION_DAYS", whole_number(1, 10_000), "3", "Whole days of totals that are asked for."),
    Setting("CREDITS_CORTI_CONSUMPTION_TODAY", switch(), "0", "Whether to ask for today's totals too."),
    Setting("CREDITS_CORTI_OLDER_WAY", switch(), "0", "Whether to use the credits in lists too."),
    Setting("CREDITS_LEAST_COVERAGE", share("0.99"), "0.99", "The share of listed resources that records must cover."),
    Setting(
        "CREDITS_RECONCILIATION_TOLERANCE", share("0.001"), "0.001", "How far Corti's totals may differ from ours."
    ),
    Setting("CREDITS_UNUSUAL_DAY_SCORE", decimal_number("3.5"), "3.5", "A modified z-score above it is unusual."),
    Setting("CREDITS_UNUSUAL_DAY_MULTIPLE", decimal_number("3"), "3", "How many times the median a day must exceed."),
    Setting("CREDITS_UNUSUAL_DAY_LEAST_CREDITS", decimal_number("20"), "20", "Fewer credits are not unusual."),
    Setting("CREDITS_UNUSUAL_DAY_LEAST_SHARE", share("0.01"), "0.01", "A smaller share of the day is not unusual."),
    Setting("CREDITS_MOST_UNMAPPED", share("0.02"), "0.02", "The share of 7 days' credits that may lack an owner."),
    Setting("CREDITS_MOST_UNREPORTED", share("0.02"), "0.02", "The share of operations that may lack a figure."),
    Setting("CREDITS_SILENCE_HOURS", whole_number(1, 168), "2", "Usual hours without a heartbeat that mean silence."),
    Setting("CREDITS_SILENCE_DAYS", whole_number(0, 28), "2", "Whole days, for a source without heartbeats."),
    Setting("CREDITS_EXPIRY_ALERT_DAYS", whole_number(0, 3650), "30", "Alert this many days before credits expire."),
    Setting("CREDITS_RUNWAY_ALERT_DAYS", whole_number(0, 3650), "14", "Alert if prepaid credits may last fewer days."),
    Setting("CREDITS_LIST_PRICE", decimal_number("1"), "1", "What a credit costs by the provider's public list."),
    Setting("CREDITS_LIST_CURRENCY", one_currency(), "USD", "The currency of that price, by its ISO 4217 code."),
    Setting("CREDITS_STATEMENT_LETTERHEAD", optional(file_path()), "", "A TOML file: who sends statements, and how."),
    Setting("CREDITS_FOCUS_INVOICE_ISSUER", line(), "Corti", "Who bills the customers."),
    Setting("CREDITS_FOCUS_BILLING_ACCOUNT", line(), "corti", "The account of charges without a Corti tenant."),
    Setting("CREDITS_FOCUS_BILLING_ACCOUNT_NAME", line(), "", "Who pays for that account."),
    Setting("CREDITS_ALERT_URLS", checked_elsewhere(), "", "Apprise URLs to which alerts are sent.", is_secret=True),
    Setting("CREDITS_ALERT_URLS_FILE", checked_elsewhere(), "", "The path of a file with such URLs.", is_secret=True),
)
"""All settings that are read, in the order of `.env.example`."""

ACCOUNT_SETTINGS = (
    "ENVIRONMENT",
    "TENANT",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CLIENT_SECRET_FILE",
    "API_URL",
    "LOGIN_URL",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
    "ADMIN_PASSWORD_FILE",
    "ADMIN_PROJECT",
    "ADMIN_URL",
)
"""The variables after CREDITS_CORTI_<NAME>_ for each named account; `ingest.corti.accounts` reads them."""

_OF_ACCOUNT = re.compile(rf"CREDITS_CORTI_(\w+?)_(?:{'|'.join(ACCOUNT_SETTINGS)})", re.ASCII)

_FOR_DBT = (
    "CREDITS_BUILD_DATABASE",
    "CREDITS_MARTS_DATABASE",
    "CREDITS_SPILL_DIRECTORY",
    "CREDITS_WHOLE_CHECKS",
    "CREDITS_SPARK_STATEMENTS",
    "CREDITS_SPARK_TABLES",
    "CREDITS_DEV_DATABASE",
    "CREDITS_DEV_MARTS",
    "CREDITS_PUBLISHED_DATABASE",
)
"""Variables that only dbt's profiles read: commands set some, and analysts may set others."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def setting_value(name: str, environ: Mapping[str, str] | None = None) -> Any:
    """The value of one setting of `SETTINGS`, as read by its kind.

    Raises:
        SettingsError: the value is unusable.
    """
    return _BY_NAME[name].value(os.environ if environ is None else environ)


def landing_place(text: str, named: str) -> Path | ObjectUrl:
    """The place that an argument names instead of CREDITS_LANDING.

    Raises:
        ArgumentError: it can't be used.
    """
    try:
        return Setting(named, folder_or_url(), "", "").value({named: text})
    except SettingsError as error:
        raise ArgumentError(str(error)) from None


def check_settings(environ: Mapping[str, str] | None = None) -> None:
    """Refuse unusable values, even if the current command does not read them. Corti accounts and alert URLs have their
    own checks in the modules that read them.

    Raises:
        SettingsError: a variable has an unusable value; the message shows no secret.
    """
    env = os.environ if environ is None else environ
    for setting in SETTINGS:
        setting.value(env)


def unread_settings(environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """A line for each variable that looks like a setting and that nothing reads; one line for all variables of an
    account that is not named. Shows no value.
    """
    env = os.environ if environ is None else environ
    accounts = [name.strip().upper() for name in (env.get("CREDITS_CORTI_ACCOUNTS") or "").split(",") if name.strip()]
    of_accounts = [f"CREDITS_CORTI_{account}_{part}" for account in accounts for part in ACCOUNT_SETTINGS]
    known = {*_BY_NAME, *of_accounts}
    unnamed: dict[str, list[str]] = {}
    for name in sorted(env):
        if not name.upper().startswith(_PREFIX) or name in known or name in _FOR_DBT:
            continue
        if account := _OF_ACCOUNT.fullmatch(name):
            unnamed.setdefault(account[1], []).append(name)
        else:
            yield f"{name} is not a known setting: {_nearest(name, known)}"
    for account, names in unnamed.items():
        more = f" and {len(names) - 1} more of its account are" if len(names) > 1 else " is"
        alike = [other for other in of_accounts if other.endswith(names[0].removeprefix(f"CREDITS_CORTI_{account}"))]
        nearest = f"; the nearest known name is {max(alike, key=_likeness_to(names[0]))}" if alike else ""
        said = f"CREDITS_CORTI_ACCOUNTS does not name the account {account.lower()!r}"
        yield f"{names[0]}{more} not read: {said}{nearest}."


def _nearest(name: str, known: Collection[str]) -> str:
    likeness = _likeness_to(name)
    nearest = max(sorted(known), key=likeness)
    if likeness(nearest) >= _SURE:
        return f"did you mean {nearest}?"
    return f"the nearest known name is {nearest} (.env.example lists them all)."


def _likeness_to(name: str) -> Callable[[str], float]:
    wanted = name.upper().removeprefix(_PREFIX)
    return lambda other: difflib.SequenceMatcher(None, wanted, other.removeprefix(_PREFIX)).ratio()


def _home(environ: Mapping[str, str]) -> Path:
    if named := setting_value("CREDITS_HOME", environ):
        return named
    if not (CHECKOUT / "workspace.yaml").is_file():  # an installed package, which has no place for data
        raise SettingsError("CREDITS_HOME is not set: `credits init DIR` makes a home and says how to use it.")
    return CHECKOUT / "data"


@dataclass(frozen=True)
class Bounds:
    """Limits on the content of one input file: larger content is refused with a reason, and not kept in memory.

    `line` is the longest line (or row of a CSV file), in bytes. A compressed file that unpacks to more than
    `unpacked_free` bytes may unpack to `unpacked_ratio` times its own size, and to `unpacked_most` bytes in all.
    """

    line: int = 16 * 1024 * 1024
    unpacked_free: int = 1024**3
    unpacked_ratio: int = 1000
    unpacked_most: int = 256 * 1024**3

    def unpacked_most_of(self, size: int) -> int:
        """The size to which a compressed file of this size may unpack, both in bytes."""
        return min(max(self.unpacked_free, size * self.unpacked_ratio), self.unpacked_most)


BOUNDS = Bounds()
"""The default bounds."""
_MIB = 1024 * 1024


def load_bounds(environ: Mapping[str, str] | None = None) -> Bounds:
    """Read the bounds from `environ` (the process environment by default).

    Raises:
        SettingsError: a variable has an unusable value.
    """
    return Bounds(
        line=setting_value("CREDITS_LONGEST_LINE_MIB", environ) * _MIB,
        unpacked_free=setting_value("CREDITS_UNPACKED_FREE_MIB", environ) * _MIB,
        unpacked_ratio=setting_value("CREDITS_UNPACKED_RATIO", environ),
        unpacked_most=setting_value("CREDITS_UNPACKED_MOST_MIB", environ) * _MIB,
    )


@dataclass(frozen=True)
class Settings:
    """The home and how much of the machine may be used.

    `home` is absolute, and so is a folder in `landing_place`, which is `landing/` of the home if it is None.
    `memory_limit` is in DuckDB's spelling (`4GB`); `lock_wait_seconds` is how long a second writer waits for the first;
    `kept_refusals` is how many refused lines of a file are kept one by one. `publish_delta` says that the published
    tables are Delta tables too; `published_fact_months` is how many of the last months of operations the published
    database has, 0 for all. `publish_to` is where versions are published, None for `published/` of the home.
    `engine` builds the models; `lake` is the folder or URL of Spark's tables, empty for the one in the home.
    `landing_tasks` of Spark land files at once; with 0 they land in this process. `dimensions` are the keys of the cost
    dimensions that are kept; `list_price` is what a credit costs by the provider's public list, in `list_currency`.
    `statement_letterhead` is the file with what the sender adds to statements. `metrics_file` is written after each
    run, if it is not None.
    """

    home: Path
    threads: int
    memory_limit: str
    keep_versions: int
    lock_wait_seconds: float
    kept_refusals: int = 10_000
    bounds: Bounds = BOUNDS
    publish_delta: bool = False
    published_fact_months: int = 0
    publish_to: Path | ObjectUrl | None = None
    landing_place: Path | ObjectUrl | None = None
    engine: str = "duckdb"
    spark_master: str = "local[*]"
    spark_properties: Path | None = None
    lake: str = ""
    landing_tasks: int = 0
    dimensions: tuple[str, ...] = DEFAULT_KEYS
    list_price: Decimal = Decimal(1)
    list_currency: str = "USD"
    statement_letterhead: Path | None = None
    metrics_file: Path | None = None

    @property
    def landing(self) -> Path:
        """The folder of the input files. If they are in a bucket, it is a copy, which `ingest.landing_store` keeps."""
        if isinstance(self.landing_place, ObjectUrl):
            return self.warehouse / "landing"
        return self.landing_place or self.home / "landing"

    @property
    def landing_url(self) -> ObjectUrl | None:
        """The place of the input files in a bucket; None if they are in a folder."""
        return self.landing_place if isinstance(self.landing_place, ObjectUrl) else None

    @property
    def quarantine(self) -> Path:
        """The refused lines, with their reason and origin."""
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        """The folder of the private build databases."""
        return self.home / "warehouse"

    @property
    def build_database(self) -> Path:
        """The database of the raw, staging and intermediate tables."""
        return self.warehouse / "build.duckdb"

    @property
    def marts_database(self) -> Path:
        """The database of the public tables; publishing copies it."""
        return self.warehouse / "marts.duckdb"

    @property
    def published(self) -> Path:
        """What BI reads: `current` and the versions. If versions are published to a URL, this is their cache."""
        return self.publish_to if isinstance(self.publish_to, Path) else self.home / "published"

    @property
    def logs(self) -> Path:
        """The logs that a person needs after a failed run, one for each run."""
        return self.home / "logs"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a home from `environ` (the process environment by default).

    Raises:
        SettingsError: a variable has an unusable value.
        HomeError: the home's path needs a link, and that can't be made.
    """
    env = os.environ if environ is None else environ
    publish_to = setting_value("CREDITS_PUBLISH_TO", env)
    landing = setting_value("CREDITS_LANDING", env)
    return Settings(
        home=path_for_duckdb(_home(env)),
        threads=setting_value("CREDITS_THREADS", env) or os.cpu_count() or 1,
        memory_limit=setting_value("CREDITS_MEMORY_LIMIT", env),
        keep_versions=setting_value("CREDITS_KEEP_VERSIONS", env),
        kept_refusals=setting_value("CREDITS_KEPT_REFUSALS", env),
        lock_wait_seconds=setting_value("CREDITS_LOCK_WAIT_SECONDS", env),
        bounds=load_bounds(env),
        publish_delta=setting_value("CREDITS_PUBLISH_DELTA", env),
        published_fact_months=setting_value("CREDITS_PUBLISHED_FACT_MONTHS", env),
        publish_to=path_for_duckdb(publish_to, "CREDITS_PUBLISH_TO") if isinstance(publish_to, Path) else publish_to,
        landing_place=path_for_duckdb(landing, "CREDITS_LANDING") if isinstance(landing, Path) else landing,
        engine=setting_value("CREDITS_ENGINE", env),
        spark_master=setting_value("CREDITS_SPARK_MASTER", env),
        spark_properties=setting_value("CREDITS_SPARK_PROPERTIES", env),
        lake=setting_value("CREDITS_LAKE", env),
        landing_tasks=_landing_tasks(env),
        dimensions=setting_value("CREDITS_DIMENSIONS", env),
        list_price=setting_value("CREDITS_LIST_PRICE", env),
        list_currency=setting_value("CREDITS_LIST_CURRENCY", env),
        statement_letterhead=setting_value("CREDITS_STATEMENT_LETTERHEAD", env),
        metrics_file=setting_value("CREDITS_METRICS_FILE", env),
    )


def _landing_tasks(environ: Mapping[str, str]) -> int:
    tasks = setting_value("CREDITS_LANDING_TASKS", environ)
    if tasks and setting_value("CREDITS_ENGINE", environ) != "spark":
        raise SettingsError(f"CREDITS_LANDING_TASKS is {tasks}, and tasks are Spark's: set CREDITS_ENGINE=spark, or 0.")
    return tasks
