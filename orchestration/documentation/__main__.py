"""Writes docs/data-dictionary.md: `make dictionary`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.settings import load_settings
from orchestration.documentation.dictionary import read_dictionary
from orchestration.documentation.pages import as_markdown
from orchestration.models.building import read_manifest

if __name__ == "__main__":
    # A temporary home: the manifest in the user's home may be older than the metrics.
    with TemporaryDirectory() as home:
        manifest = read_manifest(replace(load_settings(), home=Path(home)))
    Path(sys.argv[1]).write_text(as_markdown(read_dictionary(manifest)), encoding="utf-8")
