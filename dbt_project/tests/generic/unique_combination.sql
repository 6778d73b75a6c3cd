{# Some columns are unique together; a blank counts as a value. The failing rows are the repeated keys. #}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as times
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
