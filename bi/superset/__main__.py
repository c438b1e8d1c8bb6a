"""`make superset-set`: writes the set's files and packs them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bi.superset.dataset_files import URI
from bi.superset.files import FOLDER, pack, set_files, write_set
from ingest.settings import load_settings
from orchestration.documentation.dictionary import read_dictionary
from orchestration.models.building import read_manifest


def main() -> None:
    """Write and pack the files, and print where they are."""
    parser = argparse.ArgumentParser(prog="make superset-set")
    parser.add_argument("target", type=Path, help="the zip to write")
    parser.add_argument("--uri", default=URI, help="where Superset finds the published file")
    options = parser.parse_args()
    # A temporary home: the manifest in the user's home may be older than the models.
    with TemporaryDirectory() as home:
        files = set_files(read_dictionary(read_manifest(replace(load_settings(), home=Path(home)))))
    write_set(files, FOLDER)
    pack(files, options.target, options.uri)
    print(f"{options.target}: {len(files)} files, connecting to {options.uri}")


if __name__ == "__main__":
    main()
