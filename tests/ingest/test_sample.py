"""The made-up sample: reproducible, lifelike, true to the contract; read here without any landing code."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from ingest.sample import SampleSummary, write_sample

Row = dict[str, object]

SNAKE_NAMES = {"record_id": "recordId", "credits_consumed": "creditsConsumed", "captured_at": "capturedAt"}
IDS = ("recordId", "interactionId", "resourceId", "operationId")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def summary(home: Path) -> SampleSummary:
    return write_sample(home, records=3000, days=120, seed=7)


@pytest.fixture(scope="module")
def usage(home: Path, summary: SampleSummary) -> dict[str, list[Row | None]]:
    """Rows of every usage file by its name below `usage_records`; None for what is no JSON object."""
    folder = home / "landing" / "usage_records"
    return {str(path.relative_to(folder)): list(rows(path)) for path in summary.paths if folder in path.parents}


@pytest.fixture(scope="module")
def mappings(home: Path, summary: SampleSummary) -> dict[str, list[Row]]:
    folder = home / "landing" / "mappings"
    return {
        str(path.relative_to(folder)): [row for row in rows(path) if row]
        for path in summary.paths
        if folder in path.parents
    }


def rows(path: Path) -> Iterator[Row | None]:
    if path.suffix in (".parquet", ".zst"):
        reader = "read_parquet" if path.suffix == ".parquet" else "read_json"
        table = duckdb.connect().execute(f"from {reader}('{path}')")
        names = [column[0] for column in table.description or ()]
        yield from (dict(zip(names, values, strict=True)) for values in table.fetchall())
        return
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if ".csv" in path.name:
        for row in csv.DictReader(io.StringIO(content.decode(), newline="")):
            yield {**row}
        return
    for line in content.splitlines():
        try:
            value = json.loads(line, parse_float=Decimal, parse_constant=str)
        except ValueError:
            value = None
        yield value if isinstance(value, dict) else None


def present(row: Row, *names: str) -> object:
    """First of the fields that holds something, as text."""
    spelled = {SNAKE_NAMES.get(name, name): value for name, value in row.items()}
    return next((spelled[name] for name in names if spelled.get(name) not in (None, "")), None)


def accepted(row: Row | None) -> bool:
    """The contract's reading rules, in the plainest way."""
    if row is None or any(len(str(row.get(name) or "")) > 128 for name in IDS):
        return False
    time = str(present(row, "capturedAt", "createdAt", "created_at"))
    try:
        year = datetime.fromisoformat(time).year
    except ValueError:
        return False
    if not 2000 <= year <= 2026:
        return False
    nested = row.get("usageInfo")
    credits = present(row, "creditsConsumed", "credits")
    credits = nested.get("creditsConsumed") if credits is None and isinstance(nested, dict) else credits
    if credits is None:
        return row.get("status") == "unreported"
    if isinstance(credits, bool) or not re.fullmatch(r"\s*[-+.\dEe]+\s*", str(credits)):
        return False
    try:
        return 0 <= Decimal(str(credits).strip()) <= 999_999_999
    except InvalidOperation:
        return False


def lines_of(usage: dict[str, list[Row | None]], prefix: str) -> list[Row]:
    return [row for name, part in usage.items() if name.startswith(prefix) for row in part if row is not None]


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_arguments_give_the_same_bytes_and_another_seed_gives_others(
    tmp_path: Path, home: Path, summary: SampleSummary
) -> None:
    write_sample(tmp_path / "again", records=3000, days=120, seed=7)
    write_sample(tmp_path / "other", records=3000, days=120, seed=8)
    assert bytes_below(tmp_path / "again") == bytes_below(home)
    assert bytes_below(tmp_path / "other") != bytes_below(home)


def test_every_file_is_counted_and_the_whole_stays_small(home: Path, summary: SampleSummary) -> None:
    found = bytes_below(home)
    assert {str(path.relative_to(home)) for path in summary.paths} == set(found)
    assert summary.files == len(found) == summary.usage_files + summary.mapping_files + summary.export_files
    assert 25 <= summary.files <= 55
    assert summary.size_bytes == sum(map(len, found.values())) < 1_500_000


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


def test_snapshots_hold_each_id_once_and_change_between_exports(mappings: dict[str, list[Row]]) -> None:
    users = [
        {row.get("userId") or row["user_id"]: row.get("tenantId") or row["tenant_id"] for row in part}
        for name, part in sorted(mappings.items())
        if name.startswith("users/users-20")
    ]
    sizes = [len(part) for name, part in sorted(mappings.items()) if name.startswith("users/users-20")]
    assert [len(part) for part in users] == sizes and len(users) == 4
    pairs = list(pairwise(users))
    assert any(old[user] != new[user] for old, new in pairs for user in old.keys() & new.keys())
    assert any(old.keys() - new.keys() for old, new in pairs) and any(new.keys() - old.keys() for old, new in pairs)
    history = [row for name, part in mappings.items() if name.startswith("users/users-history") for row in part]
    assert history and not {row["userId"] for row in history} & set().union(*users)
    tenants = [part for name, part in sorted(mappings.items()) if name.startswith("tenants/tenants-20")]
    names = [{row["tenantId"]: row["name"] for row in part} for part in tenants]
    assert [len(part) for part in names] == [len(part) for part in tenants]
    assert any(names[0][tenant] != name for tenant, name in names[1].items())
    assert {row["timezone"] or "" for row in tenants[0]} == {
        "", "Europe/Copenhagen", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "UTC",
    }  # fmt: skip


def test_interactions_are_mapped_mostly_sometimes_late_and_once_anew(
    usage: dict[str, list[Row | None]], mappings: dict[str, list[Row]]
) -> None:
    owners: dict[object, list[object]] = defaultdict(list)
    for name, part in mappings.items():
        if name.startswith("interactions/"):
            for row in part:
                owners[row["interactionId"]].append(row["userId"])
    assert [len(set(users)) for users in owners.values() if len(users) > 1] == [2]
    nameless = {
        row["interactionId"] for row in lines_of(usage, "capture/") if "userId" not in row and "interactionId" in row
    }
    unmapped = nameless - owners.keys()
    assert 0 < len(unmapped) / len(nameless) < 0.15
    late = {row["interactionId"] for name, part in mappings.items() if "-late-" in name for row in part}
    assert nameless & late


def test_prices_change_in_two_currencies_and_one_tenant_has_none(home: Path, mappings: dict[str, list[Row]]) -> None:
    old, new = ([*rows(path)] for path in sorted((home / "landing" / "billing" / "rates").iterdir()))
    assert {row["currency"] for row in old if row} == {row["currency"] for row in new if row} == {"EUR", "USD"}
    prices = [
        {row["tenantId"]: row["pricePerCredit"] for row in part if row and not row["kind"]} for part in (old, new)
    ]
    assert prices[0].keys() == prices[1].keys()
    assert all(prices[0][tenant] != price for tenant, price in prices[1].items())
    assert all(row and row["validTo"] == "2026-10-01T00:00:00Z" for row in old)
    assert all(row and row["validFrom"] == "2026-10-01T00:00:00Z" for row in new)
    tenants = {
        row["tenantId"] for name, part in mappings.items() if name.startswith("tenants/tenants-20") for row in part
    }
    assert len(tenants - prices[0].keys()) == 1


def test_quotas_are_of_tenants_and_users_and_change_between_snapshots(home: Path) -> None:
    first, second = ([*rows(path)] for path in sorted((home / "landing" / "billing" / "quotas").iterdir()))
    assert [row for row in first if row not in second] and len(first) == len(second)
    assert any(row and not row["tenantId"] for row in second) and any(row and row["kind"] for row in second)


def test_one_clinic_has_one_unusual_day_in_the_last_week(usage: dict[str, list[Row | None]]) -> None:
    batch = lines_of(usage, "batch/")
    assert {str(row["capturedAt"])[:10] for row in batch} == {"2026-10-27"}
    assert len({row["userId"] for row in batch}) == len({row["tenantId"] for row in batch}) == 1


@pytest.mark.parametrize(("records", "days", "seed"), [(99, 14, 1), (100, 13, 1), (100, 5000, 1), (100, 14, -1)])
def test_unusable_arguments_are_refused(tmp_path: Path, records: int, days: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        write_sample(tmp_path, records=records, days=days, seed=seed)
    assert not list(tmp_path.iterdir())


def test_a_landing_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        write_sample(tmp_path, records=100, days=14, seed=1)
    assert bytes_below(tmp_path) == {"landing/mine.txt": b"mine"}


def test_the_smallest_sample_ends_on_the_same_day(tmp_path: Path) -> None:
    summary = write_sample(tmp_path, records=100, days=14, seed=0)
    captured = [
        str(row["capturedAt"]) for path in summary.paths if path.parent.name == "capture" for row in rows(path) if row
    ]
    first = datetime(2026, 10, 31, tzinfo=UTC) - timedelta(days=13)
    assert f"{first:%Y-%m-%d}" <= min(captured) and max(captured) < "2026-11-01"
