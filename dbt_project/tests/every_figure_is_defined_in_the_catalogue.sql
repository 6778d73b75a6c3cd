select distinct
    authority,
    reporting_year,
    measure
from {{ ref('figures') }}
where rule like 'not in the catalogue%'
