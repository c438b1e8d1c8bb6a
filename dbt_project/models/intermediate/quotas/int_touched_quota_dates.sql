{% set published = last_published_load() %}

with touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),

totals as (
    select * from {{ ref('int_day_totals') }}
),

landed_quotas as (
    select file_id from {{ source('raw', 'landed_files') }} where dataset = 'quotas' and load_id > {{ published }}
),

touched as (
    select reporting_date from touched_dates
    union
    -- If a quota may have changed, all days with usage are added up again.
    select reporting_date
    from totals
    where exists (select 1 from landed_quotas)
)

select reporting_date from touched
