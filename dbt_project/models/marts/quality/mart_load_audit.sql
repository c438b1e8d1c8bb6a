{{ config(
    materialized='incremental',
    incremental_strategy='replace_by_key',
    unique_key='file_id',
) }}

with landed_files as (
    select * from {{ source('raw', 'landed_files') }}
    where dataset = 'usage_records'
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
        count(case when verdict = 'new' then 1 end) as new_records,
        count(case when verdict = 'duplicate' then 1 end) as duplicate_records,
        count(case when verdict = 'correction' then 1 end) as correction_records,
        count(case when verdict = 'conflict' then 1 end) as conflict_records
    from observations
    {% if is_incremental() -%}
    -- Grouped by file: a file that is read again keeps the records that it had.
    where file_id in (select file_id from landed_files where load_id > {{ last_published_load() }})
    {%- endif %}
    group by file_id
),

audited as (
    select
        landed_files.file_id,
        landed_files.path as file,
        landed_files.sha256,
        landed_files.lines,
        coalesce(verdicts.new_records, 0) as new_records,
        coalesce(verdicts.duplicate_records, 0) as duplicate_records,
        coalesce(verdicts.correction_records, 0) as correction_records,
        coalesce(verdicts.conflict_records, 0) as conflict_records,
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
