{{ config(
    materialized='incremental',
    incremental_strategy='replace_by_key',
    unique_key='source',
) }}

with heartbeats as (
    select * from {{ ref('stg_heartbeats') }}
    {% if is_incremental() -%}
    where load_id > {{ last_published_load() }}
    {%- endif %}
),

known as (
    select
        source,
        heard_at as first_heard_at,
        heard_at as last_heard_at,
        is_stopped
    from heartbeats
    {% if is_incremental() -%}
    union all
    select
        source,
        first_heard_at,
        last_heard_at,
        is_stopped
    from {{ this }}
    where source in (select source from heartbeats)
    {%- endif %}
),

-- Several processes may share a source: if two have the same time, the one that continues counts.
ranked as (
    select
        source,
        last_heard_at,
        is_stopped,
        min(first_heard_at) over (partition by source) as first_heard_at,
        row_number() over (partition by source order by last_heard_at desc, is_stopped asc) as place
    from known
)

select
    source,
    first_heard_at,
    last_heard_at,
    is_stopped
from ranked
where place = 1
