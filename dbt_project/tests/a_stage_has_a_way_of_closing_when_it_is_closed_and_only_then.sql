select *
from {{ ref('fct_stages') }}
where (closed_date is null) != (closed_how is null)
