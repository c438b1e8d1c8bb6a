with touched_operations as (
    select * from {{ ref('int_touched_operations') }}
),

fact as (
    select * from {{ ref('fct_credit_usage') }}
),

dates_now as (
    select distinct reporting_date
    from fact
    {% if not is_full_build() -%}
    where
        usage_date in (select usage_date from touched_operations)
        and operation_key in (select operation_key from touched_operations)
    {%- endif %}
),

touched_dates as (
    select reporting_date from touched_operations where reporting_date is not null
    union
    select reporting_date from dates_now
)

select reporting_date from touched_dates
