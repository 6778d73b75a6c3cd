select distinct measure
from {{ ref('figures') }}
where rule like 'not in the catalogue%'
