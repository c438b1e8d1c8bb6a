-- depends_on: {{ ref('int_touched_operations') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='operation_key',
    meta={
        'touched_by': 'int_touched_operations',
        'bounded_by': 'usage_date',
        'partitioned_by': 'usage_date',
    },
) }}

with observations as {{ computed_where_read() }} (
    {% if is_full_build() -%}
    select * from {{ ref('int_usage_observations') }}
    {%- else -%}
    select * from {{ ref('int_usage_observations') }}
    where last_load_id > {{ last_published_load() }}
    union all
    select * from {{ ref('int_usage_observations') }}
    where
        last_load_id <= {{ last_published_load() }}
        and usage_date in (select usage_date from {{ ref('int_touched_operations') }})
        and {{ key_as_text('operation_key') }} in (select operation_key from {{ ref('int_touched_operations') }})
    {%- endif %}
),

files as (
    select * from {{ source('raw', 'landed_files') }}
),

-- Most operations have one observation, which needs no comparison.
compared as (
    select
        operation_key,
        rank_in_operation,
        is_effective,
        status,
        source,
        captured_at,
        counted_credits,
        {{ record_content() }} as content_key,
        counted_credits > 0
        or (
            {{ has_tokens_only() }} and coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0
        ) as has_a_figure
    from observations
    where observations > 1
),

with_figures as (
    select operation_key from compared where has_a_figure group by operation_key
),

-- Each other observation beside the one that counts, with the first rule by which they differ.
beside_each_other as (
    select
        other.operation_key,
        other.rank_in_operation,
        case
            when other.content_key = chosen.content_key then 'it repeats the record that counts'
            when
                with_figures.operation_key is not null
                and other.source = 'read'
                and not other.has_a_figure
                and not (chosen.source = 'read' and not chosen.has_a_figure)
                then 'a read without a figure never replaces another record'
            when other.status <> chosen.status then chosen.status || ' counts before ' || other.status
            when (other.captured_at is distinct from chosen.captured_at) then 'the later capture counts'
            when other.counted_credits <> chosen.counted_credits then 'the higher figure counts'
            when other.source <> chosen.source then 'the creating call counts before a read'
            else 'they are equal, and a fixed order of their content decides'
        end as why,
        other.content_key = chosen.content_key as is_repeated
    from compared as other
    inner join compared as chosen on other.operation_key = chosen.operation_key and chosen.is_effective
    left join with_figures on other.operation_key = with_figures.operation_key
    where not other.is_effective
),

-- The one that counts has its reason from the next in rank that says something else.
ranked as (
    select
        *,
        row_number() over (partition by operation_key order by is_repeated, rank_in_operation) as place
    from beside_each_other
),

reasons as (
    select operation_key, rank_in_operation, why from ranked
    union all
    select operation_key, 1 as rank_in_operation, why from ranked where place = 1
),

usage_observations as (
    select
        {{ key_as_text('observations.operation_key') }} as operation_key,
        cast(observations.rank_in_operation as integer) as rank_in_operation,
        observations.is_effective,
        case
            when reasons.why is not null then reasons.why
            when observations.is_effective then 'it is the only record'
            else 'it repeats the record that counts'
        end as why,
        observations.verdict,
        observations.kind,
        observations.status,
        observations.source,
        observations.counted_credits as observed_credits,
        observations.record_id,
        observations.interaction_id,
        observations.user_id,
        observations.tenant_id,
        observations.model,
        observations.input_tokens,
        observations.output_tokens,
        observations.cached_input_tokens,
        observations.created_at,
        observations.captured_at,
        observations.usage_date,
        files.path as file,
        observations.line_number as line_in_file
    from observations
    inner join files on observations.file_id = files.file_id
    left join reasons
        on
            observations.operation_key = reasons.operation_key
            and observations.rank_in_operation = reasons.rank_in_operation
)

select * from usage_observations
