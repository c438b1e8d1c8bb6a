"""Versions in a bucket, for readers on any machine. The folder on this disk is their cache.

::

    <url>/tables/<table>/<hash>.parquet         data, written once, shared by all versions
    <url>/tables/<table>/_delta_log/            one commit for each version that changes the table
    <url>/versions/<version>/                   manifest.json, credits.duckdb, pages: written once, never changed
    <url>/current.json                          the version that readers see

A version is built and checked on this disk first. Then everything that it names is sent, and `current.json` is written
last, on condition that nobody else has written it since this run read it. Only then is the version current on this disk
too. A run that ends at any point before that leaves readers everywhere with the version before.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingest.errors import ObjectChangedError, PublishError
from ingest.object_storage import ObjectStorage
from ingest.settings import Settings
from orchestration.publish import version_folders
from orchestration.publish.bucket_cleaning import clean
from orchestration.publish.delta_tables import (
    OpenedTable,
    OvertakenError,
    TableContent,
    contents_of,
    name_by_content,
)
from orchestration.publish.elsewhere import lacks_version, publisher_id
from orchestration.publish.published_pointer import POINTER, Pointer, read_pointer
from orchestration.publish.publishing_turn import turn
from orchestration.publish.switching_note import forget_switching, note_switching
from orchestration.published_version import MANIFEST

_AT_A_TIME = 8
"""Requests that run at once."""


class BucketVersions:
    """Versions below a URL, as one publishing run sees them: what is published there is read once, at its start."""

    def __init__(self, settings: Settings, storage: ObjectStorage) -> None:
        self._settings = settings
        self._storage = storage
        self._publisher = publisher_id(settings)
        self._seen = read_pointer(storage)
        self._delta: dict[str, int] = {}

    def published_manifest(self) -> Mapping[str, Any] | None:
        """See `VersionStore.published_manifest`."""
        return self._manifest_of(self._seen) if self._seen else None

    def new_version(self) -> str:
        """See `VersionStore.new_version`. The name is taken in the bucket too, so that no two publishers share it."""
        taken: set[str] = set()
        while True:
            version = version_folders.new_version(self._settings, taken)
            if self._takes(version):
                return version
            taken.add(version)

    def lacks(self, version: str) -> bool:
        """See `VersionStore.lacks`. What another publisher has published stays until there is something new here."""
        return lacks_version(self._seen, self._publisher, version)

    def send(self, version: str) -> None:
        """See `VersionStore.send`."""
        if not self._takes(version):
            raise PublishError(
                f"not published to {self._storage.url}: another publisher has a version of the name {version} there: "
                "`credits run --check-all` makes another one."
            )
        self._publish(version_folders.version_folder(self._settings, version), version)

    def switch_to(self, partial: Path, version: str, models: str) -> None:
        """See `VersionStore.switch_to`."""
        self._publish(partial, version, models)
        try:
            version_folders.switch_to(self._settings, partial, version)
        except OSError as error:
            raise PublishError(
                f"version {version} is published to {self._storage.url}, but could not be made current in "
                f"{self._settings.published} ({error.strerror}): mend that; the next run publishes again."
            ) from None
        forget_switching(self._settings)

    def remove_old_versions(self) -> None:
        """See `VersionStore.remove_old_versions`. The bucket's are removed while the turn is held."""
        version_folders.remove_old_versions(self._settings)

    def _takes(self, version: str) -> bool:
        """Take a version's folder in the bucket; False if another publisher has it."""
        claim = {"publisher": self._publisher, "host": socket.gethostname()}
        try:
            self._storage.create(f"versions/{version}/publisher.json", (json.dumps(claim) + "\n").encode())
        except ObjectChangedError:
            return False
        return True

    def _publish(self, folder: Path, version: str, models: str | None = None) -> None:
        """Send a version and let readers see it. With `models`, it is noted first that the switch on this disk is to
        follow.
        """
        says = json.loads((folder / MANIFEST).read_bytes())
        with duckdb.connect(str(folder / says["database"]), read_only=True) as marts:
            contents = contents_of(folder, says["tables"], marts)
        manifest = manifest_below_url(says)
        found = self._send_data(contents)
        self._send_folder(folder, says, version)
        key = f"versions/{version}/{MANIFEST}"
        self._storage.create(key, manifest)
        with turn(self._storage, self._publisher, version) as held:
            self._require_unmoved()
            self._send_data(contents, only=found)
            delta, publication = self._commit(contents, version)
            pointer = Pointer(
                version,
                key,
                hashlib.sha256(manifest).hexdigest(),
                delta,
                publication,
                self._publisher,
                socket.gethostname(),
                datetime.now(UTC).isoformat(timespec="seconds"),
            )
            self._storage.create(f"versions/{version}/pointer.json", pointer.as_bytes())
            if models is not None:
                note_switching(self._settings, version, models)
            try:
                e_tag = self._storage.swap(POINTER, pointer.as_bytes(), self._seen.e_tag if self._seen else None)
            except ObjectChangedError:
                self._require_unmoved()
                raise
            self._seen = replace(pointer, e_tag=e_tag)
            held.cleaned_at = clean(self._storage, self._settings.keep_versions, version, held.cleaned_at)

    def _require_unmoved(self) -> None:
        """Refuse to go on if another version was published since this run began.

        Raises:
            PublishError: says which, and by whom.
        """
        now = read_pointer(self._storage)
        if now is not None and (self._seen is None or now.e_tag != self._seen.e_tag):
            raise PublishError(
                f"not published to {self._storage.url}: {now.host} published version {now.version} there meanwhile; "
                "run again, to publish what that one lacks."
            )

    def _send_data(self, contents: Sequence[TableContent], only: frozenset[str] | None = None) -> frozenset[str]:
        """Send the data files that are not there yet. Return the keys of those that were there, though the published
        version does not name them; with `only`, look at these again.
        """
        files = {f"tables/{content.name}/{file.name}": file for content in contents for file in content.files}
        wanted = files.keys() - self._known() if only is None else only

        def send(key: str) -> bool:
            return self._send_file(key, files[key].path)

        ordered = sorted(wanted)
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            sent = dict(zip(ordered, pool.map(send, ordered), strict=True))
        return frozenset(key for key in ordered if not sent[key])

    def _send_folder(self, folder: Path, says: Mapping[str, Any], version: str) -> None:
        """Send the version's database and pages."""
        pages = [says["dashboard"]["path"], *(page["path"] for page in says["documentation"])]
        for name in (says["database"], *pages):
            self._send_file(f"versions/{version}/{name}", folder / name)

    def _send_file(self, key: str, path: Path) -> bool:
        """Send a file whose name says its content, if it is not there yet; whether it was sent."""
        there = self._storage.find(key)
        if there is not None and there.size == path.stat().st_size:
            return False
        return self._storage.create(key, path)

    def _known(self) -> frozenset[str]:
        """The keys of the data files of the published version. Nothing removes them while it is published."""
        manifest = self.published_manifest()
        if manifest is None:
            return frozenset()
        return frozenset(file["path"] for table in manifest["tables"].values() for file in table["files"])

    def _commit(self, contents: Sequence[TableContent], version: str) -> tuple[dict[str, int], int]:
        """Let the Delta tables hold the version. Return the Delta version of each, and the publication's number."""
        places = [f"{self._storage.url}/tables/{content.name}" for content in contents]
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            opened = [*pool.map(OpenedTable, places)]
            last = max((table.last_publication for table in opened), default=0)
            publication = 1 + max(last, self._seen.publication if self._seen else 0)
            try:
                numbers = [
                    *pool.map(
                        lambda table, content: table.commit(content, version, publication),
                        opened,
                        contents,
                    )
                ]
            except OvertakenError as error:
                raise PublishError(
                    f"not published to {self._storage.url}: version {error} was committed to a Delta table there "
                    "meanwhile; run again. Let nothing but `credits` write to these tables."
                ) from None
        return {content.name: number for content, number in zip(contents, numbers, strict=True)}, publication

    def _manifest_of(self, pointer: Pointer) -> Mapping[str, Any]:
        """The manifest that a pointer names: from this disk if that is the same one.

        Raises:
            PublishError: it has other content than the pointer says.
        """
        path = version_folders.version_folder(self._settings, pointer.version) / MANIFEST
        with suppress(OSError, ValueError, KeyError, TypeError):
            ours = manifest_below_url(json.loads(path.read_bytes()))
            if hashlib.sha256(ours).hexdigest() == pointer.sha256:
                return json.loads(ours)
        content, _ = self._storage.read(pointer.manifest)
        if hashlib.sha256(content).hexdigest() != pointer.sha256:
            raise PublishError(
                f"{self._storage.url}/{pointer.manifest} is not what {POINTER} names: copy "
                f"versions/<version>/pointer.json of another version over {POINTER}."
            )
        return json.loads(content)


def manifest_below_url(says: Mapping[str, Any]) -> bytes:
    """A version's manifest as it is in the bucket: its data files are named by their content, relative to the URL."""
    tables = {
        name: {
            **table,
            "files": [{**file, "path": f"tables/{name}/{name_by_content(file['sha256'])}"} for file in table["files"]],
        }
        for name, table in says["tables"].items()
    }
    kept = {name: said for name, said in says.items() if name not in ("delta", "tables")}
    return (json.dumps({**kept, "tables": tables}, indent=2) + "\n").encode()
