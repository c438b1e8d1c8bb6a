with touched_months as (
    select * from {{ ref('int_touched_months') }}
),

-- The period after a touched one shows the change from it.
touched_periods as (
    {% for period, months in [('month', 1), ('quarter', 3), ('year', 12)] -%}
    select cast(date_trunc('{{ period }}', month_start) as date) as period_start
    from touched_months
    union
    select {{ months_later("date_trunc('" ~ period ~ "', month_start)", months) }} as period_start
    from touched_months
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select period_start from touched_periods
