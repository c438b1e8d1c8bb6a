with windows as (
    select * from {{ ref('int_quota_windows') }}
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

daily as (
    select * from {{ ref('agg_credits_daily') }}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

as_of as (
    select * from {{ ref('int_as_of') }} where as_of_at is not null
),

quotas as (
    select distinct
        quota_key,
        tenant_id,
        user_id
    from windows
),

user_tenants as (
    select
        user_id,
        tenant_id,
        max(reporting_date) as last_used_on
    from daily
    where
        user_id in (select user_id from quotas where tenant_id is null)
        and tenant_id <> {{ unmapped() }}
    group by user_id, tenant_id
),

-- A user has no zone of its own; it gets the zone of the customer whose credits it used last.
last_tenants as (
    select
        user_id,
        tenant_id,
        row_number() over (partition by user_id order by last_used_on desc, tenant_id desc) as place
    from user_tenants
),

last_usage as (
    select
        quota_key,
        max(reporting_date) as last_used_on
    from usage
    group by quota_key
),

of_tenants as (
    select
        quotas.quota_key,
        coalesce(quotas.tenant_id, last_tenants.tenant_id) as zone_tenant_id
    from quotas
    left join last_tenants
        on quotas.tenant_id is null and quotas.user_id = last_tenants.user_id and last_tenants.place = 1
),

in_zone as (
    select
        of_tenants.quota_key,
        of_tenants.zone_tenant_id,
        {{ date_in_zone('as_of.as_of_at', "coalesce(tenant_windows.timezone, 'UTC')") }} as local_date
    from of_tenants
    cross join as_of
    left join tenant_windows
        on
            of_tenants.zone_tenant_id = tenant_windows.tenant_id
            and {{ holds_at('tenant_windows', 'as_of.as_of_at') }}
),

-- Usage on a later date, because of an earlier zone or several customers of a user, is never left out.
subjects as (
    select
        in_zone.quota_key,
        in_zone.zone_tenant_id,
        greatest(in_zone.local_date, coalesce(last_usage.last_used_on, in_zone.local_date)) as as_of_date
    from in_zone
    left join last_usage on in_zone.quota_key = last_usage.quota_key
)

select * from subjects
