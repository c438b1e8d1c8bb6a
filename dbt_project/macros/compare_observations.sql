{#
    What observations mean beside each other: the verdict of each, in order of arrival, and its rank in its operation,
    in an order that arrival has no part in. A verdict once given stands.
#}
{% macro compare_observations(relation) -%}
    {%- set arrival = 'load_id, file_id, line_number' -%}
    with contents as (
        select
            *,
            {{ record_content() }} as content_key
        from {{ relation }}
    ),

    placed as (
        select
            *,
            row_number() over (partition by content_key order by {{ arrival }}) as time_content_came,
            row_number() over (partition by record_key order by {{ arrival }}) as time_record_id_came,
            row_number() over (partition by operation_key order by {{ arrival }}) as time_operation_came,
            row_number() over (
                partition by operation_key, counted_credits, status, source order by {{ arrival }}
            ) as time_figures_came,
            max(counted_credits) over (partition by operation_key) as most_credits,
            max(load_id) over (partition by operation_key) as last_load_id,
            coalesce(
                min(created_at) over (partition by operation_key), min(captured_at) over (partition by operation_key)
            ) as occurred_at
        from contents
    )

    select
        {% for column in ['operation_key', 'record_key', 'load_id', 'file_id', 'line_number'] + usage_record_columns() -%}
        {{ column }},
        {% endfor -%}
        counted_credits,
        is_concerned,
        last_load_id,
        occurred_at,
        coalesce(
            verdict,
            case
                when time_content_came > 1 then 'duplicate'
                when record_key is not null and time_record_id_came > 1 then 'conflict'
                when time_operation_came = 1 then 'new'
                when time_figures_came > 1 then 'duplicate'
                else 'correction'
            end
        ) as verdict,
        -- A repeated content is no further observation: a replay changes nothing.
        cast(sum(case when time_content_came = 1 then 1 else 0 end) over (partition by operation_key) as integer)
            as observations,
        row_number() over (
            partition by operation_key
            order by
                -- What a later read no longer knows never takes back a figure.
                case when source = 'read' and counted_credits = 0 and most_credits > 0 then 1 else 0 end,
                case status
                    when 'final' then 1
                    when 'metered' then 2
                    when 'provisional' then 3
                    when 'estimate' then 4
                    else 5
                end,
                captured_at desc nulls last,
                counted_credits desc,
                source,
                resource_id nulls last,
                operation_id nulls last,
                record_id nulls last,
                interaction_id nulls last,
                user_id nulls last,
                tenant_id nulls last,
                model nulls last,
                input_tokens nulls last,
                output_tokens nulls last,
                created_at nulls last,
                credits nulls last,
                {{ arrival }}
        ) as rank_in_operation
    from placed
{%- endmacro %}
