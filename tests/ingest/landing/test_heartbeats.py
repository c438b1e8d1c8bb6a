"""Heartbeats of capturing processes land like everything else, and are no reason to run."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingest.capture.spool import Spool
from ingest.contract.landing_listing import listing_fingerprint
from ingest.contract.usage_record import UsageRecord
from tests.ingest.landing.landing_home import LandingHome, record

BEAT = {"source": "host-1/gateway", "at": "2025-03-01T10:00:00.5Z", "startedAt": "2025-03-01T09:00:00Z", "records": 0}


@pytest.mark.parametrize("name", ["a.jsonl", "eu/gateway@host-1-20250301T100000Z-1-0123456789ab.jsonl.gz"])
def test_a_heartbeat_lands_with_its_process_and_account_and_nothing_else(home: LandingHome, name: str) -> None:
    rows = [
        {**BEAT, "environment": "eu", "cortiTenant": "acme", "note": "Marker"},
        {**BEAT, "at": "2025-03-01T10:01:00+01:00", "records": 17, "stopped": True},
        {**BEAT, "at": "2025-03-01 10:02:00", "stopped": False},
        {"source": "host-2/capture", "at": "2025-03-01T10:00:00Z"},
    ]
    home.deliver(f"heartbeats/{name}", rows)
    home.land()
    began, at = datetime(2025, 3, 1, 9), datetime(2025, 3, 1, 10, 0, 0, 500_000)
    assert home.rows("select * exclude (load_id, file_id, line_number) from raw.heartbeats order by line_number") == [
        ("eu", "acme", "host-1/gateway", at, began, 0, None),
        (None, None, "host-1/gateway", datetime(2025, 3, 1, 9, 1), began, 17, True),
        (None, None, "host-1/gateway", datetime(2025, 3, 1, 10, 2), began, 0, None),
        (None, None, "host-2/capture", datetime(2025, 3, 1, 10), None, None, None),
    ]
    assert b"Marker" not in home.settings.build_database.read_bytes()


def test_a_heartbeat_without_a_source_or_a_time_is_refused_alone(home: LandingHome) -> None:
    changes = {
        "source_absent": {"source": ""},
        "id_too_long": {"source": "s" * 129},
        "time_absent": {"at": None},
        "time_unusable": {"at": "soon"},
    }
    home.deliver("heartbeats/a.jsonl", [BEAT, *({**BEAT, **change} for change in changes.values())])
    summary = home.land()
    assert (summary.accepted, summary.rejected) == (1, len(changes))
    assert [reason for _, _, reason in home.refused()] == [*changes]


def test_heartbeats_are_no_reason_to_run_and_land_with_the_next_run(home: LandingHome) -> None:
    home.usage("a.jsonl", [record("a")])
    home.land()
    before = listing_fingerprint(home.settings.landing)
    home.deliver("heartbeats/a.jsonl", [BEAT])
    assert listing_fingerprint(home.settings.landing) == before
    assert home.land().accepted == 1
    assert listing_fingerprint(home.settings.landing) == before


def test_what_a_spool_writes_lands_and_its_heartbeats_name_the_source_of_its_files(home: LandingHome) -> None:
    spool = Spool(home.settings.landing, name="gateway", host="clinic 7", environment="eu", corti_tenant="acme")
    spool.append(UsageRecord("r1", "document", "final", "created", captured_at="2025-03-01T10:00:00Z", credits="1"))
    spool.close()
    home.land()
    [(path,)] = home.rows("select path from raw.landed_files where dataset = 'usage_records'")
    source = "clinic-7/gateway"
    heard = home.rows(
        "select source, records, stopped, environment, corti_tenant from raw.heartbeats order by heard_at"
    )
    assert path.startswith("usage_records/gateway@clinic-7-") and {row[0] for row in heard} == {source}
    assert heard[-1] == (source, 1, True, "eu", "acme")
    assert home.refused() == []
