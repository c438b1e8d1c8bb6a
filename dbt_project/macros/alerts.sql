{# The parts of alerts. #}

{# How many days an alert about a single day stays open, and one that a later pull may correct. #}
{% macro days_open() -%}
    {{ return(7) }}
{%- endmacro %}

{% macro days_open_for_pulls() -%}
    {{ return(35) }}
{%- endmacro %}

{# An exact amount in the form that people write. #}
{% macro plainly(amount) -%}
    {{ without_trailing(without_trailing('cast(cast(' ~ amount ~ ' as decimal(38, 9)) as string)', '0'), '.') }}
{%- endmacro %}

{# A limit in the form that people read: with all its places, at least one. #}
{% macro in_percent_exactly(share) -%}
    case
            when cast({{ share }} * 100 as decimal(38, 1)) = {{ share }} * 100
                then cast(cast({{ share }} * 100 as decimal(38, 1)) as string)
            else {{ plainly(share ~ ' * 100') }}
        end || ' %'
{%- endmacro %}

{# A share in the form that people read, with enough places to differ from limits that it does not equal. #}
{% macro in_percent(share, limits) -%}
    case
            {%- for places in range(1, 8) %}
            when
                {%- for limit in limits %}
                {{ 'and ' if not loop.first }}(
                    cast({{ share }} * 100 as decimal(38, {{ places }})) <> {{ limit }} * 100
                    or {{ share }} = {{ limit }}
                )
                {%- endfor %}
                then cast(cast({{ share }} * 100 as decimal(38, {{ places }})) as string)
            {%- endfor %}
        end || ' %'
{%- endmacro %}

{# Texts joined into one sentence; null texts are left out. #}
{% macro sentence(texts) -%}
    concat_ws('',
            {%- for text in texts %}
            {{ text }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro %}

{# The columns of an alert, in the same order for every model of alerts. #}
{% macro alert_columns() -%}
    {{ return([
        'alert_key', 'alert_type', 'scope', 'tenant_id', 'user_id', 'kind', 'period_start', 'first_seen_on',
        'last_seen_on', 'is_open', 'measured', 'threshold', 'summary',
    ]) }}
{%- endmacro %}

{# Whether a subject's day has enough credits to be unusual, beside all credits of the day. #}
{% macro has_enough_credits() -%}
    credits > {{ unusual_day_least_credits() }}
        and credits > {{ unusual_day_least_share() }} * all_credits
{%- endmacro %}

{# How many recent days are searched for unusual ones, with how many earlier days of the same weekday each is compared,
   and how many of these must lie after the subject's first usage. #}
{% macro days_looked_at() -%}
    {{ return(92) }}
{%- endmacro %}

{% macro weeks_compared() -%}
    {{ return(12) }}
{%- endmacro %}

{% macro least_weeks_compared() -%}
    {{ return(6) }}
{%- endmacro %}
