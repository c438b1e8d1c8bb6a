{#
    How Spark makes tables and views from models. A table is a Delta table in its own folder of the lake. It is written
    in one commit, so that a stopped build leaves the old rows or the new ones, and a model may read its own last state.
    Delta does not read contracts, so the statement that writes the rows also checks them.
#}

{% materialization table, adapter='spark' %}
    {{ return(spark_table(this.incorporate(type='table'), spark_made_anew)) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark' %}
    {%- do refuse_unfit_increments() -%}
    {{ return(spark_table(this.incorporate(type='table'), spark_rows_replaced if is_incremental() else spark_made_anew)) }}
{% endmaterialization %}

{% materialization view, adapter='spark' %}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        create or replace view {{ this }} as
        {{ compiled_code }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}

{% macro spark_table(target, way) -%}
    {{ run_hooks(pre_hooks) }}
    {%- do add_dimension_columns() -%}
    {%- do way(target, compiled_code) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{%- endmacro %}

{% macro spark_made_anew(target, select) -%}
    {%- set partitioned_by = config.get('meta', {}).get('partitioned_by') -%}
    {%- call statement('main') -%}
        create or replace table {{ target }}
        using delta
        {%- if partitioned_by %}
        partitioned by ({{ partitioned_by }})
        {%- endif %}
        location '{{ env_var('CREDITS_SPARK_TABLES') }}/{{ target.schema }}/{{ target.identifier }}'
        as
        {{ spark_as_contracted(select, partitioned_by) }}
    {%- endcall -%}
{%- endmacro %}

{#
    Replaces the rows of keys in one commit. The rows to write never match; the keys to delete never are inserted.
    `meta.bounded_by` and keys that are dates limit the files that are read.
#}
{% macro spark_rows_replaced(target, select) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set key = config.get('unique_key') -%}
    {%- set bound = meta.get('bounded_by') -%}
    {%- set columns = adapter.get_columns_in_relation(target) -%}
    {%- if config.get('incremental_strategy') == 'replace_touched' -%}
        {%- set touched = ref(meta['touched_by']) -%}
        {%- set touched_key = meta.get('touched_key', key) -%}
        {%- set made = none -%}
        {%- set news = '(' ~ spark_as_contracted(select, none) ~ ')' -%}
    {%- else -%}
        {#- Its rows are read twice. -#}
        {%- set made = target.incorporate(path={'identifier': target.identifier ~ '__news'}) -%}
        {%- call statement('news') -%}
            create or replace temporary view {{ made.identifier }} as
            {{ spark_as_contracted(select, none) }}
        {%- endcall -%}
        {%- do run_query('cache table ' ~ made.identifier) -%}
        {%- set touched = made.identifier -%}
        {%- set touched_key = key -%}
        {%- set news = made.identifier -%}
    {%- endif -%}
    {%- set limits = [] -%}
    {%- if bound -%}
        {%- do limits.append(spark_among('standing.' ~ bound, bound, touched)) -%}
    {%- endif -%}
    {%- do limits.append(spark_between('standing.' ~ key, touched_key, touched)) -%}
    {%- call statement('main') -%}
        merge into {{ target }} as standing
        using (
            select
                true as is_touched,
                {{ touched_key }} as touched_key
                {%- for column in columns %},
                cast(null as {{ column.dtype }}) as {{ column.quoted }}
                {%- endfor %}
            from (select distinct {{ touched_key }} from {{ touched }}) as touched
            union all
            select
                false as is_touched,
                null as touched_key
                {%- for column in columns %},
                {{ column.quoted }}
                {%- endfor %}
            from {{ news }} as news
        ) as changes
            on
                standing.{{ key }} = changes.touched_key
                and changes.is_touched
                {%- for limit in limits if limit %}
                and {{ limit }}
                {%- endfor %}
        when matched then delete
        when not matched and not changes.is_touched
            then insert ({{ columns | map(attribute='quoted') | join(', ') }})
            values ({% for column in columns %}changes.{{ column.quoted }}{{ ', ' if not loop.last }}{% endfor %})
    {%- endcall -%}
    {%- if made -%}
        {%- do run_query('uncache table if exists ' ~ made.identifier) -%}
        {%- do run_query('drop view if exists ' ~ made.identifier) -%}
    {%- endif -%}
{%- endmacro %}

{# A column is one of the dates of a relation, as literals: only they let Delta skip files. #}
{% macro spark_among(column, date, relation) -%}
    {%- set found = run_query('select distinct cast(' ~ date ~ ' as string) from ' ~ relation) -%}
    {%- if found.rows | length == 0 -%}
        false
    {%- elif found.rows | length <= 1000 -%}
        {{ column }} in (
            {%- for row in found.rows %}date '{{ row[0] }}'{{ ', ' if not loop.last }}{% endfor -%}
        )
    {%- endif -%}
{%- endmacro %}

{# A column lies between the first and the last date of a relation; nothing for other types. #}
{% macro spark_between(column, key, relation) -%}
    {%- set query = 'select typeof(min(' ~ key ~ ')), cast(min(' ~ key ~ ') as string), cast(max(' ~ key ~ ') as string) from ' ~ relation -%}
    {%- set row = run_query(query).rows[0] -%}
    {%- if row[0] == 'date' and row[1] -%}
        {{ column }} between date '{{ row[1] }}' and date '{{ row[2] }}'
    {%- endif -%}
{%- endmacro %}
