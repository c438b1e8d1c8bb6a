{# Calendar periods of reporting dates: a day, week, month, quarter or year. A week begins on Monday. #}

{% macro period_words() -%}
    {{ return(['day', 'week', 'month', 'quarter', 'year']) }}
{%- endmacro %}

{# Rolling periods, which end on each day, with the number of their days. #}
{% macro rolling_periods() -%}
    {{ return({'7d': 7, '28d': 28}) }}
{%- endmacro %}

{# Whether a column's period is a rolling one. #}
{% macro is_rolling(period) -%}
    {{ period }} in ('{{ rolling_periods() | join("', '") }}')
{%- endmacro %}

{# The first day of the period that contains a date, or of the rolling one that ends on it; a column says which period is
   meant. #}
{% macro period_start_of(period, date) -%}
    case {{ period }}
            {%- for word in period_words() %}
            when '{{ word }}' then cast(date_trunc('{{ word }}', {{ date }}) as date)
            {%- endfor %}
            {%- for word, days in rolling_periods().items() %}
            when '{{ word }}' then {{ days_later(date, 1 - days) }}
            {%- endfor %}
        end
{%- endmacro %}

{# The first day of the period after the one that begins on this date. #}
{% macro next_period_start(period, period_start) -%}
    case {{ period }}
            when 'day' then {{ days_later(period_start, 1) }}
            when 'week' then {{ days_later(period_start, 7) }}
            when 'month' then {{ months_later(period_start, 1) }}
            when 'quarter' then {{ months_later(period_start, 3) }}
            when 'year' then {{ months_later(period_start, 12) }}
            {%- for word, days in rolling_periods().items() %}
            when '{{ word }}' then {{ days_later(period_start, days) }}
            {%- endfor %}
        end
{%- endmacro %}

{# The first day of the period before; for a month, quarter or year. #}
{% macro period_start_before(period, period_start) -%}
    case {{ period }}
            when 'month' then {{ months_later(period_start, -1) }}
            when 'quarter' then {{ months_later(period_start, -3) }}
            when 'year' then {{ months_later(period_start, -12) }}
        end
{%- endmacro %}
