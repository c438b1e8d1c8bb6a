{#
    The name of a customer at the end of a day or month, else the first known name: one row per customer and end that
    has one. The rows have `tenant_id` and `ends_on`; `tenant_windows` is a CTE of the calling model.
#}
{% macro names_when_it_ended(rows) -%}
    select
        tenant_id,
        ends_on,
        tenant_name
    from (
        select
            {{ rows }}.tenant_id,
            {{ rows }}.ends_on,
            tenant_windows.tenant_name,
            row_number() over (
                partition by {{ rows }}.tenant_id, {{ rows }}.ends_on
                order by
                    case when tenant_windows.valid_from < {{ rows }}.ends_on then tenant_windows.valid_from end
                    desc nulls last,
                    tenant_windows.valid_from
            ) as place
        from {{ rows }}
        inner join tenant_windows on {{ rows }}.tenant_id = tenant_windows.tenant_id
    ) as ranked
    where place = 1
{%- endmacro %}
