"""A chart in Superset's export format: the form that its page shows, and the query that its API answers."""

from __future__ import annotations

import json
from typing import Any

from bi.superset.chart_definitions import Chart
from bi.superset.identities import VERSION, identity

_ROWS = 50_000


def chart_file(chart: Chart) -> dict[str, Any]:
    """A chart in Superset's export format, with the query that its API answers."""
    return {
        "slice_name": chart.title,
        "description": chart.description,
        "viz_type": chart.viz_type,
        "params": _form(chart),
        "query_context": json.dumps(_query_context(chart)),
        "cache_timeout": None,
        "uuid": identity("chart", chart.name),
        "version": VERSION,
        "dataset_uuid": identity("dataset", chart.dataset),
    }


def _form(chart: Chart) -> dict[str, Any]:
    form: dict[str, Any] = {"viz_type": chart.viz_type, "adhoc_filters": _conditions(chart), "row_limit": _ROWS}
    if chart.x_axis:
        form |= {"x_axis": chart.x_axis, "time_grain_sqla": chart.grain, "groupby": list(chart.columns)}
        form |= {"metrics": list(chart.metrics), "x_axis_sort_asc": True, "order_desc": True}
    elif chart.viz_type == "big_number_total":
        form["metric"] = chart.metrics[0]
    elif chart.metrics:
        form |= {"query_mode": "aggregate", "groupby": list(chart.columns), "metrics": list(chart.metrics)}
        form |= {"timeseries_limit_metric": chart.order, "order_desc": True}
    else:
        order = json.dumps([chart.order, False])
        form |= {"query_mode": "raw", "all_columns": list(chart.columns), "order_by_cols": [order]}
    if chart.viz_type == "table":
        form |= {"page_length": 20, "include_search": True, "table_timestamp_format": "%Y-%m-%d %H:%M"}
        form |= {"show_cell_bars": bool(chart.metrics)}
        form |= {"column_config": {column: dict([setting]) for column, setting in chart.formats}}
    return form | dict(chart.options)


def _conditions(chart: Chart) -> list[dict[str, Any]]:
    conditions = []
    if chart.period:
        conditions.append({"subject": chart.period, "operator": "TEMPORAL_RANGE", "comparator": "No filter"})
    if chart.only:
        conditions.append({"subject": chart.only, "operator": "IS TRUE", "operatorId": "IS_TRUE"})
    return [{"clause": "WHERE", "expressionType": "SIMPLE", **condition} for condition in conditions]


def _query_context(chart: Chart) -> dict[str, Any]:
    axis = {"label": chart.x_axis, "sqlExpression": chart.x_axis, "expressionType": "SQL"}
    axes = [{**axis, "columnType": "BASE_AXIS", "timeGrain": chart.grain}] if chart.x_axis else []
    filters = [{"col": chart.period, "op": "TEMPORAL_RANGE", "val": "No filter"}] if chart.period else []
    query = {
        "columns": [*axes, *chart.columns],
        "filters": [*filters, *([{"col": chart.only, "op": "IS TRUE"}] if chart.only else [])],
        "orderby": [[chart.order, False]] if chart.order else [],
        "row_limit": _ROWS,
    }
    if chart.metrics:
        query["metrics"] = list(chart.metrics)
    # The importer writes the dataset's number in Superset here.
    return {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [query],
        "form_data": _form(chart),
        "result_format": "json",
        "result_type": "full",
    }
