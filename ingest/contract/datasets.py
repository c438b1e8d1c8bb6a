"""The datasets below `landing/`: their folders, and the names of the files that are read in them."""

from __future__ import annotations

USAGE_RECORDS = "usage_records"
INTERACTIONS = "interactions"
USERS = "users"
TENANTS = "tenants"
RATES = "rates"
QUOTAS = "quotas"
ADJUSTMENTS = "adjustments"
PURCHASES = "purchases"
PERIOD_EVENTS = "period_events"
CLOSED_CHARGES = "closed_charges"
CLOSED_LINES = "closed_lines"
CORTI_INTERACTIONS = "corti_interactions"
CORTI_RESOURCES = "corti_resources"
CORTI_PULLS = "corti_pulls"
PROVIDER_CONSUMPTION = "provider_consumption"
TOKEN_PRICES = "token_prices"
HEARTBEATS = "heartbeats"
FOLDERS = {
    USAGE_RECORDS: "usage_records",
    INTERACTIONS: "mappings/interactions",
    USERS: "mappings/users",
    TENANTS: "mappings/tenants",
    RATES: "billing/rates",
    QUOTAS: "billing/quotas",
    ADJUSTMENTS: "billing/adjustments",
    PURCHASES: "billing/purchases",
    PERIOD_EVENTS: "billing/periods",
    CLOSED_CHARGES: "billing/closed_charges",
    CLOSED_LINES: "billing/closed_lines",
    CORTI_INTERACTIONS: "corti/interactions",
    CORTI_RESOURCES: "corti/resources",
    CORTI_PULLS: "corti/pulls",
    PROVIDER_CONSUMPTION: "provider/consumption",
    TOKEN_PRICES: "provider/token_prices",
    HEARTBEATS: "heartbeats",
}
NO_REASON_TO_RUN = (HEARTBEATS,)
"""Datasets that land with the next run, but start none: a quiet night must not need a build every hour."""
NOT_YET_READ = ("erasures",)
"""Folders in the input contract; those without a dataset are not read by this release."""
_TEXTS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
RECORD_ENDINGS = (*(f"{ending}{packed}" for ending in _TEXTS for packed in ("", ".gz", ".zst")), ".parquet")
EXPORT_ENDINGS = (*RECORD_ENDINGS, ".xlsx")
BUNDLED = (USAGE_RECORDS, HEARTBEATS)
"""Datasets whose small files `credits compact` joins into bundles."""
BUNDLE_ENDING = ".bundle.tar"
EXPORTS = (
    *(INTERACTIONS, USERS, TENANTS, RATES, QUOTAS, ADJUSTMENTS, PURCHASES),
    *(PROVIDER_CONSUMPTION, TOKEN_PRICES),
)
"""Datasets that people export, also from a spreadsheet."""
_NOT_READY_STARTS = (".", "_")
_NOT_READY_ENDS = (".tmp", ".partial")


def is_ready_name(name: str) -> bool:
    """Whether a file or folder of this name is ready to be read."""
    return not (name.startswith(_NOT_READY_STARTS) or name.endswith(_NOT_READY_ENDS))
