"""Whether there is anything to do. Every run asks this first, so it uses no database, no dbt and no Dagster."""

from __future__ import annotations

from pathlib import Path

from ingest.contract.landing_listing import listing_fingerprint
from ingest.error_lines import os_error_line
from ingest.errors import HomeError, SettingsError, StorageError
from ingest.landing.raw_tables import raw_definition
from ingest.landing_store import landing_store
from ingest.settings import Settings
from orchestration.dashboard.design import fingerprint
from orchestration.models.building import build_fingerprint
from orchestration.publish.current_until import has_changed
from orchestration.publish.elsewhere import is_to_be_sent
from orchestration.publish.held_listing import held_listing
from orchestration.published_version import current_manifest, current_version, holds_its_database, lacks_delta


def require_landing(settings: Settings) -> None:
    """Refuse a home without a landing folder: it is most likely the wrong home, and an empty version is useless.

    Raises:
        HomeError: there is no landing folder.
        SettingsError: the home itself does not exist.
    """
    if not settings.landing.is_dir():
        if settings.landing_place:
            raise SettingsError(f"{settings.landing} does not exist: make the folder that CREDITS_LANDING names.")
        kind = HomeError if settings.home.is_dir() else SettingsError
        raise kind(
            f"{settings.landing} does not exist: set CREDITS_HOME to a folder that holds landing/, "
            "or try `credits sample --out DIR`."
        )


def bring_landing(settings: Settings) -> None:
    """Make the landing folder hold what the landing store holds, which is one listing if that is a bucket and nothing
    is new there. Then refuse a home without a landing folder.

    Raises:
        StorageError: the bucket can't be used.
        HomeError, SettingsError, LockedError: the folder is missing, or can't be used.
    """
    landing_store(settings).bring()
    require_landing(settings)


def has_news(settings: Settings) -> bool:
    """Whether a run would publish something new. Reads file names and one manifest, and tries to open the files that
    could not be opened before.

    Raises:
        HomeError: a landing folder or `warehouse/` can't be read.
        CreditsError: the published version's manifest is damaged, or a bucket can't be asked for its version.
    """
    manifest, version = current_manifest(settings), current_version(settings)
    try:
        if manifest is None or version is None or not settings.build_database.exists():
            return True
    except OSError as error:
        raise HomeError(f"{os_error_line(error)}.") from None
    return (
        not holds_its_database(version, manifest)
        or lacks_delta(settings, manifest)
        or held_listing(settings, manifest) != listing_fingerprint(settings.landing)
        or manifest.get("raw_tables") != raw_definition()
        or manifest["models"] != build_fingerprint(settings)
        or manifest.get("dashboard_design") != fingerprint()
        or has_changed(manifest.get("current_until"))
        or any(_can_be_opened(settings.landing / path) for path in manifest.get("refused_to_open", ()))
        or is_to_be_sent(settings, manifest["version"])
    )


def would_publish(settings: Settings, *, ask_bucket: bool = True) -> bool | None:
    """The answer of `has_news`, also about input files in a bucket, which is listed and not fetched; None if this user
    may only read what is published, or if a bucket can't be asked. With `ask_bucket=False`, about what was fetched.

    Raises:
        CreditsError: the published version's manifest is damaged.
    """
    try:
        return has_news(settings) or (ask_bucket and landing_store(settings).is_behind())
    except (HomeError, StorageError):
        return None


def _can_be_opened(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True
