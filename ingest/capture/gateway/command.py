"""`credits gateway`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ingest.capture.gateway.app import create_app
from ingest.capture.gateway.caller_limits import limits_for, raised_open_files
from ingest.capture.gateway.serving import gateway_server, set_up_log, stop_on_signals
from ingest.capture.gateway.upstreams import Upstreams, upstreams_for
from ingest.capture.spool import MEBIBYTE, Spool, make_writable
from ingest.errors import HomeError
from ingest.listening import address_of, listening
from ingest.object_storage import open_storage
from ingest.settings import Settings, landing_place, setting_value
from ingest.wording import counted


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
    upstream_models: str | None,
    rotate_seconds: float,
    timeout_seconds: float,
    call_linger_seconds: float,
    socket_linger_seconds: float,
    drain_seconds: float,
    head_seconds: float,
    max_connections: int,
    landing: str | None,
    host: str | None,
    heartbeats: bool,
) -> None:
    """Serve on `listen` (`host:port`) until SIGTERM or Ctrl-C, then hand every record to landing.

    If landing is a bucket, records are written to `spool/` of the home, and finished files are sent from there.

    Raises:
        StorageError: the bucket's client is not installed, or its variables can't be used.
        CreditsError: the address or an upstream is unusable.
        HomeError: records can't be written.
    """
    upstreams = upstreams_for(
        environment,
        name=environment_name,
        base=upstream_base,
        wss=upstream_wss,
        login=upstream_login,
        agents=upstream_agents,
        models=upstream_models,
    )
    wanted = address_of(listen)
    open_files = raised_open_files()
    limits = limits_for(max_connections, open_files, head_seconds=head_seconds)
    if landing:
        settings = replace(settings, landing_place=landing_place(landing, "--landing"))
    url = settings.landing_url
    if url:
        open_storage(url)  # so that a missing client is noticed now
    folder = settings.home / "spool" if url else settings.landing
    ready = folder / "usage_records"
    try:
        make_writable(ready)
    except OSError as error:
        raise HomeError(
            f"records cannot be written ({error.strerror}: {error.filename or ready}): "
            "check CREDITS_HOME and the owner and mode of its folders."
        ) from None
    set_up_log()
    listener, address = listening(wanted)
    with listener:
        spool = Spool(
            folder,
            name="gateway",
            host=host,
            environment=upstreams.environment,
            send_heartbeats=heartbeats,
            rotate_seconds=rotate_seconds,
            send_to=url,
            send_most_bytes=setting_value("CREDITS_SPOOL_MOST_MIB") * MEBIBYTE,
        )
        try:
            app = create_app(
                upstreams,
                spool,
                timeout_seconds=timeout_seconds,
                call_linger_seconds=call_linger_seconds,
                socket_linger_seconds=socket_linger_seconds,
                most_idle=limits.idle_upstream,
                dimension_keys=settings.dimensions,
            )
            server = gateway_server(app, spool, drain_seconds, limits)
            stop_on_signals(server)
            if not address.is_loopback:
                show(
                    f"warning: {address} can be reached from other machines, and tokens pass here unencrypted: "
                    "put TLS in front, or listen on 127.0.0.1."
                )
            if limits.connections < max_connections:
                show(
                    f"warning: {limits.connections} connections at once, not {max_connections}: the process may open "
                    f"{open_files} files (ulimit -n)."
                )
            show(f"gateway: http://{address} -> {_described(upstreams)}; records -> {url or folder}")
            server.run(sockets=[listener])
        finally:
            spool.close()
    health = spool.health()
    show(f"gateway: stopped; {counted(health.appended, 'record')} handed to landing, {health.lost} lost")
    if health.unsent_files:
        show(
            f"gateway: {counted(health.unsent_files, 'file')} in {folder} could not be sent to {url} "
            f"({health.unsent_reason or 'there was no time'}); the next gateway with this home sends them."
        )


def _described(upstreams: Upstreams) -> str:
    urls = {
        "base": upstreams.base,
        "wss": upstreams.wss,
        "login": upstreams.login,
        "agents": upstreams.agents,
        "models": upstreams.models,
    }
    return ", ".join(f"{name} {url or 'nowhere'}" for name, url in urls.items())
