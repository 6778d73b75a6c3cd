{# A relationship over several columns: every row finds its parent by columns of the same names. Where the last
   column is blank there is nothing to find. The failing rows are those without a parent. #}
{% test resolves(model, columns, to) %}

select child.*
from {{ model }} as child
left join {{ to }} as parent
    on {% for column in columns %}{% if not loop.first %}and {% endif %}child.{{ column }} = parent.{{ column }}
    {% endfor %}
where parent.{{ columns[0] }} is null
    and child.{{ columns[-1] }} is not null

{% endtest %}
