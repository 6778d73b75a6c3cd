select *
from {{ ref('fct_stages') }}
where closed_date < requested_date
