"""The gateway's own pages: `GET /healthz` and `GET /metrics`. Corti has no such paths."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ingest.capture.gateway.capturing import Capturing

OWN_PAGES = (b"/healthz", b"/metrics")


def _capturing(request: Request) -> Capturing:
    return request.app.state.capturing


async def healthz(request: Request) -> Response:
    """200 as long as calls pass; `status` is `degraded`, with `faults` in words, if capture has missed something."""
    wrong, spool = _capturing(request).health()
    return JSONResponse(
        {
            "status": "degraded" if wrong else "ok",
            "faults": wrong,
            "spool": asdict(spool) if spool else None,
        }
    )


async def metrics(request: Request) -> Response:
    """Counters and gauges in Prometheus' text format."""
    capturing = _capturing(request)
    counts = capturing.counts
    wrong, spool = capturing.health()
    lines: list[str] = []

    def tell(name: str, kind: str, what: str, value: int) -> None:
        lines.extend((f"# HELP {name} {what}", f"# TYPE {name} {kind}", f"{name} {value}"))

    tell("credits_gateway_calls_total", "counter", "HTTP calls that came in.", counts.calls)
    tell("credits_gateway_open_calls", "gauge", "HTTP calls that are under way.", counts.open_calls)
    tell("credits_gateway_sockets_total", "counter", "Sockets that came in.", counts.sockets)
    tell("credits_gateway_open_sockets", "gauge", "Sockets that are open.", counts.open_sockets)
    tell(
        "credits_gateway_upstream_errors_total",
        "counter",
        "Calls and sockets that Corti did not answer, or broke off.",
        counts.upstream_errors,
    )
    tell(
        "credits_gateway_edge_failures_total",
        "counter",
        "Billable calls that Corti's load balancer failed (5xx, empty, at once): nothing was charged.",
        counts.edge_failures.count,
    )
    lines.append("# HELP credits_gateway_refusals_total Refused requests and connections, by reason.")
    lines.append("# TYPE credits_gateway_refusals_total counter")
    lines.extend(f'credits_gateway_refusals_total{{why="{why}"}} {count}' for why, count in counts.refusals.items())
    tell("credits_gateway_capture_faults_total", "counter", "Faults of capture; the calls went on.", counts.faults)
    lines.append("# HELP credits_gateway_records_total Usage records written, by status.")
    lines.append("# TYPE credits_gateway_records_total counter")
    for status in ("final", "metered", "provisional", "estimate", "unreported"):
        lines.append(f'credits_gateway_records_total{{status="{status}"}} {counts.records[status]}')
    if spool is not None:
        tell("credits_spool_appended_total", "counter", "Records written to a file.", spool.appended)
        tell("credits_spool_buffered", "gauge", "Records that wait in memory.", spool.buffered)
        tell("credits_spool_lost_total", "counter", "Records that were lost.", spool.lost)
        tell("credits_spool_torn_total", "counter", "Torn lines of dead processes, set aside.", spool.torn)
        tell(
            "credits_spool_failed_heartbeats_total",
            "counter",
            "Heartbeats that could not be written.",
            spool.failed_heartbeats,
        )
        tell("credits_spool_unsent_files", "gauge", "Finished files that are not in the bucket.", spool.unsent_files)
        tell("credits_spool_unsent_bytes", "gauge", "Their bytes.", spool.unsent_bytes)
    tell("credits_gateway_degraded", "gauge", "1 if capture has missed something or records wait.", int(bool(wrong)))
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
