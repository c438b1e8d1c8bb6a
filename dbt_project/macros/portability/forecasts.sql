{# The forecast of a month, in binary fractions, which all engines compute alike from exact sums. Models round them. #}

{# The credits of an average week. #}
{% macro average_week(weeks, sum) -%}
    (cast({{ sum }} as double) / cast({{ weeks }} as double))
{%- endmacro %}

{#
    The rise in a week of the straight line that lies nearest to the weeks (least squares). Week 1 is the last one, so
    `numbered_sum`, the sum of each week's number times its credits, is small if use rises.
#}
{% macro rise_in_a_week(weeks, sum, numbered_sum) -%}
    (
            ((cast({{ weeks }} as double) + 1) / 2 * cast({{ sum }} as double) - cast({{ numbered_sum }} as double))
            / {{ spread_of_weeks(weeks) }}
        )
{%- endmacro %}

{# The sum of the squares of how far each week is from the middle of all. #}
{% macro spread_of_weeks(weeks) -%}
    (cast({{ weeks }} as double) * (cast({{ weeks }} as double) * cast({{ weeks }} as double) - 1) / 12)
{%- endmacro %}

{# How many average weeks some days make up: whole weeks, and a part that has its weekdays' share of all past credits. #}
{% macro weeks_made_up(days, part, sum) -%}
    (cast({{ days }} - {{ days }} % 7 as double) / 7 + cast({{ part }} as double) / cast({{ sum }} as double))
{%- endmacro %}

{# How many weeks lie from the middle of the past weeks to that of so many days ahead. #}
{% macro weeks_to_the_middle(weeks, days) -%}
    ((cast({{ days }} as double) - 7) / 14 + (cast({{ weeks }} as double) + 1) / 2)
{%- endmacro %}

{# What some weeks ahead are expected to use, at the average and a share of the rise. #}
{% macro expected_use(weeks_made_up, average, rise, weeks_ahead) -%}
    ({{ weeks_made_up }} * greatest({{ average }} + {{ share_of_trend() }} * {{ rise }} * {{ weeks_ahead }}, 0))
{%- endmacro %}

{# The variance of a week around the part of the line that counts. #}
{% macro variance_around_the_line(weeks, sum, squares, rise) -%}
    greatest(
            (
                cast({{ squares }} as double) - {{ average_week(weeks, sum) }} * cast({{ sum }} as double)
                - {{ share_of_trend() }} * (2 - {{ share_of_trend() }}) * {{ rise }} * {{ rise }} * {{ spread_of_weeks(weeks) }}
            ) / (cast({{ weeks }} as double) - 1 - {{ share_of_trend() }}),
            0
        )
{%- endmacro %}

{#
    How far the use of some weeks ahead may lie from what is expected. Added up are the variances of the weeks ahead, of
    the average, of the trend, and of a drift of the level.
#}
{% macro margin_of_forecast(weeks, weeks_made_up, average, variance, weeks_ahead) -%}
    cast({{ percentile_of_forecast(weeks) }} as double) * sqrt(
            {{ variance }} * {{ weeks_made_up }}
            + {{ variance }} * {{ weeks_made_up }} * {{ weeks_made_up }} * (
                1 / cast({{ weeks }} as double)
                + {{ share_of_trend() }} * {{ share_of_trend() }} * {{ weeks_ahead }} * {{ weeks_ahead }} / {{ spread_of_weeks(weeks) }}
            )
            + {{ drift_in_a_week_of_forecast() }} * {{ drift_in_a_week_of_forecast() }} * {{ average }} * {{ average }}
            * {{ weeks_made_up }} * {{ weeks_made_up }} * ({{ weeks_made_up }} / 3 + 2)
        )
{%- endmacro %}

{# How far a forecast is from a true amount above 0, as a share of it. #}
{% macro error_share(forecast, true_amount) -%}
    abs({{ forecast }} - cast({{ true_amount }} as double)) / cast({{ true_amount }} as double)
{%- endmacro %}
