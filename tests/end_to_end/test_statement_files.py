"""A statement that was sent stays the same file, byte by byte; later changes are on the next statement."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ingest.settings import CHECKOUT
from orchestration.cli import FORMATS
from orchestration.commands.statement import rendered
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement
from tests.end_to_end.billing_homes import APRIL, MARCH, adjustments, close, rates, three_months, used
from tests.end_to_end.driving import Warehouse


def files_of(warehouse: Warehouse, tenant: str, month: str) -> dict[str, bytes]:
    statement = read_statement(warehouse.settings, tenant, month)
    return {form: rendered(statement, form)[0] for form in FORMATS}


def test_a_closed_statement_is_the_same_file_whatever_lands_and_is_rebuilt(warehouse: Warehouse) -> None:
    three_months(warehouse)
    close(warehouse, MARCH)
    march, april = (files_of(warehouse, "t1", month) for month in ("2025-03", "2025-04"))
    warehouse.usage("b.jsonl", used("x5", "2025-03-12", "5"), used("x2", "2025-03-11", "2.5"))
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "userId,tenantId\nu1,t2\n")
    warehouse.deliver("mappings/tenants/tenants-2025-01-02.csv", "tenantId,name\nt1,North by Northwest\nt2,South\n")
    rates(warehouse, "more", "t1,facts,0.7,EUR,2025-03-12,2025-03-13")
    adjustments(warehouse, "notes", "adj-2,t1,-3,2025-04-15")
    for rebuild in (False, True):
        warehouse.run(rebuild=rebuild)
        assert files_of(warehouse, "t1", "2025-03") == march
    corrected = files_of(warehouse, "t1", "2025-04")
    assert all(corrected[form] != april[form] for form in FORMATS)
    (part,) = page_of(read_statement(warehouse.settings, "t1", "2025-04")).parts
    notes = [row.note for group in part.groups if group.title.startswith("Corrections") for row in group.rows]
    assert [note.partition(";")[0] for note in notes] == [
        "corrects line 1 of March 2025",
        "corrects line 1 of March 2025, at another price",
        "corrects line 2 of March 2025",
    ]
    (of_t2,) = page_of(read_statement(warehouse.settings, "t2", "2025-04")).parts[0].groups
    assert [row.note for row in of_t2.rows] == ["not on the statement of March 2025"]
    assert b"t2" not in corrected["csv"] and b"South" not in corrected["html"]


def test_what_a_new_price_replaces_is_named_behind_what_it_takes_back(warehouse: Warehouse) -> None:
    rates(warehouse, "rates", "t1,,2,EUR,2024-01-01,")
    adjustments(warehouse, "notes", "adj-1,t1,-10,2025-03-15", "adj-2,t1,-1,2025-03-16")
    warehouse.usage("a.jsonl", used("x1", "2025-03-10", "3", kind="codes"), used("x2", "2025-03-10", "4"))
    close(warehouse, MARCH)
    rates(warehouse, "rates", "t1,,1,EUR,2024-01-01,")
    close(warehouse, APRIL)
    rates(warehouse, "rates", "t1,,3,EUR,2024-01-01,")
    warehouse.run()

    def lines_of(month: str) -> list[tuple[str, str, str]]:
        (part,) = page_of(read_statement(warehouse.settings, "t1", month)).parts
        (group,) = part.groups
        return [(row.text.removeprefix("March 2025: "), row.amount, row.note.partition(";")[0]) for row in group.rows]

    assert lines_of("2025-04") == [
        ("Medical coding", "-6.00", "corrects line 1 of March 2025"),
        ("Medical coding", "3.00", "corrects line 1 of March 2025, at another price"),
        ("Facts from text", "-8.00", "corrects line 2 of March 2025"),
        ("Facts from text", "4.00", "corrects line 2 of March 2025, at another price"),
        ("goodwill", "20.00", "corrects line 3 of March 2025"),
        ("goodwill", "-10.00", "corrects line 3 of March 2025, at another price"),
        ("goodwill", "2.00", "corrects line 4 of March 2025"),
        ("goodwill", "-1.00", "corrects line 4 of March 2025, at another price"),
    ]
    assert lines_of("2025-05")[:2] == [
        ("Medical coding", "-3.00", "corrects line 2 of April 2025"),
        ("Medical coding", "9.00", "corrects line 2 of April 2025, at another price"),
    ]


def test_a_customer_can_check_the_hash_of_a_statement_as_the_documentation_says(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    three_months(warehouse)
    adjustments(warehouse, "notes", "adj-1,t1,-1,2025-03-15", "adj-2,t3,0.25,2025-03-16")
    close(warehouse, MARCH)
    warehouse.usage("b.jsonl", used("x5", "2025-03-12", "0.000000005", kind="c\u00f4des"))
    rates(warehouse, "more", ",,0.5,EUR,2024-01-01,2025-03-12")
    close(warehouse, APRIL)
    guide = (CHECKOUT / "docs" / "statements.md").read_text(encoding="utf-8")
    recipe = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert recipe
    for tenant, month in (("t1", "2025-03"), ("t3", "2025-03"), ("t1", "2025-04")):
        statement = read_statement(warehouse.settings, tenant, month)
        (tmp_path / "october.parquet").write_bytes(rendered(statement, "parquet")[0])
        said = subprocess.run(
            [sys.executable, "-c", recipe[1]], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout
        assert said == f"{statement.statement_hash}\nTrue\n"
