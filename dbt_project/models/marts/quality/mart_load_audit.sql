{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='file_id',
) }}

with landed_files as (
    select * from {{ source('raw', 'landed_files') }} where dataset = 'usage_records'
),

loads as (
    select * from {{ source('raw', 'loads') }}
),

observations as (
    select * from {{ ref('int_usage_observations') }}
),

verdicts as (
    select
        file_id,
        {% for verdict in ['new', 'duplicate', 'correction', 'conflict'] -%}
        count(*) filter (where verdict = '{{ verdict }}') as {{ verdict }}_records{{ ',' if not loop.last }}
        {% endfor %}
    from observations
    {% if is_incremental() -%}
    where load_id > {{ last_published_load() }}
    {%- endif %}
    group by file_id
),

audited as (
    select
        landed_files.file_id,
        landed_files.path as file,
        landed_files.sha256,
        landed_files.lines,
        {% for verdict in ['new', 'duplicate', 'correction', 'conflict'] -%}
        coalesce(verdicts.{{ verdict }}_records, 0) as {{ verdict }}_records,
        {% endfor -%}
        landed_files.rejected as rejected_lines,
        landed_files.credits_accepted,
        landed_files.credits_rounded as rounded_records,
        landed_files.landed_at,
        loads.run_id
    from landed_files
    inner join loads on landed_files.load_id = loads.load_id
    left join verdicts on landed_files.file_id = verdicts.file_id
    {% if is_incremental() -%}
    where landed_files.load_id > {{ last_published_load() }}
    {%- endif %}
)

select * from audited
