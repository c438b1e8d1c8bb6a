{# Prepaid credits. #}

{# Whether credits of a purchase can be used on a UTC date. #}
{% macro can_be_used_on(purchases, date) -%}
    {{ purchases }}.purchased_on <= {{ date }}
                and ({{ purchases }}.expires_on is null or {{ date }} < {{ purchases }}.expires_on)
{%- endmacro %}

{# How many weeks before a day its expected use is averaged over. #}
{% macro weeks_of_profile() -%}
    {{ return(8) }}
{%- endmacro %}

{# How much the level of use is taken to drift in a week, as a share of it: this widens bounds that lie far ahead. #}
{% macro drift_in_a_week() -%}
    {{ return('0.005') }}
{%- endmacro %}

{# The expected use of the first days of a week: 0 to 7 of them. #}
{% macro expected_of(profile, days) -%}
    case {{ days }}
                {%- for number in range(1, 8) %}
                when {{ number }} then {{ profile }}.credits_of_{{ number }}
                {%- endfor %}
                else 0
            end
{%- endmacro %}

{#
    The 90th percentile of Student's t distribution for a number of weeks less one: how many standard errors the bounds
    are away, so that four of five true values lie between them.
#}
{% macro percentile_for(weeks) -%}
    {%- set percentiles = {2: '3.078', 3: '1.886', 4: '1.638', 5: '1.533', 6: '1.476', 7: '1.440', 8: '1.415'} -%}
    case {{ weeks }}
                {%- for number, percentile in percentiles.items() %}
                when {{ number }} then {{ percentile }}
                {%- endfor %}
            end
{%- endmacro %}

{# The first day, counted from 1, at whose end the expected use reaches an amount above 0; null if in no 520 weeks. #}
{% macro day_of_reaching(amount, weeks, profile) -%}
    ({{ weeks }} - 1) * 7 + 1
            {%- for number in range(1, 7) %}
            + case when {{ profile }}.credits_of_{{ number }} < {{ amount }} - ({{ weeks }} - 1) * {{ profile }}.credits_of_7 then 1 else 0 end
            {%- endfor %}
{%- endmacro %}

{# The number of days in whose middle the expected use is below an amount: a time rounded to whole days. #}
{% macro days_rounded(amount, weeks, profile) -%}
    coalesce(({{ weeks }} - 1) * 7
            {%- for number in range(1, 8) %}
            {%- set before = profile ~ '.credits_of_' ~ (number - 1) if number > 1 else '0' %}
            + case
                when
                    ({{ before }} + {{ profile }}.credits_of_{{ number }}) * cast(0.5 as decimal(2, 1))
                    < {{ amount }} - ({{ weeks }} - 1) * {{ profile }}.credits_of_7
                    then 1
                else 0
            end
            {%- endfor %}, 0)
{%- endmacro %}

{# How many days before an expiry, and how short a runway by its low bound, a person should know of it. #}
{% macro expiry_alert_days() -%}
    {{ number_setting('expiry_alert_days', 'CREDITS_EXPIRY_ALERT_DAYS', '30') }}
{%- endmacro %}

{% macro runway_alert_days() -%}
    {{ number_setting('runway_alert_days', 'CREDITS_RUNWAY_ALERT_DAYS', '14') }}
{%- endmacro %}
