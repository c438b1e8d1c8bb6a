with gaps as (
    select
        *,
        our_credits - provider_credits as gap,
        {{ seconds_later('window_from', -edge_seconds()) }} as edge_from,
        {{ seconds_later('window_to', edge_seconds()) }} as edge_to
    from {{ ref('int_provider_totals') }}
    where our_credits <> provider_credits
),

fact as {{ computed_where_read() }} (
    select * from {{ ref('fct_credit_usage') }}
),

double_charges as (
    select distinct second_operation_key as operation_key from {{ ref('mart_double_charges') }}
),

missing_captures as (
    select * from {{ ref('mart_missing_captures') }}
),

averages as (
    select * from {{ ref('int_average_credits') }}
),

-- Windows are cut to the days on which something happened.
bounds as (
    select
        min(first_day) as first_day,
        max(last_day) as last_day
    from (
        select min(usage_date) as first_day, max(usage_date) as last_day from fact
        union all
        select min(cast(created_at as date)) as first_day, max(cast(created_at as date)) as last_day
        from missing_captures
    ) as spans
    where exists (select 1 from gaps)
),

days as (
    select
        gaps.*,
        window_days.date_day
    from gaps
    cross join bounds
    cross join lateral ({{ every_day(
        'greatest(cast(gaps.edge_from as date), bounds.first_day)',
        'least(cast(gaps.edge_to as date), bounds.last_day)'
    ) }}) as window_days
),

{% for owner in ['user_id', 'tenant_id', none] -%}
by_{{ owner or 'account' }} as (
    select
        days.total_key,
        fact.kind,
        fact.status,
        fact.credits,
        {{ cause_of('fact', 'days', 'double_charges') }} as cause
    from fact
    inner join days on {{ in_window('fact', 'days', owner, 'edge_from', 'edge_to') }}
    left join double_charges on fact.operation_key = double_charges.operation_key
),

{% endfor -%}
not_captured as (
    select
        days.total_key,
        missing_captures.kind,
        'unreported' as status,
        cast(0 as decimal(18, 9)) as credits,
        'not captured' as cause
    from missing_captures
    inner join days
        on
            cast(missing_captures.created_at as date) = days.date_day
            and missing_captures.created_at between days.window_from and days.window_to
            and coalesce(days.user_id, missing_captures.user_id) = missing_captures.user_id
            and coalesce(days.tenant_id, missing_captures.tenant_id) = missing_captures.tenant_id
            and {{ of_account_given('missing_captures', 'days') }}
    where days.gap < 0
),

found as (
    select * from by_user_id
    union all
    select * from by_tenant_id
    union all
    select * from by_account
    union all
    select * from not_captured
),

-- What has no figure counts as much as an operation of its kind does on average.
at_stake as (
    select
        found.total_key,
        found.cause,
        cast(sum(
            case when found.status = 'unreported' then coalesce(averages.credits, 0) else found.credits end
        ) as decimal(38, 9)) as credits_at_stake,
        count(*) as operations
    from found
    left join averages on found.kind = averages.kind
    where found.cause is not null
    group by found.total_key, found.cause
)

select * from at_stake
