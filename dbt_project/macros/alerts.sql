{# What alerts are made of. #}

{# How long an alert of something that lies on a day stays open, in days; and one of what a pull may still mend. #}
{% macro days_open() -%}
    {{ return(7) }}
{%- endmacro %}

{% macro days_open_for_pulls() -%}
    {{ return(35) }}
{%- endmacro %}

{# An exact amount as a person writes it. #}
{% macro plainly(amount) -%}
    rtrim(rtrim(cast(cast({{ amount }} as decimal(38, 9)) as varchar), '0'), '.')
{%- endmacro %}

{# A limit as a person reads it: all of its places, and one at least. #}
{% macro in_percent_exactly(share) -%}
    case
            when cast({{ share }} * 100 as decimal(38, 1)) = {{ share }} * 100
                then cast(cast({{ share }} * 100 as decimal(38, 1)) as varchar)
            else {{ plainly(share ~ ' * 100') }}
        end || ' %'
{%- endmacro %}

{# A share as a person reads it: with as many places, one at least, as tell it apart from limits that it does not equal. #}
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
                then cast(cast({{ share }} * 100 as decimal(38, {{ places }})) as varchar)
            {%- endfor %}
        end || ' %'
{%- endmacro %}

{# Texts as one sentence; one that is null is left out. #}
{% macro sentence(texts) -%}
    concat(
            {%- for text in texts %}
            {{ text }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
{%- endmacro %}

{# The columns of an alert, in one order for every model that finds some. #}
{% macro alert_columns() -%}
    {{ return([
        'alert_key', 'alert_type', 'scope', 'tenant_id', 'user_id', 'kind', 'period_start', 'first_seen_on',
        'last_seen_on', 'is_open', 'measured', 'threshold', 'summary',
    ]) }}
{%- endmacro %}

{# How many days are looked at for unusual ones, with how many of the same weekday before each it is compared, and how
   many of these a subject has to have lived through. #}
{% macro days_looked_at() -%}
    {{ return(92) }}
{%- endmacro %}

{% macro weeks_compared() -%}
    {{ return(12) }}
{%- endmacro %}

{% macro least_weeks_compared() -%}
    {{ return(6) }}
{%- endmacro %}
