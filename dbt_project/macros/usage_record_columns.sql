{# The columns of a usage record's content, in the same order for every model. #}
{% macro usage_record_columns() -%}
    {{ return([
        'record_id', 'kind', 'interaction_id', 'resource_id', 'operation_id', 'credits', 'status', 'source',
        'created_at', 'captured_at', 'environment', 'corti_tenant', 'user_id', 'tenant_id', 'model',
        'input_tokens', 'output_tokens',
    ]) }}
{%- endmacro %}

{# One text or key for the whole content of a record: equal keys mean equal content. #}
{% macro record_content() -%}
    {%- set texts = [] -%}
    {%- for column in usage_record_columns() -%}
        {%- do texts.append('cast(' ~ column ~ ' as string)') -%}
    {%- endfor -%}
    {{ narrow_key(texts) }}
{%- endmacro %}

{#
    The content of a record in the form that people read: its fields with values, by name. A comma within a value is
    doubled, so that different contents have different texts.
#}
{% macro readable_content() -%}
    concat_ws(', ',
        {%- for column in usage_record_columns() if column != 'record_id' %}
        '{{ column }}=' || replace(cast({{ column }} as string), ',', ',,'){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
