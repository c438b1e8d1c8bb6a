{{ config(meta={'dagster': {'ref': {'name': 'int_usage_observations'}}}) }}

with landed as (
    select
        file_id,
        count(*) as records,
        coalesce(sum(credits), 0) as credits,
        sum(line_number) as line_numbers
    from {{ source('raw', 'usage_records') }}
    group by file_id
),

observed as (
    select
        file_id,
        count(*) as records,
        coalesce(sum(credits), 0) as credits,
        sum(line_number) as line_numbers
    from {{ ref('int_usage_observations') }}
    group by file_id
)

{{ differences('landed', 'observed', ['file_id'], ['records', 'credits', 'line_numbers']) }}
