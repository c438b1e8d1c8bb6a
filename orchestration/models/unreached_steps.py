"""Which steps of a build nothing new can reach: what they read is as it was when they last ran.

A step is reached if a file of a dataset that it reads has landed since the last published version, if a step before it
was reached and makes what it reads, or if it reads the clock or a table of landing's own other than the ledger. The
ledger's rows of a dataset change only with a load of that dataset. A step whose statement names other relations than
dbt says is always reached.

Only views and tables that are made whole are left out, not tables that an increment continues. They have to be those
that the same statement left: the hash of the statement and a table's content are noted in `raw.left_results`. A damaged
table is made again, as every table is in builds whose checks compare all of history. Those builds leave nothing out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ingest.landing.inputs import INPUTS
from ingest.sql_text import quoted
from orchestration.models.build_plan import Relation, Step

if TYPE_CHECKING:
    import duckdb

_Name = tuple[str, str]
"""Schema and name of a table or view."""
_NAMED = re.compile(r'"\w+"\."(\w+)"\."(\w+)"')
"""A table or view as dbt names it in a statement."""
_OF_DATASET = re.compile(r"\bdataset = '(\w+)'")
_CLOCK = re.compile(
    r"current_?(?:local)?_?(?:date|time|timestamp)|local_?time|'(?:now|today|yesterday|tomorrow)'"
    r"|(?:now|today|random|uuid|uuidv\d|age|timestamp)\s*\(",
    re.IGNORECASE,
)
"""What may give another value at another time; some of it never does, and then only costs time."""
_NOTES = "build.raw.left_results"
_RAW = "raw"
_INPUT_TABLES = frozenset(entry.table.rpartition(".")[2] for entry in INPUTS.values())
_FILES = "landed_files"
_LEDGER = frozenset({_FILES, "loads"})


def unreached_steps(connection: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> frozenset[int]:
    """The places of the steps of an increment that need not run."""
    changed = _changed_datasets(connection)
    candidates = [steps[place] for place in _unreached(steps, changed) if steps[place].makes]
    noted = _noted(connection)
    now = _left(connection, [step for step in candidates if _dotted(step.makes) in noted])
    as_left = {relation for relation, content in now.items() if noted[_dotted(relation)] == content}
    other = frozenset(step.makes for step in candidates if step.makes not in as_left)
    return _unreached(steps, changed, other)


def note_results(connection: duckdb.DuckDBPyConnection, ran: Iterable[Step]) -> None:
    """Note what these steps left, if a later build can leave them out."""
    steps = list(ran)
    left = _left(connection, [steps[place] for place in _unreached(steps, frozenset()) if steps[place].makes])
    if not left:
        return
    names = [_dotted(relation) for relation in left]
    connection.execute(f"create table if not exists {_NOTES} (name varchar not null, content varchar not null)")
    connection.execute("begin")
    connection.execute(f"delete from {_NOTES} where name in (select unnest(?::varchar[]))", [names])
    connection.executemany(f"insert into {_NOTES} values (?, ?)", [*zip(names, left.values(), strict=True)])
    connection.execute("commit")


def _unreached(
    steps: Sequence[Step], changed: frozenset[str], other: frozenset[Relation | None] = frozenset()
) -> frozenset[int]:
    """The steps that no changed dataset reaches; the `other` relations are not as their models left them."""
    left_out: set[int] = set()
    reached = {_name(step.makes) for step in steps if step.makes}
    for place, step in enumerate(steps):
        if not _is_reached(step, changed, reached) and not (step.makes and step.makes in other):
            left_out.add(place)
            if step.makes:
                reached.discard(_name(step.makes))
    return frozenset(left_out)


def _is_reached(step: Step, changed: frozenset[str], reached: set[_Name]) -> bool:
    if not (step.makes_all_rows if step.makes else step.fails_build):
        return True
    named, reads_clock = _reads(step.statement)
    if step.makes:
        schema, name = _name(step.makes)
        named = named - {(schema, name), (schema, f"{name}__dbt_tmp")}
    if reads_clock or named != step.reads:
        return True
    raw = {table for schema, table in named if schema == _RAW}
    return _is_changed(raw, step.statement, changed) or bool(named & reached)


def _is_changed(raw: set[str], statement: str, changed: frozenset[str]) -> bool:
    """Whether any of these raw tables may have changed, as far as the statement reads them."""
    inputs = raw & _INPUT_TABLES
    if raw and (not inputs or raw - inputs - _LEDGER or inputs & changed):
        return True
    datasets = set(_OF_DATASET.findall(statement))
    return _FILES in raw and (not datasets or not datasets <= inputs)


@lru_cache(maxsize=1024)
def _reads(statement: str) -> tuple[frozenset[_Name], bool]:
    """The tables and views that a statement names, and whether it may read the clock."""
    named = frozenset((match[1], match[2]) for match in _NAMED.finditer(statement))
    return named, _CLOCK.search(statement) is not None


def _name(relation: Relation) -> _Name:
    return relation[1], relation[2]


def _dotted(relation: Relation | None) -> str:
    return ".".join(relation[:3]) if relation else ""


def _changed_datasets(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The datasets with a file that has landed since the last published version."""
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


def _left(connection: duckdb.DuckDBPyConnection, steps: Sequence[Step]) -> Mapping[Relation, str]:
    """What each step has left: the hash of its statement and, of a table, the number of rows and the sum of their
    hashes.
    """
    parts = [
        f"select '{_dotted(step.makes)}' as name, count(*) || ' ' || coalesce(sum(hash(kept)::hugeint), 0) as content "
        f"from {'.'.join(map(quoted, step.makes[:3]))} as kept"
        for step in steps
        if step.makes and step.makes[3] == "table"
    ]
    contents = dict(connection.execute(" union all ".join(parts)).fetchall()) if parts else {}
    return {
        step.makes: f"{hashlib.sha256(step.statement.encode()).hexdigest()} {contents.get(_dotted(step.makes), '')}"
        for step in steps
        if step.makes
    }
