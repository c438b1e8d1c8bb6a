{# Validity windows of a key are half-open, run forward and do not overlap. #}
{% test windows_neither_overlap_nor_invert(model, key) %}
with windows as (
    select
        {{ key }},
        valid_from,
        valid_to,
        lead(valid_from) over (partition by {{ key }} order by valid_from) as next_valid_from
    from {{ model }}
)

select *
from windows
where
    valid_to <= valid_from
    or next_valid_from < valid_to
    or (next_valid_from is not null and valid_to is null)
{% endtest %}
