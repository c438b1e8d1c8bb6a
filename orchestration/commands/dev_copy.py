"""`credits dev-copy`: separate databases for analysts who run dbt by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

from ingest.errors import CreditsError
from ingest.landing.load import land
from ingest.landing.warehouse import make_marts_database, prepare_folders
from ingest.settings import CHECKOUT, Settings
from orchestration.published_version import current_version
from orchestration.shipped_files import SAMPLE
from orchestration.version_tables import add_operations

DEV = CHECKOUT / "data" / "dev"


def make_dev_databases(settings: Settings, *, from_published: bool) -> Iterator[str]:
    """Make `data/dev/` again: the raw tables of the sample, and marts that are empty or copied from the published
    version.

    Raises:
        CreditsError: there is no published version to copy, or the sample is missing.
    """
    if not (CHECKOUT / "dbt_project").is_dir():
        raise CreditsError("the installed package has no models to edit: use a checkout of the project.")
    if not SAMPLE.is_dir():
        raise CreditsError(f"{SAMPLE} is missing: `credits sample --out {SAMPLE}` writes it again.")
    version = current_version(settings) if from_published else None
    if from_published and version is None:
        raise CreditsError("nothing is published yet: run `credits run` first, or leave --from-published out.")
    shutil.rmtree(DEV, ignore_errors=True)
    dev = replace(settings, home=DEV)
    prepare_folders(dev)
    shutil.copytree(SAMPLE / "landing", dev.landing)
    land(dev, "dev")
    if version:
        shutil.copyfile(version / "credits.duckdb", dev.marts_database)
        add_operations(dev.marts_database, version / "credits.duckdb")
        yield f"{dev.marts_database} holds the marts of {version.name}"
    else:
        make_marts_database(dev)
        yield f"{dev.marts_database} is empty: `dbt build` fills it"
    yield f"{dev.build_database} holds the sample's raw tables"
    yield "now: cd dbt_project && dbt build"
