"""Makes the pages once for each state of the models, and puts them into a version.

Descriptions change with the models, not with the data: without a changed model a run only links the existing pages.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from ingest.errors import PublishError
from ingest.settings import Settings
from orchestration.documentation.dictionary import read_dictionary
from orchestration.documentation.pages import as_html
from orchestration.models import building
from orchestration.models.compiled_models import pass_on

DATA_DICTIONARY = "data-dictionary.html"
DBT_DOCS = "docs/index.html"
_PAGES = (DATA_DICTIONARY, DBT_DOCS)


def make_documentation(settings: Settings) -> None:
    """Make the pages of the models that were just built, if they don't exist yet.

    Raises:
        LockedError, ModelsError: see `orchestration.models.building.write_dbt_docs`.
    """
    folder = _folder(settings)
    if all((folder / page).exists() for page in _PAGES):
        return
    shutil.rmtree(folder, ignore_errors=True)
    for older in folder.parent.glob("documentation-*"):
        shutil.rmtree(older, ignore_errors=True)
    described = folder.with_name(f"documentation-{os.getpid()}.dbt")
    making = folder.with_name(f"documentation-{os.getpid()}.partial")
    building.write_dbt_docs(settings, described)
    manifest = json.loads((described / building.MANIFEST).read_text(encoding="utf-8"))
    (making / DBT_DOCS).parent.mkdir(parents=True)
    (making / DATA_DICTIONARY).write_text(as_html(read_dictionary(manifest, settings.dimensions)), encoding="utf-8")
    (described / "static_index.html").replace(making / DBT_DOCS)
    for page in _PAGES:
        (making / page).chmod(0o444)
    making.rename(folder)
    shutil.rmtree(described, ignore_errors=True)
    if folder == _folder(settings):  # else the models were edited while dbt read them
        pass_on(folder.parent, building.PROJECT)


def add_documentation(settings: Settings, version: Path) -> list[dict[str, object]]:
    """Put the pages into the folder of a version; return the manifest's entries for them.

    Raises:
        OSError: a file can't be written.
        PublishError: there are no pages for these models and metrics, since no build has succeeded after they changed.
    """
    folder = _folder(settings)
    if not folder.exists():
        raise PublishError(
            "not published: there are no pages that describe these models and metrics; run `credits run`."
        )
    return [_added(folder, version, page) for page in _PAGES]


def _added(folder: Path, version: Path, page: str) -> dict[str, object]:
    target = version / page
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(folder / page, target)
    except OSError:  # published/ is on another disk
        shutil.copyfile(folder / page, target)
        target.chmod(0o444)
    content = target.read_bytes()
    return {"path": page, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _folder(settings: Settings) -> Path:
    """The folder of the pages, named by their content and their design."""
    digest = hashlib.sha256("\n".join((building.description_fingerprint(), *settings.dimensions)).encode())
    for file in sorted(Path(__file__).parent.glob("*.[pc]*")):
        if file.is_file():
            digest.update(file.read_bytes())
    return building.target_path_of(settings) / f"documentation-{digest.hexdigest()[:16]}"
