{#
    Compares observations. Each gets a verdict, which depends on the order of arrival and never changes, and a rank in
    its operation, which does not depend on the order of arrival.
#}
{% macro compare_observations(relation) -%}
    {%- set arrival = 'load_id, file_id, line_number' -%}
    {%- set of_the_operation = ['environment', 'corti_tenant', 'kind'] -%}
    {%- set compared_first = ['status', 'captured_at', 'source'] -%}
    {%- set compared_next = [
        'resource_id', 'operation_id', 'record_id', 'interaction_id', 'user_id', 'tenant_id', 'model',
        'input_tokens', 'output_tokens', 'created_at', 'credits',
    ] -%}
    {%- set others = usage_record_columns() | reject('in', of_the_operation + compared_first + compared_next) | list -%}
    with contents as (
        select
            *,
            {{ record_content() }} as content_key,
            case
                when counted_credits > 0 then 1
                when {{ has_tokens_only() }} and coalesce(input_tokens, 0) + coalesce(output_tokens, 0) > 0 then 1
                else 0
            end as has_a_figure
        from {{ relation }}
    ),

    placed as (
        select
            *,
            row_number() over (partition by content_key order by {{ arrival }}) as content_seq,
            row_number() over (partition by record_key order by {{ arrival }}) as record_id_seq,
            row_number() over (partition by operation_key order by {{ arrival }}) as operation_seq,
            row_number() over (
                partition by
                    operation_key,
                    counted_credits,
                    status,
                    source,
                    {% for tokens in ['input_tokens', 'output_tokens', 'cached_input_tokens'] -%}
                    case when {{ has_tokens_only() }} then {{ tokens }} end{{ ',' if not loop.last }}
                    {% endfor -%}
                order by {{ arrival }}
            ) as figures_seq,
            max(has_a_figure) over (partition by operation_key) as has_any_figure,
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
                when content_seq > 1 then 'duplicate'
                when record_key is not null and record_id_seq > 1 then 'conflict'
                when operation_seq = 1 then 'new'
                when figures_seq > 1 then 'duplicate'
                else 'correction'
            end
        ) as verdict,
        -- Repeated content is not another observation, so a replay changes nothing.
        cast(sum(case when content_seq = 1 then 1 else 0 end) over (partition by operation_key) as integer)
            as observations,
        row_number() over (
            partition by operation_key
            order by
                -- A later read without a figure never replaces a positive one.
                case when source = 'read' and has_a_figure = 0 and has_any_figure = 1 then 1 else 0 end,
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
                {% for column in compared_next + others -%}
                {{ column }} nulls last,
                {% endfor -%}
                {{ arrival }}
        ) as rank_in_operation
    from placed
{%- endmacro %}
