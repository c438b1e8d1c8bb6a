"""`credits dashboard`: open the published version's page, or write one for a single customer."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import webbrowser
from pathlib import Path

from ingest.settings import Settings
from orchestration.commands.output_file import write_output
from orchestration.dashboard.making import DASHBOARD, make_dashboard
from orchestration.dashboard.page_data import VersionStamp
from orchestration.published_names import find_tenant
from orchestration.published_version import NotPublishedError, current_manifest, current_version


def open_dashboard(settings: Settings, *, opened: bool) -> Path:
    """The page of the current version; with `opened` it is shown in a browser if there is one.

    Raises:
        NotPublishedError: nothing is published, or the version has no page.
    """
    version = current_version(settings)
    if version is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    if not (version / DASHBOARD).exists():
        raise NotPublishedError(f"version {version.name} has no dashboard: `credits run` publishes a version with one.")
    # Through the link, so that a bookmark always shows the current version.
    page = settings.published / "current" / DASHBOARD
    if opened and _has_browser():
        webbrowser.open(page.as_uri())
    return page


def write_tenant_dashboard(settings: Settings, tenant: str, out: Path | None) -> Path:
    """Write a page with the usage of the customer that `tenant` means (see `find_tenant`) to `out`, by default a file
    in the working directory.

    Raises:
        ArgumentError: no customer or several customers match.
        NotPublishedError: nothing is published.
        CreditsError: the published version can't be read.
    """
    version, manifest = current_version(settings), current_manifest(settings)
    if version is None or manifest is None:
        raise NotPublishedError("nothing is published yet: run `credits run` first.")
    tenant = find_tenant(settings, tenant)
    database = version / str(manifest["database"])
    page = make_dashboard(settings, database, VersionStamp(manifest["version"], manifest["built_at"]), tenant)
    target = out or Path(f"dashboard-{_file_name(tenant)}.html")
    write_output(target, page)
    return target.absolute()


def _file_name(tenant: str) -> str:
    """The id if it can be a file's name, else its usable characters and a hash that makes the name unique."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", tenant)[:60].lstrip(".")
    return plain if plain == tenant else f"{plain}-{hashlib.sha256(tenant.encode()).hexdigest()[:8]}"


def _has_browser() -> bool:
    """Whether there is a screen; without one some browsers would open in the terminal."""
    return sys.platform in {"darwin", "win32"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
