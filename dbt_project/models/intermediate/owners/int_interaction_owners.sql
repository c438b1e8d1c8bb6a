-- depends_on: {{ ref('stg_interaction_files') }}
{{ config(materialized='incremental', incremental_strategy='replace_by_key', unique_key='interaction_id') }}

{% set columns = 'load_id, line_number, exported_at, interaction_id, user_id, tenant_id' %}
{% set seen = '(select coalesce(max(already.load_id), 0) from ' ~ this ~ ' as already)' %}

with exports as {{ computed_where_read() }} (
    select * from {{ ref('stg_interactions') }}
),

{% if is_incremental() -%}
-- Only the rows of these files are read, not all exports.
changed_files as (
    select file_id
    from {{ ref('stg_interaction_files') }}
    where load_id > {{ seen }} or superseded_by_load > {{ seen }}
),
{%- endif %}

changed as {{ computed_once() }} (
    select *
    from exports
    {% if is_incremental() -%}
    where file_id in (select file_id from changed_files)
    {%- endif %}
),

exported as (
    select {{ columns }}
    from changed
    where superseded_by_load is null
),

{% if is_incremental() -%}
-- If a corrected file no longer names an interaction, other files count, else nobody.
taken_back as (
    select
        interaction_id,
        max(superseded_by_load) as load_id
    from changed
    where superseded_by_load is not null
    group by interaction_id
),
{%- endif %}

candidates as (
    select * from exported
    {% if is_incremental() -%}
    union all
    select {{ columns }}
    from {{ this }}
    where
        interaction_id in (select interaction_id from exported)
        and interaction_id not in (select interaction_id from taken_back)
    union all
    select {{ columns }}
    from exports
    where
        superseded_by_load is null
        and load_id <= {{ seen }}
        and interaction_id in (select interaction_id from taken_back)
    union all
    select
        load_id,
        0 as line_number,
        {{ beginning_of_time() }} as exported_at,
        interaction_id,
        cast(null as string) as user_id,
        cast(null as string) as tenant_id
    from taken_back
    {%- endif %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by interaction_id
            order by exported_at desc, line_number desc, user_id desc nulls last, tenant_id desc nulls last
        ) as rank_in_interaction
    from candidates
)

select {{ columns }}
from ranked
where rank_in_interaction = 1
