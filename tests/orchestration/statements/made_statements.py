"""The statements that are published, and what is made of them in a format."""

from __future__ import annotations

from datetime import datetime

from ingest.settings import Settings
from orchestration.commands.statement import rendered
from orchestration.statements.reading import read_statement
from tests.orchestration.statement_rows import SEPTEMBER, MadeLine, MadeStatement, lines_of_every_sort, long_statement

HOSTILE = "<script>alert('x')</script> =cmd|' /C calc'!A0 \u202egnp.exe\u202c #eval(\"1\") *b* $x$ @ref \\"
CLOSED_AT = datetime(2026, 11, 3, 8, 15)
STATEMENTS = [
    MadeStatement("t1", HOSTILE, lines_of_every_sort(), closed_at=CLOSED_AT),
    MadeStatement("t1", HOSTILE, [MadeLine("10", kind="facts")], month=SEPTEMBER, closed_at=datetime(2026, 10, 3)),
    MadeStatement("t2", "Neighbour", [MadeLine("7.7", kind="neighbour_kind")]),
    long_statement("t3", "N" * 300),
]


def made(settings: Settings, form: str, tenant: str = "t1", month: str = "2026-10") -> bytes:
    return rendered(read_statement(settings, tenant, month), form)[0]
