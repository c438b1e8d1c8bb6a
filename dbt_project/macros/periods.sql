{# Calendar periods of reporting dates: a day, month, quarter or year. #}

{% macro period_words() -%}
    {{ return(['day', 'month', 'quarter', 'year']) }}
{%- endmacro %}

{# The first day of the period that contains a date; a column says which period is meant. #}
{% macro period_start_of(period, date) -%}
    case {{ period }}
            {%- for word in period_words() %}
            when '{{ word }}' then cast(date_trunc('{{ word }}', {{ date }}) as date)
            {%- endfor %}
        end
{%- endmacro %}

{# The first day of the period after the one that begins on this date. #}
{% macro next_period_start(period, period_start) -%}
    case {{ period }}
            when 'day' then {{ days_later(period_start, 1) }}
            when 'month' then {{ months_later(period_start, 1) }}
            when 'quarter' then {{ months_later(period_start, 3) }}
            when 'year' then {{ months_later(period_start, 12) }}
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
