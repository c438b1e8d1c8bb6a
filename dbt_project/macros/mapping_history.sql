{#
    Validity windows of a mapping table, from its exports as of a load (the last load if none is given).

    A snapshot is the whole table at one time. A row is valid from its snapshot (the first one: from the beginning of
    time) until the next snapshot that differs. Dated exports have their own windows. If dated exports name a key, only
    they count for it; of two rows with the same start the one from the later export counts.

    If a key may have several rows at a time, `also_by` names the attribute that distinguishes them.
#}
{% macro mapping_history(relation, key, attributes, up_to_load=none, also_by=none) -%}
    {%- set columns = attributes | join(', ') -%}
    select {{ key }}, {{ columns }}, valid_from, valid_to
    from (
        with in_force as (
            select *
            from {{ relation }}
            {% if up_to_load is none -%}
            where superseded_by_load is null
            {%- else -%}
            where
                load_id <= {{ up_to_load }}
                and (superseded_by_load is null or superseded_by_load > {{ up_to_load }})
            {%- endif %}
        ),

        -- An export may have several files, and a row may be in two of them. Of dated rows the later export's counts.
        placed as (
            select
                *,
                case when is_snapshot then exported_at else coalesce(valid_from, {{ beginning_of_time() }}) end
                    as told_from
            from in_force
        ),

        ranked as (
            select
                *,
                row_number() over (
                    partition by is_snapshot, told_from, {{ key }}{{ ', ' ~ also_by if also_by }}
                    order by exported_at desc, path desc, line_number desc
                ) as place,
                max(exported_at) over (partition by is_snapshot, told_from, {{ key }}) as last_exported_at
            from placed
        ),

        exported as (
            select * from ranked where place = 1 and exported_at = last_exported_at
        ),

        dated as (
            select * from exported where not is_snapshot
        ),

        snapshots as (
            select
                exported_at,
                row_number() over (order by exported_at) as snapshot_number,
                lead(exported_at) over (order by exported_at) as next_exported_at
            from (select distinct exported_at from exported where is_snapshot) as export_times
        ),

        present as (
            select
                exported.{{ key }},
                {% for attribute in attributes %}exported.{{ attribute }}, {% endfor %}
                snapshots.snapshot_number,
                snapshots.exported_at,
                snapshots.next_exported_at,
                snapshots.snapshot_number - row_number() over (
                    partition by exported.{{ key }}, {% for attribute in attributes -%}
                    exported.{{ attribute }}{{ ', ' if not loop.last }}{% endfor %}
                    order by snapshots.snapshot_number
                ) as unchanged_run
            from exported
            inner join snapshots on exported.exported_at = snapshots.exported_at
            where exported.is_snapshot and exported.{{ key }} not in (select {{ key }} from dated)
        )

        select
            {{ key }},
            {{ columns }},
            case
                when min(snapshot_number) = 1 then {{ beginning_of_time() }} else min(exported_at)
            end as valid_from,
            case when max(snapshot_number) < (select max(snapshot_number) from snapshots) then max(next_exported_at) end
                as valid_to
        from present
        group by {{ key }}, {{ columns }}, unchanged_run

        union all

        select {{ key }}, {{ columns }}, coalesce(valid_from, {{ beginning_of_time() }}) as valid_from, valid_to
        from dated
    ) as windows
{%- endmacro %}
