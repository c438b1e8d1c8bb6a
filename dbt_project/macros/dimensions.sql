{# The cost dimensions that callers give to their calls. #}

{# The keys that are kept. They become names of columns. #}
{% macro dimension_keys() -%}
    {{ return(words_setting(
        'dimensions', 'CREDITS_DIMENSIONS', 'integration,workflow,document_type,template,agent,label'
    )) }}
{%- endmacro %}

{% macro dimension_columns() -%}
    {%- set columns = [] -%}
    {%- for key in dimension_keys() -%}
        {%- do columns.append('dimension_' ~ key) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# The member of operations to which the caller gave no value. #}
{% macro no_dimension() -%}
    '(none)'
{%- endmacro %}

{#
    A model with `meta.has_dimensions` has a column for each key, which a setting decides. They can't be in its file, so
    they join its contract here: texts that are never null, like the model's first column.
#}
{% macro add_dimension_columns() -%}
    {%- if (config.get('meta') or {}).get('has_dimensions', false) -%}
        {%- set key_column = model.columns.values() | first -%}
        {%- for key in dimension_keys() -%}
            {%- do model.columns.update({'dimension_' ~ key: dict(
                key_column,
                name='dimension_' ~ key,
                description="The value of the caller's own dimension '" ~ key ~ "'; (none) if the call had none."
            )}) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
