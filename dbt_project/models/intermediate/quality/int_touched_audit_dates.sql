with touched_operations as (
    select usage_date from {{ ref('int_touched_operations') }}
),

fact as (
    select * from {{ ref('fct_credit_usage') }}
),

pending as (
    select distinct dataset from {{ source('raw', 'landed_files') }} where load_id > {{ last_published_load() }}
),

-- A pair of operations may lie on both sides of midnight.
touched as (
    select usage_date from touched_operations
    union
    select {{ days_later('usage_date', 1) }} as usage_date from touched_operations
    union
    select usage_date
    from fact
    where
        (input_tokens is not null or output_tokens is not null)
        and exists (select 1 from pending where dataset = 'token_prices')
)

select * from touched
