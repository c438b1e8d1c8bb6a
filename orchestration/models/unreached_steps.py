"""Which steps of a build nothing new can reach: what they read is as it was when they last ran.

A step is reached if a file of a dataset that it reads has landed since the last published version, if a step before it
was reached and makes what it reads, or if it reads the clock or a table of landing's own other than the ledger. The
ledger's rows of a dataset change only with a load of that dataset.

Only views and tables that a statement makes whole are left out, not tables that it continues. A table also has to have
the content that its model left. A damaged one is made again, as every table is in builds whose checks compare all of
history. Those builds leave nothing out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ingest.landing.inputs import INPUTS
from ingest.sql_text import quoted
from orchestration.models.build_plan import Relation, Step

if TYPE_CHECKING:
    import duckdb

_NAMED = re.compile(r'"(\w+)"\."(\w+)"\."(\w+)"')
"""A table or view as dbt names it in a statement."""
_CLOCK = re.compile(
    r"\b(?:current_(?:date|timestamp|time)|localtime(?:stamp)?|now\s*\(|today\s*\(|random\s*\(|uuid\s*\()"
)
_NOTES = "build.raw.table_contents"
_RAW = "raw"
_INPUT_TABLES = frozenset(entry.table.rpartition(".")[2] for entry in INPUTS.values())
_LEDGER = frozenset({"landed_files", "loads"})


def unreached_steps(connection: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> frozenset[int]:
    """The places of the steps of an increment that need not run."""
    changed = _changed_datasets(connection)
    candidates = _unreached(steps, changed)
    tables = {_name(step.makes) for place, step in enumerate(steps) if place in candidates and _is_table(step)}
    noted = _noted(connection)
    sound = {table for table, content in _contents(connection, tables & {*noted}).items() if noted[table] == content}
    return _unreached(steps, changed, damaged=tables - sound)


def note_results(connection: duckdb.DuckDBPyConnection, ran: Iterable[Step]) -> None:
    """Note the content of the tables that these steps left, if a later build can leave the steps out."""
    steps = list(ran)
    tables = {_name(steps[place].makes) for place in _unreached(steps, frozenset()) if _is_table(steps[place])}
    if not tables:
        return
    connection.execute(f"create table if not exists {_NOTES} (name varchar not null, content varchar not null)")
    connection.execute("begin")
    connection.execute(
        "delete from build.raw.table_contents where name in (select unnest(?::varchar[]))", [list(tables)]
    )
    connection.executemany(f"insert into {_NOTES} values (?, ?)", [*_contents(connection, tables).items()])
    connection.execute("commit")


def _unreached(
    steps: Sequence[Step], changed: frozenset[str], damaged: set[str] | frozenset[str] = frozenset()
) -> frozenset[int]:
    left_out: set[int] = set()
    reached = {_name(step.makes) for step in steps if step.makes}
    for place, step in enumerate(steps):
        if not _is_reached(step, changed, reached) and _name(step.makes) not in damaged:
            left_out.add(place)
            reached.discard(_name(step.makes))
    return frozenset(left_out)


def _is_reached(step: Step, changed: frozenset[str], reached: set[str]) -> bool:
    named, reads_clock = _reads(step.statement)
    if reads_clock:
        return True
    if not (_makes_all_rows(step) if step.makes else step.fails_build):
        return True
    raw = {table for _, schema, table in named if schema == _RAW}
    if raw and (not raw & _INPUT_TABLES or raw - _INPUT_TABLES - _LEDGER or raw & changed):
        return True
    others = {".".join(name) for name in named if name[1] != _RAW} - {_name(step.makes)}
    return bool(others & reached)


@lru_cache(maxsize=1024)
def _reads(statement: str) -> tuple[frozenset[tuple[str, ...]], bool]:
    """The tables and views that a statement names, and whether it reads the clock."""
    named = frozenset((match[1], match[2], match[3]) for match in _NAMED.finditer(statement))
    return named, _CLOCK.search(statement) is not None


def _makes_all_rows(step: Step) -> bool:
    """Whether its statement makes a view, or a table as a whole; increments begin with a temporary table."""
    return not _is_table(step) or step.statement.split(None, 2)[:2] == ["create", "table"]


def _is_table(step: Step) -> bool:
    return step.makes is not None and step.makes[3] == "table"


def _name(relation: Relation | None) -> str:
    return ".".join(relation[:3]) if relation else ""


def _changed_datasets(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The datasets of which a file has landed since the last published version."""
    rows = connection.execute(
        """
        select distinct dataset from build.raw.landed_files
        where load_id > (select coalesce(max(last_load_id), 0) from build.raw.publications)
        """
    ).fetchall()
    return frozenset(row[0] for row in rows)


def _noted(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    import duckdb

    try:
        return dict(connection.execute(f"select name, content from {_NOTES}").fetchall())
    except duckdb.CatalogException:
        return {}


def _contents(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, str]:
    """The content of each table as its number of rows and the sum of their hashes."""
    parts = [
        f"select '{table}' as name, count(*) || ' ' || coalesce(sum(hash(kept)::hugeint), 0) as content "
        f"from {'.'.join(map(quoted, table.split('.')))} as kept"
        for table in tables
    ]
    return dict(connection.execute(" union all ".join(parts)).fetchall()) if parts else {}
