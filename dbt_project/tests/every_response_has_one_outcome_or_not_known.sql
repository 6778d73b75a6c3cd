-- One for one, with the procedure, stage, service and day of the response: so they agree at every service and in every period.
with

responses as (
    select * from {{ ref('fct_stages') }}
    where responded_date is not null
),

outcomes as (
    select * from {{ ref('fct_outcomes') }}
    where unit = 'complaint'
)

select
    coalesce(responses.authority, outcomes.authority) as authority,
    coalesce(responses.reporting_year, outcomes.reporting_year) as reporting_year,
    coalesce(responses.stage_id, outcomes.outcome_id) as stage_id,
    count(*) as times
from responses
full outer join outcomes
    on responses.authority = outcomes.authority
    and responses.reporting_year = outcomes.reporting_year
    and responses.stage_id = outcomes.outcome_id
    and responses.procedure = outcomes.procedure
    and responses.stage = outcomes.stage
    and responses.service = outcomes.service
    and responses.responded_date = outcomes.decided_date
    and outcomes.outcome = coalesce(responses.outcome, 'not_known')
group by
    coalesce(responses.authority, outcomes.authority),
    coalesce(responses.reporting_year, outcomes.reporting_year),
    coalesce(responses.stage_id, outcomes.outcome_id)
having count(*) != 1 or count(responses.stage_id) != 1 or count(outcomes.outcome_id) != 1
