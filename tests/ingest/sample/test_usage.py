"""Usage records of the sample: every form and kind, known broken lines, operations seen again, an unusual day."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from ingest.sample import SampleSummary
from tests.ingest.sample.reading import Row, accepted, lines_of


def test_lines_are_good_records_and_known_broken_ones(
    usage: dict[str, list[Row | None]], summary: SampleSummary
) -> None:
    verdicts = {name: Counter(map(accepted, part)) for name, part in usage.items()}
    assert sum(verdict.total() for verdict in verdicts.values()) == summary.lines
    assert sum(verdict[False] for verdict in verdicts.values()) == summary.broken
    assert summary.records == summary.lines - summary.broken
    assert {name for name, verdict in verdicts.items() if verdict[False]} == {
        "mixed/good-and-broken.jsonl",
        "mixed/good-and-broken.csv",
        "mixed/torn.jsonl.gz",
    }
    drawn = [name for name in usage if name.startswith(("capture/", "variants/"))]
    assert sum(verdicts[name].total() for name in drawn) == 3000


def test_every_format_kind_and_shape_occurs(usage: dict[str, list[Row | None]]) -> None:
    endings = {re.sub(r"^[^.]*", "", Path(name).name) for name in usage}
    assert endings == {".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv", ".csv.gz", ".parquet"}
    everything = lines_of(usage, "")
    kinds = {
        "stream",
        "transcribe",
        "transcript",
        "document",
        "guided_document",
        "facts",
        "codes",
        "agent_task",
    }
    assert kinds | {"letter"} <= {str(row.get("kind")) for row in everything}
    assert {"usage", "delta_usage"} <= {str(row.get("type")) for row in everything}
    for name in (
        "creditsConsumed",
        "credits_consumed",
        "credits",
        "usageInfo",
        "transcripts",
        "sections",
        "facts",
    ):
        assert any(name in row for row in everything), name
    assert {"completed", "processing", "failed"} <= {str(row.get("status")) for row in everything}


def test_guide_records_stand_alone(usage: dict[str, list[Row | None]], mappings: dict[str, list[Row]]) -> None:
    guide = [row for row in usage["guide.jsonl"] if row]
    assert [(*list(row.values())[:4], str(row["createdAt"])[:10]) for row in guide] == [
        ("int_abc123", "user_12345", "tenant_A", 120, "2025-10-01"),
        ("int_xyz987", "user_67890", "tenant_A", 75, "2025-10-01"),
        ("int_qwe456", "user_98765", "tenant_B", 300, "2025-10-02"),
    ]
    others = [row for name, part in usage.items() if name != "guide.jsonl" for row in part if row]
    for value in (value for row in guide for value in row.values() if isinstance(value, str)):
        assert not any(value in row.values() for row in others)
    for name, part in mappings.items():
        if name.startswith("users/users-20"):
            tenant = {
                row.get("userId") or row.get("user_id"): row.get("tenantId") or row.get("tenant_id") for row in part
            }
            assert all(tenant[row["userId"]] == row["tenantId"] for row in guide)


def test_drawn_records_fill_the_window_and_only_backfill_is_older(usage: dict[str, list[Row | None]]) -> None:
    days = sorted(str(row["capturedAt"])[:10] for row in lines_of(usage, "capture/"))
    assert (days[0], days[-1]) == ("2026-07-04", "2026-10-31")
    assert max(str(row["capturedAt"]) for row in lines_of(usage, "late/")) < "2026-06-10"
    weekdays = Counter(datetime.fromisoformat(day).weekday() for day in days)
    assert weekdays[5] + weekdays[6] < weekdays[1]


def test_operations_are_seen_again_in_every_way(usage: dict[str, list[Row | None]]) -> None:
    drawn = lines_of(usage, "capture/")
    copies = Counter(json.dumps(row, default=str) for row in drawn)
    assert 0.005 < sum(count - 1 for count in copies.values()) / len(drawn) < 0.03
    seen: dict[object, list[Row]] = defaultdict(list)
    for row in drawn:
        seen[row.get("resourceId") or row.get("operationId")].append(row)
    assert any({"provisional", "final"} <= {row["status"] for row in part} for part in seen.values())
    assert any(
        len({row.get("creditsConsumed") for row in part if row["status"] == "final"}) > 1 for part in seen.values()
    )
    assert any(row["source"] == "read" and row["creditsConsumed"] == 0 for row in drawn)
    assert {"estimate", "unreported"} <= {str(row["status"]) for row in drawn}
    contents: dict[object, set[str]] = defaultdict(set)
    for row in lines_of(usage, "lifecycle/"):
        contents[row.get("recordId")].add(json.dumps(row, default=str))
    assert sum(len(texts) > 1 for record, texts in contents.items() if record) == 2


def test_one_clinic_has_one_unusual_day_in_the_last_week(usage: dict[str, list[Row | None]]) -> None:
    batch = lines_of(usage, "batch/")
    assert {str(row["capturedAt"])[:10] for row in batch} == {"2026-10-27"}
    assert len({row["userId"] for row in batch}) == len({row["tenantId"] for row in batch}) == 1
