"""The dashboard: the place of each chart, and the filters that act on several."""

from __future__ import annotations

from typing import Any

from bi.superset.chart_definitions import CHARTS, Chart
from bi.superset.identities import DASHBOARD, VERSION, identity

_TITLE = "Credits"
_COLUMNS = 12
_LAYOUT = (
    (("credits_total", 3, 50), ("credits_by_kind", 9, 50)),
    (("credits_trend", 12, 50),),
    (("tenants_ranked", 12, 50),),
    (("users_ranked", 12, 50),),
    (("quota_consumption", 12, 50),),
    (("open_alerts", 12, 50),),
    (("unmapped_usage", 12, 50),),
    (("load_audit", 12, 50),),
)
"""Rows of charts: name, width in twelfths, height in units of 8 pixels."""

_NUMBERS = {chart.name: number for number, chart in enumerate(CHARTS, 1)}
"""Filters name charts that they don't act on by number; the importer replaces these numbers with Superset's own."""


def dashboard() -> dict[str, Any]:
    """The dashboard in Superset's export format."""
    return {
        "dashboard_title": _TITLE,
        "description": "Who uses how many Corti credits, how that moves, and how far the figures can be trusted.",
        "css": "",
        "slug": DASHBOARD,
        "uuid": identity("dashboard", DASHBOARD),
        "position": _position(),
        "metadata": {
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
            "cross_filters_enabled": True,
            "native_filter_configuration": [_period_filter(), _tenant_filter()],
        },
        "published": True,
        "version": VERSION,
    }


def _position() -> dict[str, Any]:
    rows = [f"ROW-{number}" for number in range(1, len(_LAYOUT) + 1)]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": _TITLE}},
    }
    charts = {chart.name: chart for chart in CHARTS}
    for row, places in zip(rows, _LAYOUT, strict=True):
        position[row] = {
            "type": "ROW",
            "id": row,
            "children": [f"CHART-{name}" for name, _, _ in places],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for name, width, height in places:
            position[f"CHART-{name}"] = {
                "type": "CHART",
                "id": f"CHART-{name}",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {
                    "chartId": _NUMBERS[name],
                    "uuid": identity("chart", name),
                    "sliceName": charts[name].title,
                    "width": width,
                    "height": height,
                },
            }
    return position


def _period_filter() -> dict[str, Any]:
    left_alone = [chart for chart in CHARTS if not chart.period]
    return _filter("Period", "filter_time", {}, {}, left_alone)


def _tenant_filter() -> dict[str, Any]:
    target = {"column": {"name": "tenant_id"}, "datasetUuid": identity("dataset", "agg_credits_daily")}
    left_alone = [chart for chart in CHARTS if not chart.by_tenant]
    values = {"multiSelect": True, "enableEmptyFilter": False, "inverseSelection": False, "searchAllOptions": True}
    return _filter("Tenant", "filter_select", target, values, left_alone)


def _filter(
    name: str, kind: str, target: dict[str, Any], values: dict[str, Any], left_alone: list[Chart]
) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{name.lower()}",
        "name": name,
        "type": "NATIVE_FILTER",
        "filterType": kind,
        "targets": [target],
        "controlValues": values,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [_NUMBERS[chart.name] for chart in left_alone]},
    }
