-- Rule 8: the next stage is stage n + 1 of the same complaint under the same procedure; a refused request
-- counts as requested, a step into another procedure does not.
with

stages as (
    select * from {{ ref('int_stages_as_at') }}
),

requests as (
    select
        authority,
        reporting_year,
        complaint_id,
        procedure,
        stage,
        min(requested_date) as first_requested_date
    from stages
    group by authority, reporting_year, complaint_id, procedure, stage
),

final as (
    select
        stages.authority,
        stages.reporting_year,
        stages.stage_id,
        requests.first_requested_date as next_stage_requested_date
    from stages
    inner join requests
        on stages.authority = requests.authority
        and stages.reporting_year = requests.reporting_year
        and stages.complaint_id = requests.complaint_id
        and stages.procedure = requests.procedure
        and stages.stage + 1 = requests.stage
)

select * from final
