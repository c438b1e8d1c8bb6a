with levels as (
    select * from {{ ref('int_weekday_levels') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

-- A modified z-score is 0.6745 times the distance from the median, in median deviations. If a subject uses the same
-- every week, a tenth of the median is used as the deviation.
usual as (
    select
        *,
        greatest(
            {{ unusual_day_multiple() }} * median_credits,
            median_credits + {{ exact_ratio(
                unusual_day_score() ~ ' * greatest(deviation, 0.1 * median_credits)', '0.6745'
            ) }}
        ) as most_usual
    from levels
),

unusual as (
    select
        *,
        cast(greatest(most_usual, least_credits) as decimal(38, 9)) as threshold
    from usual
    where credits > most_usual
)

select
    {{ key_as_text(narrow_key(["'unusual_day'", 'unusual.scope', 'unusual.subject',
        'cast(unusual.reporting_date as string)'])) }} as alert_key,
    'unusual_day' as alert_type,
    unusual.scope,
    case when unusual.scope = 'tenant' then unusual.subject end as tenant_id,
    case when unusual.scope = 'user' then unusual.subject end as user_id,
    cast(null as string) as kind,
    unusual.reporting_date as period_start,
    unusual.reporting_date as first_seen_on,
    unusual.reporting_date as last_seen_on,
    unusual.reporting_date > {{ days_later('as_of.as_of_date', -days_open()) }} as is_open,
    unusual.credits as measured,
    unusual.threshold,
    {{ sentence([
        "case when unusual.scope = 'tenant' then 'Tenant ' else 'User ' end", "unusual.subject", "' used '",
        plainly('unusual.credits'), "' credits on '", "cast(unusual.reporting_date as string)",
        "'; up to '", plainly('unusual.threshold'), "' would be usual for that weekday.'",
    ]) }} as summary
from unusual
cross join as_of
