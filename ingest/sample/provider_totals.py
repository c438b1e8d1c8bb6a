"""Totals that Corti reports for the guide's users; most of them agree with their records."""

from __future__ import annotations

import pandas as pd

from ingest.sample.landing_files import LandingFiles

_EXPORT = "provider/consumption/consumption-2025-10-04.csv"
_TOTALS = (
    ("2025-10-01", "120", "user_12345", "tenant_A"),
    ("2025-10-01", "75.0", "user_67890", "tenant_A"),
    ("2025-10-01", "195", None, "tenant_A"),
    # Corti charged for something without a record.
    ("2025-10-02", "312.5", "user_98765", "tenant_B"),
    # A day without any records.
    ("2025-10-03", "40", "user_98765", "tenant_B"),
)
"""Day, credits, user and tenant. The guide's users have no usage except their three records."""


def write_provider_totals(files: LandingFiles) -> None:
    """One export of totals for whole days: three that match, one above ours, one without records."""
    rows = [
        (f"{day}T00:00:00.000Z", f"{day}T23:59:59.999Z", credits, user, tenant)
        for day, credits, user, tenant in _TOTALS
    ]
    table = pd.DataFrame(rows, columns=["from", "to", "credits", "userId", "tenantId"], dtype=object)
    files.export_table(_EXPORT, table)
