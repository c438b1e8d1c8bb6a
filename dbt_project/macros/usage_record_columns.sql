{# The columns that make up what a usage record says, in one order for every model that passes them on. #}
{% macro usage_record_columns() -%}
    {{ return([
        'record_id', 'kind', 'interaction_id', 'resource_id', 'operation_id', 'credits', 'status', 'source',
        'created_at', 'captured_at', 'environment', 'corti_tenant', 'user_id', 'tenant_id', 'model',
        'input_tokens', 'output_tokens',
    ]) }}
{%- endmacro %}

{# One text or key for the whole content of a record: two records with the same one say the same. #}
{% macro record_content() -%}
    {%- set texts = [] -%}
    {%- for column in usage_record_columns() -%}
        {%- do texts.append('cast(' ~ column ~ ' as varchar)') -%}
    {%- endfor -%}
    {{ narrow_key(texts) }}
{%- endmacro %}

{#
    The content of a record for a person to read: its fields that hold something, by name. A comma within a value is
    doubled, so that no two contents read alike.
#}
{% macro readable_content() -%}
    concat_ws(', ',
        {%- for column in usage_record_columns() if column != 'record_id' %}
        '{{ column }}=' || replace(cast({{ column }} as varchar), ',', ',,'){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
