{# One row per month and owner with totals from Corti: the sum of these totals, and our sum. #}
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
        -- A window may end in the first instant of the next month. A window that ends later belongs to no month.
        and window_to <= {{ months_later("cast(date_trunc('month', window_from) as date)", 1) }}
    group by cast(date_trunc('month', window_from) as date), {{ owner }}
{%- endmacro %}
