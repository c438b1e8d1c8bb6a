"""What a customer was sent stays the same file, byte by byte; what comes later stands on the next statement."""

from __future__ import annotations

from orchestration.cli import FORMATS
from orchestration.statement_command import rendered
from orchestration.statements.page import page_of
from orchestration.statements.reading import read_statement
from tests.warehouse.billing_homes import MARCH, adjustments, close, rates, three_months, used
from tests.warehouse.driving import Warehouse


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
    assert "corrects line 1 of March 2025" in notes[0]
    assert any(note.startswith("not on the statement of March 2025") for note in notes)
    assert b"t2" not in corrected["csv"] and b"South" not in corrected["html"]
