select *
from {{ ref('fct_stages') }}
where is_within_standard
    and not is_within_extended
