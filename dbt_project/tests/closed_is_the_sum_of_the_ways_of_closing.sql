select *
from {{ ref('fct_flow') }}
where coalesce(
    closed_responded + closed_withdrawn + closed_escalated + closed_mediated + closed_refused + closed_not_known
    != closed,
    true
)
