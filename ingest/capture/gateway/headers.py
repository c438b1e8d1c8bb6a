"""Removes headers from a request or response on its way through; everything else passes unchanged.

Names are lower-case, as the server gives them. Fields for one connection only (RFC 9110, section 7.6.1) end at the
gateway, and so do the headers with the owner of the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import unquote_plus

Headers = list[tuple[bytes, bytes]]

STATUSES = range(200, 600)
"""The statuses of answers that can be passed on: HTTP has no others."""

_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
_HANDSHAKE = frozenset(
    (
        b"sec-websocket-key",
        b"sec-websocket-version",
        b"sec-websocket-extensions",
        b"sec-websocket-protocol",
        b"sec-websocket-accept",
    )
)
_BODILESS = (204, 304)
_UNSENDABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_OWNERS = {b"x-credits-user": "user_id", b"x-credits-tenant": "tenant_id"}
_TENANT = b"tenant-name"
_ANALYTICS = b"x-corti-analytics"
_REQUEST_ID = b"x-request-id"
_BROTLI = find_spec("brotli") is not None


@dataclass
class Owner:
    """The owner of a call: the application's user and customer, and Corti's tenant; `analytics` has the caller's
    dimensions, as JSON, and `request_id` its own id of the request. Each is None if it was not given.
    """

    user_id: str | None = None
    tenant_id: str | None = None
    corti_tenant: str | None = None
    analytics: str | None = None
    request_id: str | None = None


def passed_on(headers: Iterable[tuple[bytes, bytes]], *, handshake: bool = False) -> Headers:
    """The headers that are passed on, in order, with duplicates; `handshake` means those of a socket's opening."""
    kept = list(headers)
    named = {
        token.strip().lower() for name, value in kept if name.lower() == b"connection" for token in value.split(b",")
    }
    ended = _HOP_BY_HOP | named | (_HANDSHAKE if handshake else frozenset())
    return [(name, value) for name, value in kept if name.lower() not in ended]


def answered_with(status: int, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of an answer that are passed on.

    A length together with `Transfer-Encoding` has no meaning (RFC 9112, section 6.3), and the server can't send one
    with an answer without a body; values that HTTP does not allow are left out.
    """
    given = list(headers)
    no_length = status in _BODILESS or value_of(given, b"transfer-encoding") is not None
    return [
        (name, value)
        for name, value in passed_on(given)
        if not (no_length and name.lower() == b"content-length") and not _UNSENDABLE.search(value)
    ]


def without_owner(headers: Headers, owner: Owner) -> Headers:
    """The headers without `X-Credits-User` and `X-Credits-Tenant`, which `owner` takes; it reads `Tenant-Name`,
    `X-Corti-Analytics` and `X-Request-Id` too.
    """
    kept: Headers = []
    for name, value in headers:
        if field := _OWNERS.get(name):
            setattr(owner, field, _printable(_text(value)))
            continue
        if name == _TENANT:
            owner.corti_tenant = _printable(_text(value))
        elif name == _ANALYTICS:
            owner.analytics = _text(value)
        elif name == _REQUEST_ID:
            owner.request_id = value.decode("latin-1")
        kept.append((name, value))
    return kept


def query_without_owner(query: bytes, owner: Owner) -> bytes:
    """A query string without the parameters of the same names; the rest is not re-encoded."""
    if not query:
        return query
    kept = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        word = unquote_plus(name.decode("latin-1")).lower().encode("utf-8", "replace")
        if field := _OWNERS.get(word):
            setattr(owner, field, _printable(_plain(value)))
            continue
        if word == _TENANT and not owner.corti_tenant:
            owner.corti_tenant = _printable(_plain(value))
        elif word == _ANALYTICS and not owner.analytics:
            owner.analytics = _plain(value)
        kept.append(part)
    return b"&".join(kept)


def only_readable(headers: Headers) -> Headers:
    """The headers, with codings removed from `Accept-Encoding` that capture can't undo.

    This can only be Brotli, if its package is not installed: an answer in it would hide what the call cost.
    """
    if _BROTLI:
        return headers
    return [(name, _without_brotli(value) if name == b"accept-encoding" else value) for name, value in headers]


def _without_brotli(value: bytes) -> bytes:
    words = [word.strip() for word in value.split(b",")]
    kept = [word for word in words if word.partition(b";")[0].strip().lower() not in (b"br", b"*")]
    return value if len(kept) == len(words) else b", ".join(kept) or b"identity"


def value_of(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    """The first value of a header; `wanted` in lower case."""
    return next((value for name, value in headers if name.lower() == wanted), None)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def _plain(value: bytes) -> str:
    return unquote_plus(value.decode("latin-1")).strip()


def _printable(text: str) -> str | None:
    """A text without control characters and marks of direction, which could affect a terminal that prints the id."""
    return "".join(char for char in text if char.isprintable()).strip() or None
