{# The forecast of a month: a weekday profile and a trend of the last weeks. #}

{# How many weeks a forecast looks back, and how many it needs. #}
{% macro weeks_of_forecast() -%}
    {{ return(13) }}
{%- endmacro %}

{% macro least_weeks_of_forecast() -%}
    {{ return(8) }}
{%- endmacro %}

{# How many of the last weeks are left out, and then compared, to test a forecast. #}
{% macro weeks_of_test() -%}
    {{ return(4) }}
{%- endmacro %}

{# How much of the trend a forecast goes on with: trends seldom go on as they were. #}
{% macro share_of_trend() -%}
    {{ return('0.5') }}
{%- endmacro %}

{# How much the level of use is taken to drift in a week, as a share of it. #}
{% macro drift_in_a_week_of_forecast() -%}
    {{ return('0.01') }}
{%- endmacro %}

{#
    The 90th percentile of Student's t distribution for a number of weeks less two: how many standard errors the bounds
    are away, so that four of five true values lie between them.
#}
{% macro percentile_of_forecast(weeks) -%}
    {%- set percentiles = {8: '1.440', 9: '1.415', 10: '1.397', 11: '1.383', 12: '1.372', 13: '1.363'} -%}
    case {{ weeks }}
                {%- for number, percentile in percentiles.items() %}
                when {{ number }} then {{ percentile }}
                {%- endfor %}
            end
{%- endmacro %}
