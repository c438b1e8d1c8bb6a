with totals as (
    select * from {{ ref('int_day_totals') }}
),

as_of as (
    select * from {{ ref('int_as_of') }} where as_of_date is not null
),

calendar as (
    {{ every_day('(select min(reporting_date) from totals)', '(select as_of_date from as_of)') }}
),

weeks as (
    select
        calendar.date_day,
        sum(totals.credits) over week as credits,
        sum(totals.unmapped_credits) over week as unmapped_credits,
        sum(totals.operations) over week as operations,
        sum(totals.unreported_operations) over week as unreported_operations
    from calendar
    left join totals on calendar.date_day = totals.reporting_date
    window week as (order by calendar.date_day rows between 6 preceding and current row)
),

shares as (
    select
        'unmapped_share' as alert_type,
        date_day,
        unmapped_credits as part,
        credits as whole,
        {{ most_unmapped() }} as threshold,
        ' of the credits of the 7 days up to ' as part_of,
        ' have no known user or tenant' as what
    from weeks
    union all
    select
        'unreported_share' as alert_type,
        date_day,
        unreported_operations as part,
        operations as whole,
        {{ most_unreported() }} as threshold,
        ' of the operations of the 7 days up to ' as part_of,
        ' never reported their usage' as what
    from weeks
),

-- Consecutive days have the same difference from their row number.
too_large as (
    select
        *,
        {{ days_between("date '1900-01-01'", 'date_day') }}
        - row_number() over (partition by alert_type order by date_day) as island
    from shares
    where part > threshold * whole
),

islands as (
    select
        alert_type,
        min(date_day) as first_seen_on,
        max(date_day) as last_seen_on
    from too_large
    group by alert_type, island
)

select
    {{ key_as_text(narrow_key(['islands.alert_type', 'cast(islands.first_seen_on as string)'])) }} as alert_key,
    islands.alert_type,
    'warehouse' as scope,
    cast(null as string) as tenant_id,
    cast(null as string) as user_id,
    cast(null as string) as kind,
    islands.first_seen_on as period_start,
    islands.first_seen_on,
    islands.last_seen_on,
    islands.last_seen_on = as_of.as_of_date as is_open,
    {{ exact_ratio('last_day.part', 'last_day.whole') }} as measured,
    cast(last_day.threshold as decimal(38, 9)) as threshold,
    {{ sentence([
        "case when " ~ exact_ratio('last_day.part', 'last_day.whole') ~ " = last_day.threshold then 'Just over ' end",
        in_percent(exact_ratio('last_day.part', 'last_day.whole'), ['last_day.threshold']), "last_day.part_of",
        "cast(islands.last_seen_on as string)", "last_day.what", "'; up to '",
        in_percent_exactly('last_day.threshold'), "' is accepted.'",
    ]) }} as summary
from islands
inner join too_large as last_day
    on islands.alert_type = last_day.alert_type and islands.last_seen_on = last_day.date_day
cross join as_of
