select
    bridges.authority,
    bridges.ancestor_service,
    count(*) as ancestors
from {{ ref('bridge_service_ancestor') }} as bridges
inner join {{ ref('int_service_in_tree') }} as services
    on bridges.authority = services.authority
    and bridges.valid_from = services.tree_from
    and bridges.ancestor_service = services.service
    and services.parent_service = bridges.service
group by bridges.authority, bridges.ancestor_service
