"""The data dictionary as an HTML page without scripts or requests, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from orchestration.documentation.dictionary import Dictionary, Table

STYLE = Path(__file__).with_name("dictionary.css")
_INTRODUCTION = (
    "What each published table and each of its columns means, made from the descriptions in the dbt project.",
    "Times are in UTC; credits are exact decimals.",
)
_CODE = re.compile(r"`([^`]+)`")


def as_html(dictionary: Dictionary) -> str:
    """The whole page."""
    links = "".join(
        f"<h2>{escape(section)}</h2><ul>{''.join(map(_link, tables))}</ul>" for section, tables in dictionary.sections
    )
    tables = "".join(_html_of(table) for _, tables in dictionary.sections for table in tables)
    metrics = "".join(
        _row(f"<code>{escape(metric.name)}</code>", escape(metric.kind), _text(metric.description))
        for metric in dictionary.metrics
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Data dictionary</title>\n<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n"
        f'<nav aria-label="Tables">{links}<h2>metrics</h2><ul><li><a href="#metrics">metrics</a></li></ul></nav>\n'
        f"<main>\n<h1>Data dictionary</h1>\n<p>{escape(' '.join(_INTRODUCTION))}</p>\n{tables}"
        f'<section id="metrics">\n<h2>Metrics</h2>\n<p>Defined once, for MetricFlow.</p>\n'
        f"<table>{_head('metric', 'kind', 'meaning')}<tbody>{metrics}</tbody></table>\n</section>\n"
        "</main>\n</body>\n</html>\n"
    )


def as_markdown(dictionary: Dictionary) -> str:
    """The whole page, for the repository."""
    return "\n".join(_markdown_lines(dictionary)) + "\n"


def _markdown_lines(dictionary: Dictionary) -> Iterator[str]:
    yield from ("# Data dictionary", "", *_INTRODUCTION)
    yield "`make dictionary` writes this page: change the descriptions in the `.yml` files."
    for _, tables in dictionary.sections:
        for table in tables:
            yield from ("", f"## {table.name}", "", table.description)
            yield from ("", f"Key: {', '.join(f'`{name}`' for name in table.key)}.") if table.key else ()
            yield from ("", "| column | type | meaning |", "|---|---|---|")
            for column in table.columns:
                null = " null" if column.is_nullable else ""
                yield f"| `{column.name}` | {column.type}{null} | {_cell(column.description)} |"
    yield from (
        "",
        "## Metrics",
        "",
        "[How to ask for them](metrics.md).",
        "",
        "| metric | kind | meaning |",
        "|---|---|---|",
    )
    for metric in dictionary.metrics:
        yield f"| `{metric.name}` | {metric.kind} | {_cell(metric.description)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _html_of(table: Table) -> str:
    key = ", ".join(f"<code>{escape(name)}</code>" for name in table.key)
    rows = "".join(
        _row(
            f"<code>{escape(column.name)}</code>",
            f"{escape(column.type)}{' <small>null</small>' if column.is_nullable else ''}",
            _text(column.description),
        )
        for column in table.columns
    )
    return (
        f'<section id="{escape(table.name)}">\n<h2>{escape(table.name)}</h2>\n<p>{_text(table.description)}</p>\n'
        f"{f'<p class=key>Key: {key}</p>' if key else ''}\n"
        f"<table>{_head('column', 'type', 'meaning')}<tbody>{rows}</tbody></table>\n</section>\n"
    )


def _head(*names: str) -> str:
    return f"<thead><tr>{''.join(f'<th scope=col>{escape(name)}</th>' for name in names)}</tr></thead>"


def _row(name: str, *cells: str) -> str:
    return f"<tr><th scope=row>{name}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _link(table: Table) -> str:
    return f'<li><a href="#{escape(table.name)}">{escape(table.name)}</a></li>'


def _text(description: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(description, quote=False))
