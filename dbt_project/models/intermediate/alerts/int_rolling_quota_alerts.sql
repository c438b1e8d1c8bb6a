with consumption as (
    select
        *,
        row_number() over (partition by quota_key order by last_day) as row_of_quota,
        {{ days_between('period_start', 'last_day') }}
        - {{ days_between('lag(last_day) over (partition by quota_key order by last_day)', 'last_day') }}
            as days_shared
    from {{ ref('mart_quota_consumption') }}
    where {{ is_rolling('period') }}
),

-- A series ends with a period of another status, with another limit, or before one that shares no day with it.
limited as (
    select
        *,
        case
            when
                days_shared >= 0
                and status = lag(status) over of_quota
                and allowance_credits = lag(allowance_credits) over of_quota
                and warn_at = lag(warn_at) over of_quota
                then 0
            else 1
        end as begins
    from consumption
    window of_quota as (partition by quota_key order by row_of_quota)
),

numbered as (
    select
        *,
        sum(begins) over (partition by quota_key order by row_of_quota) as series
    from limited
),

-- A quota of 0 warns of nothing, and is not used by a period without use.
bounds as (
    select
        quota_key,
        series,
        min(last_day) as first_seen_on,
        max(last_day) as last_seen_on
    from numbered
    where status = 'over' or (status = 'warn' and used_credits > 0)
    group by quota_key, series
),

described as (
    select
        last_period.*,
        bounds.first_seen_on,
        bounds.last_seen_on,
        case last_period.status when 'over' then 'quota_exceeded' else 'quota_warned' end as alert_type,
        cast(
            case
                when last_period.status = 'over' then last_period.allowance_credits
                else last_period.warn_at * last_period.allowance_credits
            end as decimal(38, 9)
        ) as threshold,
        {{ sentence([
            "case when last_period.user_id is null then 'Tenant ' else 'User ' end",
            "coalesce(last_period.user_id, last_period.tenant_id)",
            "case when last_period.user_id is not null then ' of tenant ' || last_period.tenant_id end",
            "' has used '", plainly('last_period.used_credits'),
            "' of '", plainly('last_period.allowance_credits'),
            "' credits'", "' for ' || last_period.kind",
            "' in the '", "cast(" ~ days_between('last_period.period_start', 'last_period.period_end') ~ " as string)",
            "' days up to '", "cast(last_period.last_day as string)",
        ]) }} as used_of_allowed
    from bounds
    inner join numbered as last_period
        on
            bounds.quota_key = last_period.quota_key
            and bounds.series = last_period.series
            and bounds.last_seen_on = last_period.last_day
)

select
    {{ key_as_text(narrow_key(['alert_type', 'quota_key', 'cast(first_seen_on as string)', plainly('threshold')])) }}
        as alert_key,
    alert_type,
    quota_key,
    scope,
    tenant_id,
    user_id,
    kind,
    {{ period_start_of('period', 'first_seen_on') }} as period_start,
    first_seen_on,
    last_seen_on,
    case
        when status = 'over' then last_seen_on > {{ days_later('as_of_date', -days_open()) }}
        else is_current
    end as is_open,
    used_credits as measured,
    threshold,
    case
        when status = 'over'
            then {{ sentence([
                "used_of_allowed", "', '", plainly('used_credits - allowance_credits'), "' too many.'",
            ]) }}
        else {{ sentence([
            "used_of_allowed", "', '", in_percent('used_share', ['1', 'warn_at']), "'; it warns at '",
            in_percent_exactly('warn_at'), "'.'",
        ]) }}
    end as summary
from described
