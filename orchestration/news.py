"""Whether there is anything to do: asked before every run, so it costs no database, no dbt and no Dagster."""

from __future__ import annotations

from ingest.errors import HomeError
from ingest.landing.files import listing_fingerprint
from ingest.landing.raw_tables import raw_definition
from ingest.settings import Settings
from orchestration.current_until import has_changed
from orchestration.dashboard.design import fingerprint
from orchestration.model_building import models_fingerprint
from orchestration.published_version import current_manifest


def require_landing(settings: Settings) -> None:
    """Refuse a home without a landing folder: it is most likely the wrong one, and an empty version helps nobody.

    Raises:
        HomeError: there is none.
    """
    if not settings.landing.is_dir():
        raise HomeError(
            f"{settings.landing} does not exist: set CREDITS_HOME to a folder that holds landing/, "
            "or try `credits sample --out DIR`."
        )


def has_news(settings: Settings) -> bool:
    """Whether a run would publish something new. Reads file names and one manifest.

    Raises:
        HomeError: a landing folder can't be read.
    """
    manifest = current_manifest(settings)
    if manifest is None or not settings.build_database.exists():
        return True
    return (
        manifest["inputs"] != listing_fingerprint(settings.landing)
        or manifest.get("raw_tables") != raw_definition()
        or manifest["models"] != models_fingerprint()
        or manifest.get("dashboard_design") != fingerprint()
        or has_changed(manifest.get("current_until"))
    )
