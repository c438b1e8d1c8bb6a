"""Addresses that servers listen on."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from dataclasses import dataclass

from ingest.errors import CreditsError, SettingsError

_BACKLOG = 2048


@dataclass(frozen=True)
class Address:
    """A host and a port; as text `host:port`, or `[host]:port` if the host is an IPv6 address."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it can only be reached from this machine."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


def address_of(text: str) -> Address:
    """The address that a `--listen` option names.

    Raises:
        SettingsError: it names none.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"--listen is {text!r}: give HOST:PORT, such as 127.0.0.1:8790.")
    return Address(host.strip("[]") or "127.0.0.1", int(port))


def listening(address: Address) -> tuple[socket.socket, Address]:
    """A listening socket, and the address that it got: port 0 takes a free one.

    Raises:
        CreditsError: the address can't be used.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise CreditsError(f"cannot listen on {address} ({error.strerror}): give another --listen.") from None
    return listener, Address(*listener.getsockname()[:2])
