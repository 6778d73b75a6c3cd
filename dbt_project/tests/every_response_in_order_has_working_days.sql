select *
from {{ ref('fct_timeliness') }}
where not is_end_before_start
    and (working_days is null or calendar_days is null)
