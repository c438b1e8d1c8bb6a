{#
    The grain of a model: no two rows have equal values in these columns. With `bounded_by` and `touched_by` an
    increment checks touched rows only, except in a whole check. `touched_key` is the column of `touched_by` if it has
    another name than `bounded_by`.
#}
{% test one_row_per(model, columns, bounded_by=none, touched_by=none, touched_key=none) %}
select {{ columns | join(', ') }}, count(*) as rows_found
from {{ model }}
{% if bounded_by is not none -%}
{{ where_touched(bounded_by, touched_by, touched_key) }}
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
