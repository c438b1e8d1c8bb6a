{#
    The grain of a model: no two rows have equal values in these columns. With `bounded_by` and `touched_by` an
    incremental run checks only touched rows; the others were checked when they were written. `touched_key` is the
    column of `touched_by` if it has another name than `bounded_by`.
#}
{% test one_row_per(model, columns, bounded_by=none, touched_by=none, touched_key=none) %}
select {{ columns | join(', ') }}, count(*) as rows_found
from {{ model }}
{% if bounded_by is not none and not should_full_refresh() -%}
where {{ bounded_by }} in (select {{ touched_key or bounded_by }} from {{ touched_by }})
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
