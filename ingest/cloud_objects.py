"""Objects in S3 (and what speaks its protocol), Azure Blob Storage and Google Cloud Storage, by obstore.

The messages of obstore contain answers of servers and addresses of requests, so none is ever shown: an error is said
in words of this module, with the status and the code of the answer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import MissingObjectError, StorageError, UnusableNameError
from ingest.object_storage import Entry, TakenError
from ingest.object_urls import ObjectUrl

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

_LIMITS = {"connect_timeout": "5s", "read_timeout": "60s", "timeout": "1800s"}
_LIMITS_OF_UPLOADS = {"connect_timeout": "5s", "timeout": "1800s"}
"""While content is sent, nothing is read: a limit for reading would end a slow upload."""
_UPLOAD = 8 * 1024 * 1024
"""Content of more bytes counts as an upload."""
_RETRIES: Any = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=30),
    "backoff": {"init_backoff": timedelta(milliseconds=200), "max_backoff": timedelta(seconds=3), "base": 2},
}
_AT_A_TIME = 1000
_IN_ONE_REQUEST = 1024 * 1024 * 1024
"""Larger files are sent in parts, which the stores can't make conditional on the absence of the object."""
_NO_STORE: Any = {"Cache-Control": "no-store"}
_STATUS = re.compile(r"\bstatus: (\d{3})\b")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_NAMED_PATH = re.compile(r'parsing Path "(.*?)": Encountered|Path "(.*?)" contained', re.DOTALL)
_VARIABLES = {"s3": "AWS_…", "az": "AZURE_…", "gs": "GOOGLE_…"}
_ENDPOINTS = {
    "s3": ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"),
    "az": ("AZURE_ENDPOINT", "AZURE_STORAGE_ENDPOINT"),
}
_REFUSED = {"401", "403"}


class CloudObjects:
    """The objects of one bucket or container, below a prefix."""

    def __init__(self, url: ObjectUrl) -> None:
        try:
            import obstore
            from obstore import store
        except ImportError:
            raise StorageError(
                f"{url} needs obstore, which is not installed: pip install 'credits-warehouse[objects]'."
            ) from None
        self._obstore = obstore
        self._url = url
        _require_endpoint(url)
        self._kind: Any = {"s3": store.S3Store, "az": store.AzureStore, "gs": store.GCSStore}[url.scheme]
        self._store = self._opened(_LIMITS)

    def _opened(self, limits: dict[str, str]) -> ObjectStore:
        with self._translated(""):
            return self._kind(
                self._url.container, prefix=self._url.prefix or None, config=limits, retry_config=_RETRIES
            )

    def entries(self, prefix: str) -> Iterator[Entry]:
        """See `Objects.entries`."""
        with self._translated(prefix):
            for found in self._obstore.list(self._store, prefix or None, chunk_size=_AT_A_TIME):
                for one in found:
                    yield _entry(one)

    def head(self, key: str) -> Entry:
        """See `Objects.head`."""
        with self._translated(key):
            return _entry(self._obstore.head(self._store, key))

    def children(self, prefix: str) -> tuple[list[Entry], list[str]]:
        """See `Objects.children`."""
        with self._translated(prefix):
            found = self._obstore.list_with_delimiter(self._store, prefix or None)
            return [_entry(one) for one in found["objects"]], list(found["common_prefixes"])

    def get(self, key: str, e_tag: str | None) -> tuple[Entry, Iterator[bytes]]:
        """See `Objects.get`."""
        with self._translated(key):
            result = self._obstore.get(self._store, key, options={"if_match": f'"{e_tag}"'} if e_tag else None)
            return _entry(result.meta), self._pieces(key, result.stream())

    def put(self, key: str, content: bytes | Path, e_tag: str | None) -> str | None:
        """See `Objects.put`. A file of more than 1 GiB is sent in parts: whether the object exists is then asked first,
        and another writer at the same moment is not noticed.
        """
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        store = self._store if size <= _UPLOAD else self._opened(_LIMITS_OF_UPLOADS)
        with self._translated(key):
            if size > _IN_ONE_REQUEST and e_tag is None:
                self._require_absent(key)
                return _unquoted(self._obstore.put(store, key, content)["e_tag"])
            # A key "version" must not be there if it would be None.
            mode: Any = "create" if e_tag is None else {"e_tag": f'"{e_tag}"'}
            attributes = _NO_STORE if key.endswith("current.json") else None
            put = self._obstore.put(store, key, content, mode=mode, attributes=attributes, use_multipart=False)
            return _unquoted(put["e_tag"])

    def remove(self, key: str) -> None:
        """See `Objects.remove`."""
        with self._translated(key), suppress(FileNotFoundError):
            self._obstore.delete(self._store, key)

    def _require_absent(self, key: str) -> None:
        try:
            self._obstore.head(self._store, key)
        except FileNotFoundError:
            return
        raise TakenError

    def _pieces(self, key: str, stream: Any) -> Iterator[bytes]:
        with self._translated(key):
            for piece in stream:
                yield bytes(piece)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        from obstore import exceptions

        name = f"{self._url}/{key}" if key else str(self._url)
        try:
            yield
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            raise TakenError from None
        except FileNotFoundError as error:
            # Of a local file, it is the file to send.
            if error.filename is not None:
                raise
            if "NoSuchBucket" in str(error) or "ContainerNotFound" in str(error):
                raise self._no_container() from None
            raise MissingObjectError(f"{name} does not exist.") from None
        except exceptions.InvalidPathError as error:
            found = _NAMED_PATH.search(str(error))
            shown = repr(next(filter(None, found.groups()), ""))[:120] if found else "one"
            raise UnusableNameError(
                f"{name} holds an object whose name can't be a path: {shown}; rename or remove it, then run again."
            ) from None
        except (exceptions.BaseError, ValueError) as error:
            raise self._fault(name, str(error)) from None
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # a fault of the client; its class has no name to import
                raise StorageError(f"{self._url} can't be used: check its variables.") from None
            raise

    def _fault(self, name: str, message: str) -> StorageError:
        """The error for a message. Only the status and the code of the store's answer are shown."""
        status, code = _STATUS.search(message), _CODE.search(message)
        said = " ".join(found[1] for found in (status, code) if found)
        variables = _VARIABLES[self._url.scheme]
        if code and code[1] in ("NoSuchBucket", "ContainerNotFound"):
            return self._no_container()
        if "169.254.169.254" in message or "oauth2" in message or "TokenRequest" in message:
            return StorageError(f"no credentials for {self._url} were found: set its {variables} variables.")
        if (status and status[1] in _REFUSED) or "PermissionDenied" in message or "Unauthenticated" in message:
            return StorageError(
                f"{name}: the store refuses this user ({said or 'no rights'}): check the {variables} variables and the "
                "rights on it."
            )
        if "BadScheme" in message:
            allow = "AZURE_ALLOW_HTTP" if self._url.scheme == "az" else "AWS_ALLOW_HTTP"
            return StorageError(f"{self._url}: its endpoint has no TLS: set {allow}=true, or name it by https.")
        if status and not status[1].startswith("5") and status[1] not in ("408", "409", "429"):
            return StorageError(f"{name}: the store answered {said}: check the URL and the {variables} variables.")
        if status:
            return StorageError(f"{name}: the store answered {said}: try again later.", is_passing=True)
        if "RetryError" in message or "HttpError" in message or "HTTP error" in message:
            return StorageError(
                f"{self._url} can't be reached: check the network and the {variables} variables.", is_passing=True
            )
        return StorageError(f"{self._url} can't be used: check its {variables} variables.")

    def _no_container(self) -> StorageError:
        kind = "container" if self._url.scheme == "az" else "bucket"
        return StorageError(f"there is no {kind} {self._url.container}, which {self._url} names: make it first.")


def _entry(meta: ObjectMeta) -> Entry:
    return Entry(meta["path"], meta["size"], _unquoted(meta["e_tag"]), meta["last_modified"])


def _unquoted(e_tag: str | None) -> str | None:
    """An ETag without quotes: Azure lists it without, and answers with."""
    return e_tag.strip('"') if e_tag else None


def _require_endpoint(url: ObjectUrl) -> None:
    """Refuse an endpoint that is no address: the client would end its thread with a message of its own.

    Raises:
        StorageError: a variable names one.
    """
    for name in _ENDPOINTS.get(url.scheme, ()):
        if not re.match(r"https?://[^/\s]+", os.environ.get(name) or "http://none", re.IGNORECASE):
            raise StorageError(f"{name} is not an address: give one such as https://host:port.")
