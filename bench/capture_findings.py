"""The findings about capture, each from its own process."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measuring import Finding, measure


def capture_findings() -> Iterator[Finding]:
    """The cost of capture, and the rates of the spool and the gateway."""
    transport = measure(["bench.capture_cost"]).said
    yield Finding(
        "Time that `CaptureTransport` adds to a call",
        f"the call alone {transport['bare_p50_us']:.0f} µs",
        f"p50 {transport['added_p50_us']:.0f} µs, p99 {transport['added_p99_us']:.0f} µs",
        "20 and 100 µs or less",
    )
    yield Finding(
        "Appends to the spool per second",
        "flushed to disk every 50 ms",
        f"{transport['appends_per_second_1_thread']:,.0f} by one thread, "
        f"{transport['appends_per_second_8_threads']:,.0f} by eight",
        "-",
    )
    gateway = measure(["bench.gateway_cost"]).said
    yield Finding(
        "Time that the gateway adds to a call",
        f"the direct call {gateway['direct_p50_us']:,.0f} µs",
        f"p50 {gateway['added_p50_us']:,.0f} µs, p99 {gateway['added_p99_us']:,.0f} µs",
        "-",
    )
    yield Finding(
        "Messages per second through the gateway with 200 sockets at once",
        f"direct {gateway['direct_messages_per_second']:,.0f}",
        f"{gateway['through_messages_per_second']:,.0f}",
        "-",
    )
