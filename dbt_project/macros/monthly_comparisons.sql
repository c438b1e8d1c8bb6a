{# One row per month and owner of which Corti reported totals: all of them together beside ours. #}
{% macro monthly_comparisons(owner) -%}
    select
        cast(date_trunc('month', window_from) as date) as month_start,
        {{ owner }},
        cast(min(window_from) as date) as first_day,
        cast(max(window_to) as date) as last_day,
        {{ reconciled('sum(provider_credits)', 'sum(our_credits)') }} as status
    from {{ ref('mart_provider_reconciliation') }}
    where
        {{ owner }} is not null
        -- A window that ends in the first instant of the next month is the month's; one that reaches further is nobody's.
        and window_to <= {{ months_later("cast(date_trunc('month', window_from) as date)", 1) }}
    group by cast(date_trunc('month', window_from) as date), {{ owner }}
{%- endmacro %}
