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
    """How one kind of machine-written file lands: its fields, its judge, and which parsed rows need no judge.

    `required` are the columns without which a table is no such export; of a usage record's, others can replace each.
    """

    name: str
    fields: tuple[Field, ...]
    judge: Judge
    instants: str
    vouched: str
    required: tuple[str, ...]
    keeps_export_time: bool

    @property
    def table(self) -> str:
        """The raw table."""
        return f"raw.{self.name}"


DATASETS = {
    USAGE_RECORDS: Dataset(
        name=USAGE_RECORDS,
        fields=USAGE_RECORD_FIELDS,
        judge=judge_usage_record,
        instants=instants(TIME_COLUMNS),
        vouched=vouched_usage_record(),
        required=(),
        keeps_export_time=False,
    ),
    INTERACTIONS: Dataset(
        name=INTERACTIONS,
        fields=INTERACTION_FIELDS,
        judge=judge_interaction,
        instants=instants(["created_at"]),
        vouched=vouched_interaction(),
        required=("interaction_id", "user_id"),
        keeps_export_time=True,
    ),
}
