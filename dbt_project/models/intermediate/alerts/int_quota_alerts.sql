with consumption as (
    select * from {{ ref('mart_quota_consumption') }} where not {{ is_rolling('period') }}
),

usage as (
    select * from {{ ref('int_quota_usage') }}
),

-- A limit is reached on the first day on which the credits of the period so far reach or exceed it.
crossed as (
    select
        consumption.quota_key,
        consumption.period_start,
        min(case
            when usage.used_so_far >= consumption.warn_at * consumption.allowance_credits then usage.reporting_date
        end) as warned_on,
        min(case when usage.used_so_far > consumption.allowance_credits then usage.reporting_date end) as exceeded_on
    from consumption
    inner join usage
        on consumption.quota_key = usage.quota_key and consumption.period_start = usage.period_start
    where consumption.status in ('warn', 'over') and usage.reporting_date <= consumption.last_day
    group by consumption.quota_key, consumption.period_start
),

described as (
    select
        consumption.*,
        crossed.warned_on,
        crossed.exceeded_on,
        {{ sentence([
            "case when consumption.user_id is null then 'Tenant ' else 'User ' end",
            "coalesce(consumption.user_id, consumption.tenant_id)",
            "case when consumption.user_id is not null then ' of tenant ' || consumption.tenant_id end",
            "' has used '", plainly('consumption.used_credits'),
            "' of '", plainly('consumption.allowance_credits'),
            "' credits'", "' for ' || consumption.kind",
            "' in the '", "consumption.period", "' from '", "cast(consumption.period_start as string)",
        ]) }} as used_of_allowed
    from consumption
    inner join crossed
        on consumption.quota_key = crossed.quota_key and consumption.period_start = crossed.period_start
),

-- If the limit is exceeded on the day of the warning, there is no warning.
warned as (
    select
        *,
        'quota_warned' as alert_type,
        warned_on as first_seen_on,
        coalesce({{ days_later('exceeded_on', -1) }}, last_day) as last_seen_on,
        is_current and exceeded_on is null as is_open,
        cast(warn_at * allowance_credits as decimal(38, 9)) as threshold,
        {{ sentence([
            "used_of_allowed", "', '", in_percent('used_share', ['1', 'warn_at']), "'; it warns at '",
            in_percent_exactly('warn_at'), "'.'",
        ]) }} as summary
    from described
    where allowance_credits > 0 and warned_on is not null and (exceeded_on is null or exceeded_on > warned_on)
),

-- A period may be over before the next run, so alerts are open for some days after its end.
exceeded as (
    select
        *,
        'quota_exceeded' as alert_type,
        exceeded_on as first_seen_on,
        last_day as last_seen_on,
        last_day > {{ days_later('as_of_date', -days_open()) }} as is_open,
        allowance_credits as threshold,
        {{ sentence(["used_of_allowed", "', '", plainly('used_credits - allowance_credits'), "' too many.'"]) }}
            as summary
    from described
    where exceeded_on is not null
),

crossings as (
    select * from warned
    union all
    select * from exceeded
)

-- Another limit in the same period is another alert, which is delivered again.
select
    {{ key_as_text(narrow_key(['alert_type', 'quota_key', 'cast(period_start as string)', plainly('threshold')])) }}
        as alert_key,
    alert_type,
    quota_key,
    scope,
    tenant_id,
    user_id,
    kind,
    period_start,
    first_seen_on,
    last_seen_on,
    is_open,
    used_credits as measured,
    threshold,
    summary
from crossings
