{# How Spark keeps contracts, which Delta does not read. #}

{#
    A model's rows with the columns and types of its contract. A row that the contract forbids stops the statement
    before anything is committed. The rules are in the columns, not in a condition: Spark evaluates conditions early,
    on rows that a model leaves out later.
#}
{% macro spark_as_contracted(select, partitioned_by) -%}
    {%- set hint = '/*+ repartition(' ~ partitioned_by ~ ') */ ' if partitioned_by else '' -%}
    {%- if config.get('contract').enforced %}
    select {{ hint }}*
    from (
        select
            {%- for column in model.columns.values() %}
            {{ spark_contracted(column) }} as `{{ column.name }}`{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            {{ select }}
        ) as made
    ) as contracted
    {%- elif hint %}
    select {{ hint }}* from (
        {{ select }}
    ) as made
    {%- else %}
    {{ select }}
    {%- endif -%}
{%- endmacro %}

{# A column of the declared type, which is an error in a row that breaks one of its rules. #}
{% macro spark_contracted(column) -%}
    {%- set broken = [] -%}
    {%- for constraint in column.constraints -%}
        {%- if constraint.type == 'not_null' -%}
            {%- do broken.append('`' ~ column.name ~ '` is null') -%}
        {%- elif constraint.type == 'check' -%}
            {%- do broken.append('not (' ~ constraint.expression ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set typed = 'cast(`' ~ column.name ~ '` as ' ~ spark_type(column.data_type) ~ ')' -%}
    {%- if broken -%}
        if({{ broken | join(' or ') }}, raise_error('{{ this.identifier }}.{{ column.name }} breaks its contract'), {{ typed }})
    {%- else -%}
        {{ typed }}
    {%- endif -%}
{%- endmacro %}

{# A type of a contract in Spark's spelling. #}
{% macro spark_type(data_type) -%}
    {{ 'string' if data_type == 'varchar' else data_type }}
{%- endmacro %}
