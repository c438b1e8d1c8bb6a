"""`credits gateway`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.capture.gateway.app import TIMEOUT_SECONDS, create_app
from ingest.capture.gateway.serving import gateway_server, is_loopback, listen, run_until_stopped, set_up_log
from ingest.capture.gateway.upstreams import Upstreams
from ingest.capture.spool import Spool
from ingest.errors import SettingsError
from ingest.settings import Settings


@dataclass(frozen=True)
class GatewayOptions:
    """What the command line said. `address` is `host:port`; times are in seconds."""

    address: str
    upstreams: Upstreams
    rotate_seconds: float = 60
    timeout_seconds: float = TIMEOUT_SECONDS
    drain_seconds: float = 30


def run_gateway(settings: Settings, options: GatewayOptions, show: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C, then hand every record to landing.

    Raises:
        CreditsError: the address is unusable.
    """
    host, port = split_address(options.address)
    set_up_log()
    with listen(host, port) as listener:
        spool = Spool(settings.landing, rotate_seconds=options.rotate_seconds)
        try:
            app = create_app(options.upstreams, spool, timeout_seconds=options.timeout_seconds)
            bound = listener.getsockname()
            shown = f"[{bound[0]}]:{bound[1]}" if ":" in bound[0] else f"{bound[0]}:{bound[1]}"
            if not is_loopback(host):
                show(
                    f"warning: {shown} can be reached from other machines, and tokens pass here unencrypted: "
                    "put TLS in front, or listen on 127.0.0.1."
                )
            show(f"gateway: http://{shown} -> {_described(options.upstreams)}; records -> {settings.landing}")
            run_until_stopped(gateway_server(app, spool, options.drain_seconds), listener)
        finally:
            spool.close()
    health = spool.health()
    show(f"gateway: stopped; {health.appended} records handed to landing, {health.lost} lost")


def split_address(address: str) -> tuple[str, int]:
    """`host:port` or `[v6]:port` as its two parts.

    Raises:
        SettingsError: it is neither.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"--listen is {address!r}: give HOST:PORT, such as 127.0.0.1:8790.")
    return host.strip("[]") or "127.0.0.1", int(port)


def _described(upstreams: Upstreams) -> str:
    urls = {"base": upstreams.base, "wss": upstreams.wss, "login": upstreams.login, "agents": upstreams.agents}
    return ", ".join(f"{name} {url or 'nowhere'}" for name, url in urls.items())
