select
    services.authority,
    services.service,
    count(*) as ancestors
from {{ ref('bridge_service_ancestor') }} as bridges
inner join {{ ref('dim_service') }} as services
    on bridges.authority = services.authority
    and bridges.ancestor_service = services.service
    and services.parent_service = bridges.service
group by services.authority, services.service
