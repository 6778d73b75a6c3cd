select services.*
from {{ ref('dim_service') }} as services
inner join {{ ref('dim_service') }} as merged
    on services.authority = merged.authority
    and services.merged_service = merged.service
    and merged.is_latest
where merged.successor_service is not null
