"""No model and no check depends on the engine: what engines spell differently is in `macros/portability/`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.models.building import PROJECT

PORTABILITY = PROJECT / "macros" / "portability"
NOT_PORTABLE = {
    "an engine's name": r"\b(duckdb|spark|databricks|delta|iceberg|snowflake|bigquery|postgres|trino)\b",
    "dispatch": r"\badapter\.dispatch\('(?!\w+_setting')|\bdefault__(?!\w+_setting\b)",
    "a materialization": r"\bmaterialization\b",
    "a hint about steps": r"\bas (not )?materialized\b",
    "another form of cast": r"::",
    "a type that not every engine has": r"(?<!')\b(varchar|hugeint|uhugeint|ubigint|uuid|double|json|timestamptz|struct)\b(?!\s*\.)",
    "an array": r"\bunnest\b|\bgenerate_series\b|\blist_\w+\(|\barray_\w+\(|\bexplode\b|\bsequence\(",
    "a computed interval": r"\binterval\s*\(",
    "a zone": r"\bat time zone\b|\bconvert_timezone\b",
    "division, whose places differ": r"(?<=[\w)}])\s+//?\s+(?=[\w({])|\bdiv\b",
    "a function of one engine": r"\b(md5\w*|sha[0-9]*|rtrim|ltrim|concat|json_\w+|to_json|string_agg|listagg|strftime|date_format"
    r"|regexp_matches|rlike|date_diff|datediff|date_add|date_sub|add_months|to_microseconds|epoch\w*|hash|median|quantile\w*"
    r"|min_by|max_by|arg_min|arg_max|any_value|first|last|mode)\(",
    "the clock": r"\bcurrent_(date|timestamp|time)\b|\bnow\(",
    "parts of a time": r"\bextract\(|\bdate_part\(|date_trunc\('(hour|minute|second)'",
    "a clause of one engine": r"\bqualify\b|\bgroup by all\b|\bexclude\s*\(|\basof\b|\bby name\b|\bpositional join\b",
    "backquotes": r"`",
}
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def _files() -> list[Path]:
    paths = [path for folder in ("models", "tests", "macros") for path in sorted((PROJECT / folder).rglob("*.sql"))]
    return [path for path in paths if PORTABILITY not in path.parents]


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.stem)
def test_no_model_and_no_check_depends_on_the_engine(path: Path) -> None:
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    found = {what: match[0] for what, pattern in NOT_PORTABLE.items() if (match := re.search(pattern, text, re.I))}
    assert not found, f"{path.relative_to(PROJECT)}: say it by a macro of macros/portability"


def test_the_lint_sees_what_engines_differ_in() -> None:
    """Each pattern finds what it is for."""
    examples = {
        "an engine's name": "target.type == 'duckdb'",
        "dispatch": "adapter.dispatch('x')",
        "a materialization": "{% materialization table, adapter='x' %}",
        "a hint about steps": "with a as materialized (",
        "another form of cast": "a::date",
        "a type that not every engine has": "cast(a as varchar)",
        "an array": "unnest(a)",
        "a computed interval": "a + interval (b) day",
        "a zone": "a at time zone 'UTC'",
        "division, whose places differ": "sum(a) / nullif(b, 0)",
        "a function of one engine": "concat(a, b)",
        "the clock": "current_date",
        "parts of a time": "date_trunc('hour', a)",
        "a clause of one engine": "insert into a by name",
        "backquotes": "`a`",
    }
    assert examples.keys() == NOT_PORTABLE.keys()
    for what, example in examples.items():
        assert re.search(NOT_PORTABLE[what], example), what


def test_what_engines_differ_in_has_a_form_for_each_engine() -> None:
    """Each dispatched macro has a default, and a form for Spark unless the default is plain SQL."""
    plain = {"first_by"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PORTABILITY.glob("*.sql")))
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'\)", text))
    defaults = set(re.findall(r"macro default__(\w+)\(", text))
    of_spark = set(re.findall(r"macro spark__(\w+)\(", text))
    assert dispatched == defaults
    assert defaults - of_spark == plain
