{# The columns of a usage record's content, in the same order for every model. #}
{% macro usage_record_columns() -%}
    {{ return(usage_record_base_columns() + usage_record_added_columns()) }}
{%- endmacro %}

{% macro usage_record_base_columns() -%}
    {{ return([
        'record_id', 'kind', 'interaction_id', 'resource_id', 'operation_id', 'credits', 'status', 'source',
        'created_at', 'captured_at', 'environment', 'corti_tenant', 'user_id', 'tenant_id', 'model',
        'input_tokens', 'output_tokens',
    ]) }}
{%- endmacro %}

{# Columns that are part of the content only if they have a value: keys that others have kept must stay the same. #}
{% macro usage_record_added_columns() -%}
    {{ return(['cached_input_tokens', 'dimensions']) }}
{%- endmacro %}

{# One text or key for the whole content of a record: equal keys mean equal content. #}
{% macro record_content() -%}
    case
            when coalesce({{ as_texts(usage_record_added_columns()) | join(', ') }}) is null
                then {{ narrow_key(as_texts(usage_record_base_columns())) }}
            else {{ narrow_key(as_texts(usage_record_columns())) }}
        end
{%- endmacro %}

{% macro as_texts(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append('cast(' ~ column ~ ' as string)') -%}
    {%- endfor -%}
    {{ return(texts) }}
{%- endmacro %}

{# Whether a record tells tokens in place of credits, so that its credits are derived from a price. #}
{% macro has_tokens_only() -%}
    (status = 'metered' and credits is null)
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
