-- depends_on: {{ ref('int_touched_records') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='record_id',
    meta={'touched_by': 'int_touched_records'},
) }}

with observations as {{ computed_where_read() }} (
    select * from {{ ref('int_usage_observations') }}
),

files as (
    select * from {{ source('raw', 'landed_files') }}
),

touched_records as (
    select * from {{ ref('int_touched_records') }}
),

-- Keys are looked up in the narrow columns; then the rows are read from the dates that can contain them.
concerned_dates as (
    select distinct usage_date from observations where record_key in (select record_key from touched_records)
),

conflicting as {{ computed_once() }} (
    select *
    from observations
    where
        usage_date in (select usage_date from concerned_dates)
        and record_key in (select record_key from touched_records)
),

placed as (
    select
        conflicting.*,
        files.path,
        {{ record_content() }} as content_key
    from conflicting
    inner join files on conflicting.file_id = files.file_id
),

-- Content that came several times is listed once, with the first place by name.
contents as (
    select
        record_id,
        operation_key,
        content_key,
        min(rank_in_operation) = 1 as is_effective,
        min(path || ':' || cast(line_number as string)) as place,
        min({{ readable_content() }}) as content
    from placed
    group by record_id, operation_key, content_key
),

numbered as (
    select
        *,
        row_number() over (
            partition by record_id order by is_effective desc, content asc, content_key asc
        ) as content_number
    from contents
),

pairs as (
    select
        strongest.record_id,
        strongest.content as first_content,
        strongest.place as first_place,
        other.content as second_content,
        other.place as second_place,
        case
            when strongest.is_effective and other.is_effective then 'both'
            when strongest.is_effective then 'first'
            else 'neither'
        end as which_counts
    from numbered as strongest
    inner join numbered as other on strongest.record_id = other.record_id and other.content_number > 1
    where strongest.content_number = 1
)

select * from pairs
