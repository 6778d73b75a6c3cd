-- What became of each complaint at stage 1 of its own procedure, as the report knew it: the finding; `not_known` where it was
-- answered without one; the way of closing where it closed unanswered; `open` where neither happened.
with

complaints as (

    select * from {{ ref('fct_complaints') }}

),

stages as (

    select * from {{ ref('fct_stages') }} where stage = 1

),

ranked as (

    select
        stages.*,
        row_number() over (
            partition by stages.authority, stages.reporting_year, stages.complaint_id
            order by stages.is_reopened, stages.requested_date, stages.stage_id
        ) as place
    from stages
    inner join complaints
        on {{ report_key('stages', 'complaints') }}
        and stages.complaint_id = complaints.complaint_id
        and stages.procedure = complaints.procedure

),

final as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        case
            when ranked.responded_date is not null then coalesce(ranked.outcome, 'not_known')
            when ranked.closed_date is not null then ranked.closed_how
            else 'open'
        end as stage_1_outcome
    from complaints
    left join ranked
        on {{ report_key('complaints', 'ranked') }}
        and complaints.complaint_id = ranked.complaint_id
        and ranked.place = 1

)

select * from final
