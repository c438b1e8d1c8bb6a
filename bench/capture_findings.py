"""The findings about capture, each from a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measuring import Finding, measure


def capture_findings() -> Iterator[Finding]:
    """What capture adds to a call, the spool takes, and the gateway lets through."""
    transport = measure(["bench.capture_cost"]).said
    yield Finding(
        "`CaptureTransport`, added to a call",
        f"the call alone {transport['bare_p50_us']:.0f} µs",
        f"p50 {transport['added_p50_us']:.0f} µs, p99 {transport['added_p99_us']:.0f} µs",
        "20 and 100 µs or less",
    )
    yield Finding(
        "The spool, appends a second",
        "flushed to disk every 50 ms",
        f"{transport['appends_per_second_1_thread']:,.0f} by one thread, "
        f"{transport['appends_per_second_8_threads']:,.0f} by eight",
        "-",
    )
    gateway = measure(["bench.gateway_cost"]).said
    yield Finding(
        "The gateway, added to a call against a direct one",
        f"the direct call {gateway['direct_p50_us']:,.0f} µs",
        f"p50 {gateway['added_p50_us']:,.0f} µs, p99 {gateway['added_p99_us']:,.0f} µs",
        "-",
    )
    yield Finding(
        "The gateway with 200 sockets at once, messages a second",
        f"direct {gateway['direct_messages_per_second']:,.0f}",
        f"{gateway['through_messages_per_second']:,.0f}",
        "-",
    )
