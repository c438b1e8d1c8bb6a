"""The list of inputs: what is read from each dataset below `landing/`, by which rules, and what its raw table keeps.

Everything that names datasets or their columns comes from here: the raw tables, the allow-list, what the ledger checks
and what the catalog shows. A field that is not named here is never read, so it can't be stored. The names are those of
the input contract. Files may spell them differently: `names.py` compares them ignoring case, `_`, `-` and blanks.

The order is that in which files land. `ingest.contract.landing_files` has the folders, which writers know too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ingest.contract import datasets
from ingest.contract.dimensions import DEFAULT_KEYS
from ingest.contract.forms import LONGEST_ID, LONGEST_OWNER
from ingest.landing import export_values as cells
from ingest.landing.exact_conditions import instant_name
from ingest.landing.input_types import ClosingInput, Column, ExportInput, ExportKind, Input, Kind, LineInput, LineKind
from ingest.landing.line_kinds import (
    API_WORD,
    DAY,
    FLAG,
    INSTANT,
    INSTANT_IF_SOUND,
    OPEN_WORD,
    WINDOW_END,
    count,
    dimensions,
    figure,
    identifier,
    known_word,
    optional_name,
    word_or_other,
)
from ingest.landing.validating import MOST_CREDITS, consumption_fault, usage_record_fault

PERIODS = ("day", "week", "month", "quarter", "year", "7d", "28d")
_MOST_PER_CREDIT = Decimal(999_999)
"""With this limit the price of a hundred billion credits fits into DECIMAL(38, 21)."""
_MOST_ALLOWED = Decimal(999_999_999_999)
_MOST_BOUGHT = Decimal(99_999_999_999)
_MOST_PER_MILLION = Decimal(999_999)
_LONGEST_REASON = 500

_ID = identifier(LONGEST_ID)
_OWNER = identifier(LONGEST_OWNER)
_NAME = identifier(LONGEST_ID, role="text", is_id=False)
_TOKENS = count(2**63 - 1)
_COUNTED = count(10**15 - 1)
_ACCOUNT: tuple[Column[LineKind], ...] = (
    Column("environment", ("environment",), _NAME),
    Column("corti_tenant", ("cortiTenant",), replace(_NAME, is_id=True)),
)


_LINES = (
    LineInput(
        datasets.USAGE_RECORDS,
        "One row per accepted line of a usage record file.",
        (
            Column("record_id", ("recordId",), _ID),
            Column("kind", ("kind",), OPEN_WORD),
            Column("type", ("type",), known_word(("usage", "delta_usage"))),
            Column("interaction_id", ("interactionId",), _ID),
            Column("resource_id", ("resourceId", "id"), _ID),
            Column("operation_id", ("operationId",), _ID),
            Column("credits", ("creditsConsumed", "usageInfo.creditsConsumed", "credits"), figure("decimal(18, 9)")),
            Column(
                "status",
                ("status",),
                word_or_other(
                    (
                        *("final", "provisional", "estimate", "unreported", "metered"),
                        *("completed", "failed", "processing"),
                    )
                ),
            ),
            Column("source", ("source",), word_or_other(("created", "read"))),
            Column("created_at", ("createdAt",), INSTANT),
            Column("captured_at", ("capturedAt",), INSTANT),
            *_ACCOUNT,
            Column("user_id", ("userId", "assignedUserId"), _OWNER),
            Column("tenant_id", ("tenantId", "customerID", "customerId"), _OWNER),
            Column("model", ("model",), optional_name(LONGEST_OWNER)),
            Column("input_tokens", ("inputTokens",), _TOKENS),
            Column("output_tokens", ("outputTokens",), _TOKENS),
            Column("cached_input_tokens", ("cachedInputTokens",), count(2**63 - 1, from_zero=True)),
            Column("dimensions", ("dimensions",), dimensions(DEFAULT_KEYS)),
        ),
        pulled_by=("reads",),
        rule=usage_record_fault,
        exact_when=(
            "(credits is not null or coalesce(status, '') = 'unreported' or (coalesce(status, '') = 'metered' "
            "and model is not null and (input_tokens is not null or output_tokens is not null)))",
            "(created_at is not null or captured_at is not null)",
        ),
    ),
    LineInput(
        datasets.INTERACTIONS,
        "One row per row of an interactions export.",
        (
            Column("interaction_id", ("interactionId",), _ID, required=True),
            Column("user_id", ("userId",), _OWNER, required=True),
            Column("tenant_id", ("tenantId",), _OWNER),
            Column("created_at", ("createdAt",), INSTANT),
        ),
    ),
    LineInput(
        datasets.CORTI_INTERACTIONS,
        "One row per interaction and pull that listed it, with the values of Corti's API.",
        (
            *_ACCOUNT,
            Column("interaction_id", ("interactionId",), _ID, required=True),
            Column("assigned_user_id", ("assignedUserId",), _ID),
            Column("created_at", ("createdAt",), INSTANT_IF_SOUND),
            Column("updated_at", ("updatedAt",), INSTANT_IF_SOUND),
            Column("ended_at", ("endedAt",), INSTANT_IF_SOUND),
            Column("encounter_status", ("encounterStatus",), API_WORD),
            Column("encounter_type", ("encounterType",), API_WORD),
            Column("pulled_at", ("pulledAt",), INSTANT_IF_SOUND, required=True),
        ),
        pulled_by=("interactions",),
    ),
    LineInput(
        datasets.CORTI_RESOURCES,
        "One row per transcript, document or recording and pull that listed it.",
        (
            *_ACCOUNT,
            Column("interaction_id", ("interactionId",), _ID),
            Column("resource_id", ("resourceId",), _ID, required=True),
            Column("kind", ("kind",), API_WORD, required=True),
            Column("created_at", ("createdAt",), INSTANT_IF_SOUND),
            Column("pulled_at", ("pulledAt",), INSTANT_IF_SOUND, required=True),
        ),
        pulled_by=("interactions",),
    ),
    LineInput(
        datasets.CORTI_PULLS,
        "One row per day and pull that asked Corti for it, with the outcome.",
        (
            *_ACCOUNT,
            Column("day", ("day",), DAY, required=True),
            Column("outcome", ("outcome",), known_word(("complete", "failed"), any_case=False), required=True),
            Column("interactions", ("interactions",), _COUNTED),
            Column("requests", ("requests",), _COUNTED),
            Column("started_at", ("startedAt",), INSTANT_IF_SOUND),
            Column("ended_at", ("endedAt",), INSTANT_IF_SOUND, required=True),
            Column("reason", ("reason",), API_WORD),
        ),
        pulled_by=("interactions",),
    ),
    LineInput(
        datasets.PROVIDER_CONSUMPTION,
        "One row per total that Corti reported for a window, exported or pulled.",
        (
            Column("window_from", ("from",), WINDOW_END, required=True),
            Column("window_to", ("to",), WINDOW_END, required=True),
            Column("credits", ("credits",), figure("decimal(38, 9)"), required=True),
            Column("user_id", ("userId",), _OWNER),
            Column("tenant_id", ("tenantId",), _OWNER),
            *_ACCOUNT,
        ),
        pulled_by=("consumption",),
        rule=consumption_fault,
        exact_when=(f"{instant_name('window_from')} <= {instant_name('window_to')}",),
    ),
    LineInput(
        datasets.HEARTBEATS,
        "One row per sign of life of a capturing process.",
        (
            *_ACCOUNT,
            Column("source", ("source",), _NAME, required=True),
            Column("heard_at", ("at",), INSTANT_IF_SOUND, required=True),
            Column("started_at", ("startedAt",), INSTANT_IF_SOUND),
            Column("records", ("records",), count(10**15 - 1, from_zero=True)),
            Column("stopped", ("stopped",), FLAG),
        ),
    ),
)
LINE_INPUTS = {entry.name: entry for entry in _LINES}
"""With the default keys of dimensions, which decide nothing but what is kept in `dimensions`."""


@lru_cache(maxsize=8)
def line_inputs(keys: tuple[str, ...]) -> Mapping[str, LineInput]:
    """The inputs of lines with these keys of dimensions."""
    return {
        entry.name: replace(
            entry,
            columns=tuple(
                replace(column, kind=dimensions(keys)) if column.name == "dimensions" else column
                for column in entry.columns
            ),
        )
        for entry in _LINES
    }


_MOMENT = ExportKind("timestamp", "time", read=cells.read_moment)
_TEXT = ExportKind("varchar", read=cells.read_text)
_KIND = Column("kind", ("kind",), ExportKind("varchar", read=cells.read_kind))
_USER = Column("user_id", ("userId", "user_id"), ExportKind("varchar", "id", read=cells.identifier(LONGEST_OWNER)))
_TENANT = replace(_USER, name="tenant_id", names=("tenantId", "tenant_id"))
_WINDOW = (
    Column("valid_from", ("validFrom", "valid_from"), _MOMENT),
    Column("valid_to", ("validTo", "valid_to"), _MOMENT),
)


def _figure(raw_type: str, places: int, most: Decimal, *, signed: bool = False) -> ExportKind:
    return ExportKind(raw_type, "number", read=cells.figure(places=places, most=most, signed=signed))


_PER_MILLION = _figure("decimal(18, 9)", 9, _MOST_PER_MILLION)

_EXPORTS = (
    ExportInput(
        datasets.USERS,
        "One row per row of a users export.",
        (
            replace(_USER, required=True),
            replace(_TENANT, required=True),
            Column("display_name", ("displayName", "display_name"), _TEXT),
            *_WINDOW,
        ),
        key=("user_id", "tenant_id"),
        subject=("user_id",),
    ),
    ExportInput(
        datasets.TENANTS,
        "One row per row of a tenants export.",
        (
            replace(_TENANT, required=True),
            Column("tenant_name", ("name", "tenant_name"), _TEXT, required=True),
            Column("timezone", ("timezone",), ExportKind("varchar", read=cells.read_zone)),
            *_WINDOW,
        ),
        key=("tenant_id",),
    ),
    ExportInput(
        datasets.RATES,
        "One row per row of a rates export.",
        (
            _TENANT,
            _KIND,
            Column(
                "price_per_credit",
                ("pricePerCredit", "price_per_credit"),
                _figure("decimal(38, 12)", 12, _MOST_PER_CREDIT),
                required=True,
            ),
            Column("currency", ("currency",), ExportKind("varchar", read=cells.read_currency), required=True),
            Column(
                "currency_decimals",
                (),
                ExportKind("integer", read=cells.currency_decimals, derived_from="currency"),
                required=True,
            ),
            *_WINDOW,
        ),
        key=("tenant_id", "kind"),
    ),
    ExportInput(
        datasets.QUOTAS,
        "One row per row of a quotas export.",
        (
            _TENANT,
            _USER,
            _KIND,
            Column("period", ("period",), ExportKind("varchar", read=cells.one_of(PERIODS)), required=True),
            Column("credits", ("credits",), _figure("decimal(38, 9)", 9, _MOST_ALLOWED), required=True),
            Column("warn_at", ("warnAt", "warn_at"), ExportKind("decimal(10, 9)", read=cells.read_share)),
            *_WINDOW,
        ),
        key=("tenant_id", "user_id", "kind", "period"),
        one_of=("tenant_id", "user_id"),
    ),
    ExportInput(
        datasets.ADJUSTMENTS,
        "One row per row of an adjustments file.",
        (
            Column(
                "adjustment_id",
                ("adjustmentId", "adjustment_id"),
                ExportKind("varchar", "id", read=cells.identifier(LONGEST_ID)),
                required=True,
            ),
            replace(_TENANT, required=True),
            _USER,
            Column("credits", ("credits",), _figure("decimal(38, 9)", 9, MOST_CREDITS, signed=True), required=True),
            Column(
                "effective_date",
                ("effectiveDate", "effective_date"),
                ExportKind("date", "time", read=cells.read_date),
                required=True,
            ),
            Column("reason", ("reason",), ExportKind("varchar", read=cells.prose(_LONGEST_REASON)), required=True),
        ),
        key=("adjustment_id",),
        has_windows=False,
    ),
    ExportInput(
        datasets.PURCHASES,
        "One row per row of a purchases file.",
        (
            Column(
                "purchase_id",
                ("purchaseId", "purchase_id"),
                ExportKind("varchar", "id", read=cells.identifier(LONGEST_ID)),
                required=True,
            ),
            Column("credits", ("credits",), _figure("decimal(38, 9)", 9, _MOST_BOUGHT), required=True),
            Column(
                "purchased_at",
                ("purchasedAt", "purchased_at"),
                ExportKind("timestamp", "time", read=cells.moment_until(cells.LATEST_DATE)),
                required=True,
            ),
            Column(
                "expires_at",
                ("expiresAt", "expires_at"),
                ExportKind("timestamp", "time", read=cells.moment_until(date.max)),
            ),
            Column(
                "price_per_credit",
                ("pricePerCredit", "price_per_credit"),
                _figure("decimal(38, 12)", 12, _MOST_PER_CREDIT),
            ),
            Column("currency", ("currency",), ExportKind("varchar", read=cells.read_currency)),
            Column(
                "currency_decimals",
                (),
                ExportKind("integer", read=cells.currency_decimals, derived_from="currency"),
            ),
            Column("environment", ("environment",), ExportKind("varchar", read=cells.prose(LONGEST_ID))),
            Column(
                "corti_tenant",
                ("cortiTenant", "corti_tenant"),
                ExportKind("varchar", "id", read=cells.identifier(LONGEST_ID)),
            ),
        ),
        key=("purchase_id",),
        together=("price_per_credit", "currency"),
        span=("purchased_at", "expires_at"),
        has_windows=False,
    ),
    ExportInput(
        datasets.TOKEN_PRICES,
        "One row per row of a token prices export.",
        (
            Column(
                "model",
                ("model",),
                ExportKind("varchar", "id", read=cells.identifier(LONGEST_OWNER)),
                required=True,
            ),
            Column("input_per_million", ("inputPerMillion", "input_per_million"), _PER_MILLION, required=True),
            Column("output_per_million", ("outputPerMillion", "output_per_million"), _PER_MILLION, required=True),
            Column("cached_input_per_million", ("cachedInputPerMillion", "cached_input_per_million"), _PER_MILLION),
            *_WINDOW,
        ),
        key=("model",),
    ),
)
EXPORT_INPUTS = {entry.name: entry for entry in _EXPORTS}


def _frozen(name: str, raw_type: str, *, required: bool = False) -> Column[Kind]:
    return Column(name, (name,), Kind(raw_type), required)


_FROZEN_CREDITS = (
    _frozen("credits", "decimal(38, 9)", required=True),
    _frozen("operations", "bigint", required=True),
    _frozen("estimated_credits", "decimal(38, 9)", required=True),
    _frozen("read_credits", "decimal(38, 9)", required=True),
    _frozen("fallback_credits", "decimal(38, 9)", required=True),
    _frozen("derived_credits", "decimal(38, 9)"),
    _frozen("exact_amount", "decimal(38, 21)"),
)


_CLOSINGS = (
    ClosingInput(
        datasets.PERIOD_EVENTS,
        "One row per closing or reopening of a month.",
        (
            Column("event", ("event",), Kind("varchar"), required=True),
            Column("month_start", ("month",), Kind("date"), required=True),
            Column("happened_at", ("at",), Kind("timestamp"), required=True),
            Column("made_by", ("by",), Kind("varchar"), required=True),
            Column("reason", ("reason",), Kind("varchar")),
            Column("charges_file", ("chargesFile",), Kind("varchar")),
            Column("charges_sha256", ("chargesSha256",), Kind("varchar")),
            Column("charges_rows", ("chargesRows",), Kind("bigint")),
            Column("lines_file", ("linesFile",), Kind("varchar")),
            Column("lines_sha256", ("linesSha256",), Kind("varchar")),
            Column("lines_rows", ("linesRows",), Kind("bigint")),
        ),
    ),
    ClosingInput(
        datasets.CLOSED_CHARGES,
        "One row per charge on the statements of a closed month, as it was frozen.",
        (
            _frozen("statement_month", "date", required=True),
            _frozen("usage_month", "date", required=True),
            _frozen("line_type", "varchar", required=True),
            _frozen("charge_key", "varchar", required=True),
            _frozen("reporting_date", "date", required=True),
            _frozen("usage_date", "date", required=True),
            _frozen("environment", "varchar"),
            _frozen("corti_tenant", "varchar"),
            _frozen("tenant_id", "varchar", required=True),
            _frozen("kind", "varchar"),
            _frozen("adjustment_id", "varchar"),
            _frozen("reason", "varchar"),
            _frozen("currency", "varchar", required=True),
            _frozen("currency_decimals", "integer"),
            _frozen("price_per_credit", "decimal(38, 12)"),
            *_FROZEN_CREDITS,
        ),
        frozen=True,
    ),
    ClosingInput(
        datasets.CLOSED_LINES,
        "One row per line on the statements of a closed month, as it was frozen.",
        (
            _frozen("statement_hash", "varchar", required=True),
            _frozen("line_key", "varchar", required=True),
            _frozen("line_number", "integer", required=True),
            _frozen("month_start", "date", required=True),
            _frozen("tenant_id", "varchar", required=True),
            _frozen("tenant_name", "varchar"),
            _frozen("line_type", "varchar", required=True),
            _frozen("usage_month", "date", required=True),
            _frozen("kind", "varchar"),
            _frozen("adjustment_id", "varchar"),
            _frozen("reason", "varchar"),
            _frozen("currency", "varchar", required=True),
            _frozen("rate_status", "varchar", required=True),
            _frozen("price_per_credit", "decimal(38, 12)"),
            *_FROZEN_CREDITS,
            _frozen("amount", "decimal(38, 4)"),
            _frozen("currency_decimals", "integer"),
            _frozen("corrects_line_key", "varchar"),
        ),
        frozen=True,
    ),
)
CLOSING_INPUTS = {entry.name: entry for entry in _CLOSINGS}

_FOUND: dict[str, Input[Kind]] = {**LINE_INPUTS, **EXPORT_INPUTS, **CLOSING_INPUTS}
INPUTS = {name: _FOUND[name] for name in datasets.FOLDERS}
"""All of them by name, in the order in which their files land."""
