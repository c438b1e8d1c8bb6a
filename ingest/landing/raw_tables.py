"""The tables of schema `raw`. A build database whose tables were defined otherwise is made again from landing."""

from __future__ import annotations

import hashlib

RAW_TABLES = """
create schema if not exists raw;
create table if not exists raw.schema_version (version integer not null, definition varchar not null);
create table if not exists raw.landing_state (listing varchar not null);
create table if not exists raw.loads (load_id integer not null, run_id varchar, landed_at timestamp not null);
create table if not exists raw.publications (
    version varchar not null, last_load_id integer not null, published_at timestamp not null, models varchar not null
);
create table if not exists raw.seen_files (
    dataset varchar not null, path varchar not null, bytes bigint not null, modified_ns hugeint not null,
    sha256 varchar not null, file_id integer
);
create table if not exists raw.landed_files (
    file_id integer not null, load_id integer not null, dataset varchar not null, path varchar not null,
    bytes bigint not null, sha256 varchar not null, exported_at timestamp not null, landed_at timestamp not null,
    lines bigint not null, accepted bigint not null, rejected bigint not null,
    credits_accepted decimal(38, 9) not null, credits_rounded bigint not null, reading_rules integer not null
);
create table if not exists raw.rejected_lines (
    load_id integer not null, file_id integer not null, line_number bigint not null, reason varchar not null,
    fields varchar
);
create table if not exists raw.rejected_counts (
    load_id integer not null, file_id integer not null, reason varchar not null, lines bigint not null
);
create table if not exists raw.unread_files (
    path varchar not null, kind varchar not null, reason varchar not null, size bigint, modified_ns hugeint,
    reading_rules integer not null, first_seen_at timestamp not null
);
create table if not exists raw.file_notices (
    load_id integer not null, file_id integer not null, notice varchar not null, detail varchar not null,
    rows bigint not null
);
create table if not exists raw.usage_records (
    load_id integer not null, file_id integer not null, line_number bigint not null,
    record_id varchar, kind varchar, type varchar, interaction_id varchar, resource_id varchar, operation_id varchar,
    credits decimal(18, 9), status varchar, source varchar, created_at timestamp, captured_at timestamp,
    environment varchar, corti_tenant varchar, user_id varchar, tenant_id varchar,
    model varchar, input_tokens bigint, output_tokens bigint
);
create table if not exists raw.interactions (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    interaction_id varchar not null, user_id varchar not null, tenant_id varchar, created_at timestamp
);
create table if not exists raw.users (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    is_snapshot boolean not null, user_id varchar not null, tenant_id varchar, display_name varchar,
    valid_from timestamp, valid_to timestamp
);
create table if not exists raw.tenants (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    is_snapshot boolean not null, tenant_id varchar not null, tenant_name varchar, timezone varchar,
    valid_from timestamp, valid_to timestamp
);
create table if not exists raw.rates (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    is_snapshot boolean not null, tenant_id varchar, kind varchar, price_per_credit decimal(38, 12) not null,
    currency varchar not null, currency_decimals integer not null, valid_from timestamp, valid_to timestamp
);
create table if not exists raw.quotas (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    is_snapshot boolean not null, tenant_id varchar, user_id varchar, kind varchar, period varchar not null,
    credits decimal(38, 9) not null, warn_at decimal(10, 9), valid_from timestamp, valid_to timestamp
);
create table if not exists raw.adjustments (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    adjustment_id varchar not null, tenant_id varchar not null, user_id varchar, credits decimal(38, 9) not null,
    effective_date date not null, reason varchar not null
);
create table if not exists raw.corti_interactions (
    load_id integer not null, file_id integer not null, line_number bigint not null,
    environment varchar, corti_tenant varchar, interaction_id varchar not null, assigned_user_id varchar,
    created_at timestamp, updated_at timestamp, ended_at timestamp, encounter_status varchar, encounter_type varchar,
    pulled_at timestamp not null
);
create table if not exists raw.corti_resources (
    load_id integer not null, file_id integer not null, line_number bigint not null,
    environment varchar, corti_tenant varchar, interaction_id varchar, kind varchar not null,
    resource_id varchar not null, created_at timestamp, pulled_at timestamp not null
);
create table if not exists raw.corti_pulls (
    load_id integer not null, file_id integer not null, line_number bigint not null,
    environment varchar, corti_tenant varchar, day date not null, outcome varchar not null,
    interactions bigint, requests bigint, started_at timestamp, ended_at timestamp not null, reason varchar
);
create table if not exists raw.provider_consumption (
    load_id integer not null, file_id integer not null, line_number bigint not null, exported_at timestamp not null,
    window_from timestamp not null, window_to timestamp not null, credits decimal(38, 9) not null,
    user_id varchar, tenant_id varchar, corti_tenant varchar, environment varchar
);
create table if not exists raw.heartbeats (
    load_id integer not null, file_id integer not null, line_number bigint not null,
    source varchar not null, heard_at timestamp not null, started_at timestamp, records bigint, stopped boolean,
    environment varchar, corti_tenant varchar
);
create table if not exists raw.period_events (
    load_id integer not null, file_id integer not null, line_number bigint not null,
    event varchar not null, month_start date not null, happened_at timestamp not null, made_by varchar not null,
    reason varchar, charges_file varchar, charges_sha256 varchar, charges_rows bigint,
    lines_file varchar, lines_sha256 varchar, lines_rows bigint
);
create table if not exists raw.closed_charges (
    load_id integer not null, file_id integer not null, statement_month date not null, usage_month date not null,
    line_type varchar not null, charge_key varchar not null, reporting_date date not null, usage_date date not null,
    environment varchar, corti_tenant varchar, tenant_id varchar not null, kind varchar, adjustment_id varchar,
    reason varchar, currency varchar not null, currency_decimals integer, price_per_credit decimal(38, 12),
    credits decimal(38, 9) not null, operations bigint not null, estimated_credits decimal(38, 9) not null,
    read_credits decimal(38, 9) not null, fallback_credits decimal(38, 9) not null, exact_amount decimal(38, 21)
);
create table if not exists raw.closed_lines (
    load_id integer not null, file_id integer not null, statement_hash varchar not null, line_key varchar not null,
    line_number integer not null, month_start date not null, tenant_id varchar not null, tenant_name varchar,
    line_type varchar not null, usage_month date not null, kind varchar, adjustment_id varchar, reason varchar,
    currency varchar not null, rate_status varchar not null, price_per_credit decimal(38, 12),
    credits decimal(38, 9) not null, operations bigint not null, estimated_credits decimal(38, 9) not null,
    read_credits decimal(38, 9) not null, fallback_credits decimal(38, 9) not null, exact_amount decimal(38, 21),
    amount decimal(38, 4), currency_decimals integer, corrects_line_key varchar
);
"""


def raw_definition() -> str:
    """A hash over the definition of all raw tables, however its lines are broken."""
    return hashlib.sha256(" ".join(RAW_TABLES.split()).encode()).hexdigest()[:16]
