with windows as (
    select * from {{ ref('int_quota_windows') }}
),

subjects as (
    select * from {{ ref('int_quota_subjects') }}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

-- What is in force at the end of a day counts for the whole day.
days as (
    select
        windows.quota_key,
        windows.tenant_id,
        windows.user_id,
        windows.kind,
        windows.period,
        windows.allowance_credits,
        windows.warn_at,
        windows.valid_from,
        {{ day_of_edge('windows.valid_from', 'zones_from.timezone') }} as first_day,
        {{ day_of_edge('windows.valid_to', 'zones_to.timezone') }} as end_day,
        subjects.as_of_date
    from windows
    inner join subjects on windows.quota_key = subjects.quota_key
    left join tenant_windows as zones_from
        on
            subjects.zone_tenant_id = zones_from.tenant_id
            and {{ holds_at('zones_from', 'windows.valid_from') }}
    left join tenant_windows as zones_to
        on
            subjects.zone_tenant_id = zones_to.tenant_id
            and {{ holds_at('zones_to', 'windows.valid_to') }}
)

select * from days
where end_day is null or first_day < end_day
