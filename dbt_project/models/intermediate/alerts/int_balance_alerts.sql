with balances as (
    select
        *,
        remaining_credits = 0 as is_exhausted,
        {{ days_between("date '1900-01-01'", 'balance_date') }} as day_number,
        {{ key_as_text(narrow_key(['environment', 'corti_tenant'])) }} as account_key
    from {{ ref('mart_credit_balance') }}
),

-- Consecutive days have the same difference from their row number.
short as (
    select
        *,
        day_number
        - row_number() over (partition by account_key, is_exhausted order by balance_date) as island
    from balances
    where is_exhausted or runway_days_low < {{ runway_alert_days() }}
),

islands as (
    select
        account_key,
        is_exhausted,
        min(balance_date) as first_seen_on,
        max(balance_date) as last_seen_on,
        cast(sum(overdrawn_credits) as decimal(38, 9)) as overdrawn_credits
    from short
    group by account_key, is_exhausted, island
),

described as (
    select
        islands.*,
        case when islands.is_exhausted then 'balance_exhausted' else 'balance_low' end as alert_type,
        last_day.is_current,
        last_day.runway_days_low,
        {{ sentence([
            "'Account '", "coalesce(last_day.environment, '?')", "'/'", "coalesce(last_day.corti_tenant, '?')", "': '",
        ]) }} as named,
        case
            when islands.is_exhausted then {{ sentence([
                "'no credits have been left since '", "cast(islands.first_seen_on as string)",
                "case
                    when islands.overdrawn_credits > 0
                        then '; ' || " ~ plainly('islands.overdrawn_credits') ~ " || ' were used beyond them'
                end",
            ]) }}
            else {{ sentence([
                plainly('last_day.remaining_credits'), "' credits were left on '",
                "cast(islands.last_seen_on as string)", "'; they last '", "cast(last_day.runway_days_low as string)",
                "' to '", "cast(last_day.runway_days_high as string)", "' days'",
            ]) }}
        end as what
    from islands
    inner join short as last_day
        on islands.account_key = last_day.account_key and islands.last_seen_on = last_day.balance_date
)

select
    {{ key_as_text(narrow_key(['alert_type', 'account_key', 'cast(first_seen_on as string)'])) }} as alert_key,
    alert_type,
    'account' as scope,
    cast(null as string) as tenant_id,
    cast(null as string) as user_id,
    cast(null as string) as kind,
    first_seen_on as period_start,
    first_seen_on,
    last_seen_on,
    is_current as is_open,
    cast(case when is_exhausted then overdrawn_credits else runway_days_low end as decimal(38, 9)) as measured,
    cast(case when is_exhausted then 0 else {{ runway_alert_days() }} end as decimal(38, 9)) as threshold,
    named || what || '.' as summary
from described
