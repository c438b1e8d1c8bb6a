with purchase_days as (
    select * from {{ ref('int_purchase_days') }}
),

profiles as (
    select * from {{ ref('int_usage_profiles') }}
),

-- What is left in the purchases up to each one, in the order of use.
cumulated as (
    select
        *,
        cast(sum(left_credits) over (partition by account_key, balance_date order by place) as decimal(38, 9))
            as left_up_to_here,
        {{ days_between('balance_date', 'expires_on') }} - 1 as days_until_it_expires
    from purchase_days
),

expected as (
    select
        cumulated.account_key,
        cumulated.balance_date,
        cumulated.left_credits,
        -- What is left up to a purchase and not used until it expires is lost.
        case
            when cumulated.expires_on is not null then cast(
                cumulated.left_up_to_here
                - {{ whole_weeks('cumulated.days_until_it_expires') }} * profiles.credits_of_7
                - {{ expected_of('profiles', 'cumulated.days_until_it_expires % 7') }}
                as decimal(38, 9)
            )
        end as expected_to_expire
    from cumulated
    inner join profiles
        on cumulated.account_key = profiles.account_key and cumulated.balance_date = profiles.date_day
    where profiles.credits_of_7 > 0
),

usable as (
    select
        account_key,
        balance_date,
        cast(greatest(
            sum(left_credits) - greatest(coalesce(max(expected_to_expire), 0), 0), 0.000000001
        ) as decimal(38, 9)) as usable_credits
    from expected
    group by account_key, balance_date
),

-- Beyond ten years nothing is said.
within_sight as (
    select
        usable.account_key,
        usable.balance_date,
        usable.usable_credits,
        {{ steps_to_reach('usable.usable_credits', 'profiles.credits_of_7', 520) }} as weeks_to_reach,
        {{ margin_of_use(
            'usable.usable_credits', 'profiles.credits_of_7', 'profiles.weeks', 'profiles.credits_of_weeks',
            'profiles.squares_of_weeks', percentile_for('profiles.weeks'), drift_in_a_week()
        ) }} as margin
    from usable
    inner join profiles on usable.account_key = profiles.account_key and usable.balance_date = profiles.date_day
    where usable.usable_credits <= profiles.credits_of_7 * 520
),

bounded as (
    select
        *,
        cast(usable_credits - least(margin, usable_credits) as decimal(38, 9)) as few_credits,
        cast(usable_credits + margin as decimal(38, 9)) as many_credits
    from within_sight
),

bounds as (
    select
        bounded.account_key,
        bounded.balance_date,
        bounded.usable_credits,
        bounded.few_credits,
        bounded.many_credits,
        bounded.weeks_to_reach,
        case
            when bounded.few_credits > 0
                then {{ steps_to_reach('bounded.few_credits', 'profiles.credits_of_7', 5200) }}
        end as few_weeks,
        {{ steps_to_reach('bounded.many_credits', 'profiles.credits_of_7', 5200) }} as many_weeks
    from bounded
    inner join profiles on bounded.account_key = profiles.account_key and bounded.balance_date = profiles.date_day
),

in_days as (
    select
        bounds.account_key,
        bounds.balance_date,
        cast({{ day_of_reaching('bounds.usable_credits', 'bounds.weeks_to_reach', 'profiles') }} as integer)
            as runway_days,
        cast({{ days_rounded('bounds.few_credits', 'bounds.few_weeks', 'profiles') }} as integer) as few_days,
        cast({{ days_rounded('bounds.many_credits', 'bounds.many_weeks', 'profiles') }} as integer) as many_days
    from bounds
    inner join profiles on bounds.account_key = profiles.account_key and bounds.balance_date = profiles.date_day
)

select
    account_key,
    balance_date,
    runway_days,
    least(few_days + 1, runway_days) as runway_days_low,
    greatest(many_days, runway_days) as runway_days_high
from in_days
