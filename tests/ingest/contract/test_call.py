"""Ids that are minted before a call."""

from __future__ import annotations

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ingest.contract.call import CallContext, environment_of


def minted(count: int) -> list[str]:
    contexts = [CallContext.mint() for _ in range(count)]
    return [minted_id for context in contexts for minted_id in (context.record_id, context.operation_id)]


def test_no_id_is_minted_twice_by_threads_or_forked_processes() -> None:
    ids = minted(10)
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("fork")) as forked:
        ids += [minted_id for part in forked.map(minted, [200] * 8) for minted_id in part]
    with ThreadPoolExecutor(4) as threads:
        ids += [minted_id for part in threads.map(minted, [200] * 8) for minted_id in part]
    assert len(set(ids)) == len(ids) == 20 + 2 * 3200
    assert all(re.fullmatch("[0-9a-f]{32}", minted_id) for minted_id in ids)


def test_the_time_is_that_of_the_call_in_utc() -> None:
    before = datetime.now(UTC)
    seen = datetime.fromisoformat(CallContext.mint().captured_at)
    assert before - timedelta(microseconds=1) <= seen <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("host", "environment"),
    [("api.eu.corti.app", "eu"), ("auth.us.corti.app", "us"), ("api.beta-eu.corti.app", "beta-eu")],
)
def test_corti_s_hosts_name_their_environment(host: str, environment: str) -> None:
    assert environment_of(host) == environment
    assert environment_of("x" + host) is environment_of(host + ".example.org") is environment_of("127.0.0.1") is None
