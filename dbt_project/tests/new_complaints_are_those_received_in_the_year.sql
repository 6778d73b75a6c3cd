select complaints.*
from {{ ref('fct_complaints') }} as complaints
inner join {{ ref('dim_report') }} as reports
    on complaints.authority = reports.authority
    and complaints.reporting_year = reports.reporting_year
where complaints.is_new_in_year != (complaints.cohort = 'new')
    or complaints.is_new_in_year
    != (complaints.received_date >= reports.period_start and complaints.received_date <= reports.period_end)
