"""The machine-written inputs, which are as large as the usage itself: what each is read by and judged by."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.landing import fields, files
from ingest.landing.exact_rows import Judge
from ingest.landing.fields import Field
from ingest.landing.judging import judge_interaction, judge_usage_record
from ingest.landing.provider_judging import (
    judge_consumption,
    judge_corti_interaction,
    judge_corti_pull,
    judge_corti_resource,
    judge_heartbeat,
    vouched_consumption,
    vouched_corti_interaction,
    vouched_corti_pull,
    vouched_corti_resource,
    vouched_heartbeat,
)
from ingest.landing.vouching import instants, vouched_interaction, vouched_usage_record


@dataclass(frozen=True)
class Dataset:
    """How one kind of machine-written file lands: its fields, its judge, and which parsed rows need no judge.

    `times` are the columns that hold instants. `required` are the columns without which a table is no such export; of a
    usage record's, others can replace each.
    """

    name: str
    fields: tuple[Field, ...]
    judge: Judge
    times: tuple[str, ...]
    vouched: str
    required: tuple[str, ...]
    keeps_export_time: bool

    @property
    def table(self) -> str:
        """The raw table."""
        return f"raw.{self.name}"

    @property
    def instants(self) -> str:
        """The select list of its times as timestamps."""
        return instants(self.times)


_ALL = (
    Dataset(
        name=files.USAGE_RECORDS,
        fields=fields.USAGE_RECORD_FIELDS,
        judge=judge_usage_record,
        times=fields.TIME_COLUMNS,
        vouched=vouched_usage_record(),
        required=(),
        keeps_export_time=False,
    ),
    Dataset(
        name=files.INTERACTIONS,
        fields=fields.INTERACTION_FIELDS,
        judge=judge_interaction,
        times=("created_at",),
        vouched=vouched_interaction(),
        required=("interaction_id", "user_id"),
        keeps_export_time=True,
    ),
    Dataset(
        name=files.CORTI_INTERACTIONS,
        fields=fields.CORTI_INTERACTION_FIELDS,
        judge=judge_corti_interaction,
        times=fields.CORTI_INTERACTION_TIMES,
        vouched=vouched_corti_interaction(),
        required=("interaction_id", "pulled_at"),
        keeps_export_time=False,
    ),
    Dataset(
        name=files.CORTI_RESOURCES,
        fields=fields.CORTI_RESOURCE_FIELDS,
        judge=judge_corti_resource,
        times=fields.CORTI_RESOURCE_TIMES,
        vouched=vouched_corti_resource(),
        required=("kind", "resource_id", "pulled_at"),
        keeps_export_time=False,
    ),
    Dataset(
        name=files.CORTI_PULLS,
        fields=fields.CORTI_PULL_FIELDS,
        judge=judge_corti_pull,
        times=fields.CORTI_PULL_TIMES,
        vouched=vouched_corti_pull(),
        required=("day", "outcome", "ended_at"),
        keeps_export_time=False,
    ),
    Dataset(
        name=files.PROVIDER_CONSUMPTION,
        fields=fields.PROVIDER_CONSUMPTION_FIELDS,
        judge=judge_consumption,
        times=fields.WINDOW_TIMES,
        vouched=vouched_consumption(),
        required=("window_from", "window_to", "credits"),
        keeps_export_time=True,
    ),
    Dataset(
        name=files.HEARTBEATS,
        fields=fields.HEARTBEAT_FIELDS,
        judge=judge_heartbeat,
        times=fields.HEARTBEAT_TIMES,
        vouched=vouched_heartbeat(),
        required=("source", "heard_at"),
        keeps_export_time=False,
    ),
)
DATASETS = {dataset.name: dataset for dataset in _ALL}
