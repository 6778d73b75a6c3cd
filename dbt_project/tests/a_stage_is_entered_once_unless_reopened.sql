select
    authority,
    reporting_year,
    complaint_id,
    procedure,
    stage,
    count(*) as times
from {{ ref('fct_stages') }}
where not is_reopened
group by authority, reporting_year, complaint_id, procedure, stage
having count(*) > 1
