"""`credits gateway`."""

from __future__ import annotations

from collections.abc import Callable

from ingest.capture.gateway.app import create_app
from ingest.capture.gateway.serving import gateway_server, is_loopback, listening, set_up_log, stop_on_signals
from ingest.capture.gateway.upstreams import Upstreams, upstreams_for
from ingest.capture.spool import Spool
from ingest.errors import SettingsError
from ingest.settings import Settings


def run_gateway(
    settings: Settings,
    show: Callable[[str], None],
    *,
    environment: str | None,
    environment_name: str | None,
    listen: str,
    upstream_base: str | None,
    upstream_wss: str | None,
    upstream_login: str | None,
    upstream_agents: str | None,
    rotate_seconds: float,
    timeout_seconds: float,
    drain_seconds: float,
) -> None:
    """Serve on `listen` (`host:port`) until SIGTERM or Ctrl-C, then hand every record to landing.

    Raises:
        CreditsError: the address or an upstream is unusable.
    """
    upstreams = upstreams_for(
        environment,
        name=environment_name,
        base=upstream_base,
        wss=upstream_wss,
        login=upstream_login,
        agents=upstream_agents,
    )
    host, port = _split(listen)
    set_up_log()
    with listening(host, port) as listener:
        spool = Spool(settings.landing, rotate_seconds=rotate_seconds)
        try:
            app = create_app(upstreams, spool, timeout_seconds=timeout_seconds)
            server = gateway_server(app, spool, drain_seconds)
            stop_on_signals(server)
            bound = listener.getsockname()
            shown = f"[{bound[0]}]:{bound[1]}" if ":" in bound[0] else f"{bound[0]}:{bound[1]}"
            if not is_loopback(host):
                show(
                    f"warning: {shown} can be reached from other machines, and tokens pass here unencrypted: "
                    "put TLS in front, or listen on 127.0.0.1."
                )
            show(f"gateway: http://{shown} -> {_described(upstreams)}; records -> {settings.landing}")
            server.run(sockets=[listener])
        finally:
            spool.close()
    health = spool.health()
    show(f"gateway: stopped; {health.appended} records handed to landing, {health.lost} lost")


def _split(address: str) -> tuple[str, int]:
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
