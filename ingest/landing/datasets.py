"""The machine-written inputs, which are as large as the usage itself: what each is read by and judged by."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.landing.exact_rows import Judge
from ingest.landing.fields import INTERACTION_FIELDS, TIME_COLUMNS, USAGE_RECORD_FIELDS, Field
from ingest.landing.files import INTERACTIONS, USAGE_RECORDS
from ingest.landing.judging import judge_interaction, judge_usage_record
from ingest.landing.vouching import instants, vouched_interaction, vouched_usage_record


@dataclass(frozen=True)
class Dataset:
    """How one kind of machine-written file lands: its fields, its judge, and which parsed rows need no judge."""

    name: str
    fields: tuple[Field, ...]
    judge: Judge
    instants: str
    vouched: str
    keeps_export_time: bool

    @property
    def table(self) -> str:
        """The raw table."""
        return f"raw.{self.name}"


DATASETS = {
    USAGE_RECORDS: Dataset(
        USAGE_RECORDS, USAGE_RECORD_FIELDS, judge_usage_record, instants(TIME_COLUMNS), vouched_usage_record(), False
    ),
    INTERACTIONS: Dataset(
        INTERACTIONS, INTERACTION_FIELDS, judge_interaction, instants(["created_at"]), vouched_interaction(), True
    ),
}
