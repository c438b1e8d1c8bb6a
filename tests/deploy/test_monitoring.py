"""The alert rules and the dashboard of deploy/monitoring ask for metrics that the metrics file has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import promql_parser
import pytest
import yaml

from orchestration.run_metrics import RunMeasure, version_metrics
from tests.deploy.places import DEPLOY
from tests.orchestration.made_version import publish_by_hand

MONITORING = DEPLOY / "monitoring"
DURATION = re.compile(r"[1-9]\d*[smhd]")
RECENT = "2026-10-31 10:00:00"


@pytest.fixture
def known(tmp_path: Path) -> dict[str, set[str]]:
    """The labels of each metric of a version that has all of them."""
    source = ("gateway", RECENT, False)
    settings = publish_by_hand(tmp_path / "home", mart_capture_sources=[source], fct_credit_usage=[("final", RECENT)])
    version = settings.published / "versions" / "2026-11-01T00-00-00Z"
    with duckdb.connect(str(version / "credits.duckdb")) as marts:
        marts.execute(f"alter table marts.mart_capture_sources add column last_record_at timestamp default '{RECENT}'")
        marts.execute(
            """
            create table marts.mart_capture_coverage as
            select date '2026-10-31' as date_day, 'eu' as environment, 'a' as corti_tenant, 'transcript' as kind,
                'complete' as pull_outcome, 10 as created_at_corti, 8 as captured, 1 as filled_by_read, 1 as missing;
            create table marts.mart_provider_reconciliation as
            select timestamp '2026-10-31' as window_to, 'different' as status, -1.5 as difference
            """
        )
    manifest = json.loads((version / "manifest.json").read_text())
    manifest["tables"] |= {"mart_capture_coverage": {}, "mart_provider_reconciliation": {}}
    (version / "manifest.json").write_text(json.dumps(manifest))
    found = [*RunMeasure().metrics(0), *version_metrics(settings)]
    values = {metric.name: [value for _, value in metric.samples] for metric in found}
    assert values["credits_capture_coverage_ratio"] == [0.9]
    assert [float(value) for value in values["credits_reconciliation_gap_credits"]] == [1.5]
    return {metric.name: {label for labels, _ in metric.samples for label in labels} for metric in found}


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((MONITORING / "credits.rules.yml").read_text())["groups"]
    assert group.keys() == {"name", "rules"}
    return group["rules"]


def dashboard() -> dict[str, Any]:
    return json.loads((MONITORING / "grafana-dashboard.json").read_text())


def selectors(node: object) -> Iterator[promql_parser.VectorSelector]:
    """The metrics that a parsed expression asks for."""
    match node:
        case promql_parser.VectorSelector():
            yield node
        case promql_parser.BinaryExpr():
            yield from selectors(node.lhs)
            yield from selectors(node.rhs)
        case promql_parser.ParenExpr() | promql_parser.AggregateExpr() | promql_parser.UnaryExpr():
            yield from selectors(node.expr)
        case promql_parser.Call():
            for argument in node.args:
                yield from selectors(argument)
        case promql_parser.NumberLiteral():
            return
        case _:
            raise AssertionError(f"an expression of an unforeseen kind: {node!r}")


def asked(expression: str, known: dict[str, set[str]]) -> set[str]:
    """The metrics of an expression, which must exist, with the labels that it names."""
    names: set[str] = set()
    for selector in selectors(promql_parser.parse(expression)):
        assert selector.name in known, expression
        labels = {matcher.name for matcher in selector.matchers.matchers}
        assert labels <= {*known[selector.name], "instance"}, expression
        names.add(selector.name)
    return names


def test_each_rule_is_whole_and_asks_for_metrics_that_exist(known: dict[str, set[str]]) -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules()) >= 8
    for rule in rules():
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert re.fullmatch(r"Credits[A-Za-z]+", rule["alert"])
        assert DURATION.fullmatch(rule.get("for", "1m"))
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"].keys() == {"summary", "description"}
        names = asked(rule["expr"], known)
        assert names
        told = {*re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values()))}
        assert told <= {"instance", *(label for name in names for label in known[name])}


def test_each_panel_of_the_dashboard_asks_for_metrics_that_exist(known: dict[str, set[str]]) -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = set[tuple[int, int]]()
    shown = set[str]()
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${source}"}
        place = panel["gridPos"]
        own = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not own & places and max(x for x, _ in own) < 24
        places |= own
        for target in panel["targets"]:
            # Grafana puts a regular expression in the variable's place.
            names = asked(target["expr"].replace("$instance", ".*"), known)
            shown |= names
            of_legend = {*re.findall(r"{{(\w+)}}", target["legendFormat"])}
            assert of_legend <= {label for name in names for label in known[name]}
    variables = {variable["name"] for variable in dashboard()["templating"]["list"]}
    assert variables == {"source", "instance"}
    assert "$instance" in json.dumps(panels)
    # What the rules watch can be looked at.
    watched = {name for rule in rules() for name in asked(rule["expr"], known)}
    assert watched - shown <= {"credits_unmatched_totals"}
