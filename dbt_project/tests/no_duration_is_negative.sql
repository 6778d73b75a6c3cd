select *
from {{ ref('fct_stages') }}
where working_days < 0
    or calendar_days < 0
    or panel_working_days < 0
    or findings_working_days < 0
    or letter_working_days < 0
    or (is_end_before_start and (working_days is not null or calendar_days is not null))
