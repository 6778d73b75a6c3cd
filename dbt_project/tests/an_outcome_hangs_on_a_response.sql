select *
from {{ ref('fct_stages') }}
where outcome is not null
    and responded_date is null
