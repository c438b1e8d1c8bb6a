{{ config(
    materialized='incremental',
    incremental_strategy='replace_by_key',
    unique_key='operation_key',
    meta={'partitioned_by': 'usage_date'},
) }}

{#- The columns that identify a row, and those of its content. -#}
{% set keys = ['operation_key', 'record_key', 'load_id', 'file_id', 'line_number'] %}
{% set passed_on = keys + usage_record_columns() + ['counted_credits'] %}
{% set is_crowded -%}
    operation_key in (select operation_key from crowded_operations)
        or (record_key is not null and record_key in (select record_key from crowded_records))
{%- endset %}

with landed as (
    select *, cast(null as string) as verdict
    from {{ ref('stg_usage_records') }}
    {% if is_incremental() -%}
    where load_id > (select coalesce(max(already.load_id), 0) from {{ this }} as already)
    {%- endif %}
),

{% if is_incremental() -%}
-- Keys are looked up in the narrow columns, each by itself, so that the engine compares few keys while it scans; then
-- the rows are read from the dates that can contain them.
known as (
    select operation_key, usage_date
    from {{ this }}
    where operation_key in (select operation_key from landed)
    union all
    select operation_key, usage_date
    from {{ this }}
    where record_key in (select record_key from landed where record_key is not null)
),

candidates as {{ computed_once() }} (
    select {{ passed_on | join(', ') }}, verdict, true as is_concerned from landed
    union all
    select {{ passed_on | join(', ') }}, verdict, operation_key in (select operation_key from landed) as is_concerned
    from {{ this }}
    where
        usage_date in (select usage_date from known)
        and operation_key in (select operation_key from known)
),
{%- else -%}
-- All of history joined with itself would not fit in memory.
candidates as {{ computed_where_read() }} (
    select {{ passed_on | join(', ') }}, verdict, true as is_concerned from landed
),
{%- endif %}

crowded_operations as (
    select operation_key from candidates group by operation_key having count(*) > 1
),

crowded_records as (
    select record_key from candidates where record_key is not null group by record_key having count(*) > 1
),

-- Most records are the only one of their operation and id, and need no comparison.
crowded as (
    select * from candidates where {{ is_crowded }}
),

compared as (
    select * from ({{ compare_observations('crowded') }}) as beside_each_other
),

validated as (
    select
        {{ passed_on | join(', ') }},
        'new' as verdict,
        1 as rank_in_operation,
        1 as observations,
        load_id as last_load_id,
        coalesce(created_at, captured_at) as occurred_at
    from candidates
    where not ({{ is_crowded }})

    union all

    select
        {{ passed_on | join(', ') }},
        verdict,
        rank_in_operation,
        observations,
        last_load_id,
        occurred_at
    from compared
    where is_concerned
)

select
    {{ passed_on | join(',\n    ') }},
    verdict,
    rank_in_operation,
    rank_in_operation = 1 as is_effective,
    observations,
    last_load_id,
    occurred_at,
    cast(occurred_at as date) as usage_date
from validated
