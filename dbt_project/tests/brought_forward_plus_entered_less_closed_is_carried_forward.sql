select *
from {{ ref('fct_flow') }}
where coalesce(brought_forward + entered - closed != carried_forward, true)
