{{ config(
    materialized='incremental',
    incremental_strategy='replace_by_key',
    unique_key='file_id',
) }}

with landed_files as (
    select * from {{ source('raw', 'landed_files') }}
    where dataset = 'usage_records'
),

records as (
    select * from {{ ref('stg_usage_records') }}
    {% if is_incremental() -%}
    -- Grouped by file: a file that is read again keeps the records that it had.
    where file_id in (select file_id from landed_files where load_id > {{ last_published_load() }})
    {%- endif %}
),

files as (
    select
        file_id,
        landed_at,
        {{ source_of_file('path') }} as source
    from landed_files
),

-- A later read of an operation is not a sign of life of the capturing source.
seen as (
    select
        files.file_id,
        files.source,
        least(coalesce(records.captured_at, records.created_at), files.landed_at) as seen_at
    from records
    inner join files on records.file_id = files.file_id
    where records.source = 'created'
)

select
    file_id,
    source,
    {{ start_of_hour('seen_at') }} as hour_start,
    count(*) as records,
    min(seen_at) as first_record_at,
    max(seen_at) as last_record_at
from seen
group by file_id, source, {{ start_of_hour('seen_at') }}
