select complaints.*
from {{ ref('fct_complaints') }} as complaints
left join {{ ref('bridge_complaint_service') }} as services
    on complaints.authority = services.authority
    and complaints.reporting_year = services.reporting_year
    and complaints.complaint_id = services.complaint_id
where services.complaint_id is null
