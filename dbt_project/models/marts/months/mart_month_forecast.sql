with weeks as (
    select * from {{ ref('int_forecast_weeks') }}
),

trends as (
    select
        *,
        {{ weeks_made_up('days_left', 'credits_of_part', 'credits_of_weeks') }} as weeks_left,
        {{ average_week('weeks', 'credits_of_weeks') }} as average,
        {{ rise_in_a_week('weeks', 'credits_of_weeks', 'numbered_credits') }} as rise,
        {{ weeks_to_the_middle('weeks', 'days_left') }} as weeks_ahead,
        weeks - {{ weeks_of_test() }} as earlier_weeks
    from weeks
),

variances as (
    select
        *,
        {{ variance_around_the_line('weeks', 'credits_of_weeks', 'squares_of_weeks', 'rise') }} as variance
    from trends
),

-- The last weeks are forecast from the earlier ones too, as a test.
expectations as (
    select
        *,
        {{ expected_use('weeks_left', 'average', 'rise', 'weeks_ahead') }} as expected,
        {{ margin_of_forecast('weeks', 'weeks_left', 'average', 'variance', 'weeks_ahead') }} as margin,
        case
            when earlier_weeks >= {{ least_weeks_of_forecast() }} then {{ expected_use(
                weeks_of_test(),
                average_week('earlier_weeks', 'credits_of_earlier_weeks'),
                rise_in_a_week('earlier_weeks', 'credits_of_earlier_weeks', 'numbered_credits_of_earlier_weeks'),
                weeks_to_the_middle('earlier_weeks', 7 * weeks_of_test())
            ) }}
        end as credits_of_last_weeks_expected
    from variances
),

-- Binary fractions end here: three places are the same on each engine.
rounded as (
    select
        entity_type,
        entity_id,
        month_start,
        as_of_date,
        days_left,
        weeks,
        credits_to_date,
        cast(expected as decimal(18, 3)) as expected_credits,
        cast(greatest(expected - margin, 0) as decimal(18, 3)) as expected_credits_low,
        cast(expected + margin as decimal(18, 3)) as expected_credits_high,
        cast({{ share_of_trend() }} * rise as decimal(18, 3)) as trend_credits_per_week,
        case
            when credits_of_last_weeks > 0 and credits_of_last_weeks_expected is not null then cast(least(
                {{ error_share('credits_of_last_weeks_expected', 'credits_of_last_weeks') }}, 1000000
            ) as decimal(18, 3))
        end as backtest_error_share
    from expectations
),

forecasts as (
    select
        entity_type,
        entity_id,
        month_start,
        as_of_date,
        days_left,
        credits_to_date,
        cast(expected_credits as decimal(38, 9)) as expected_credits,
        cast(credits_to_date + expected_credits as decimal(38, 9)) as forecast_credits,
        cast(credits_to_date + expected_credits_low as decimal(38, 9)) as forecast_credits_low,
        cast(credits_to_date + expected_credits_high as decimal(38, 9)) as forecast_credits_high,
        weeks as weeks_of_history,
        cast(trend_credits_per_week as decimal(38, 9)) as trend_credits_per_week,
        cast(backtest_error_share as decimal(38, 9)) as backtest_error_share
    from rounded
)

select * from forecasts
