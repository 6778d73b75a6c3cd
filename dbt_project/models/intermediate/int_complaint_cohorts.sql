-- Each complaint's cohort in its report's year. Beside the four that a report counts (new, brought_forward,
-- reopened, late_entered) there are `earlier` (received before, nothing of it open or requested in the year)
-- and `later` (received after the year, before the as-at).
with

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

stages as (
    select * from {{ ref('int_stages_as_at') }}
),

closings as (
    select * from {{ ref('int_stage_closings') }}
),

reports as (
    select * from {{ ref('dim_report') }}
),

stage_facts as (
    select
        stages.authority,
        stages.reporting_year,
        stages.complaint_id,
        max(
            case
                when
                    stages.requested_date < reports.period_start
                    and (closings.closed_date is null or closings.closed_date >= reports.period_start)
                    then 1
                else 0
            end
        ) as open_at_start,
        max(case when closings.closed_date < reports.period_start then 1 else 0 end) as closed_before,
        max(
            case
                when stages.requested_date between reports.period_start and reports.period_end then 1
                else 0
            end
        ) as requested_in_year
    from stages
    inner join reports
        on stages.authority = reports.authority
        and stages.reporting_year = reports.reporting_year
    inner join closings
        on stages.authority = closings.authority
        and stages.reporting_year = closings.reporting_year
        and stages.stage_id = closings.stage_id
    group by stages.authority, stages.reporting_year, stages.complaint_id
),

final as (
    select
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        complaints.received_date between reports.period_start and reports.period_end as is_new_in_year,
        case
            when complaints.received_date > reports.period_end then 'later'
            when complaints.received_date >= reports.period_start then 'new'
            when stage_facts.open_at_start = 1 then 'brought_forward'
            when stage_facts.requested_in_year = 1 and stage_facts.closed_before = 1 then 'reopened'
            when stage_facts.requested_in_year = 1 then 'late_entered'
            else 'earlier'
        end as cohort
    from complaints
    inner join reports
        on complaints.authority = reports.authority
        and complaints.reporting_year = reports.reporting_year
    left join stage_facts
        on complaints.authority = stage_facts.authority
        and complaints.reporting_year = stage_facts.reporting_year
        and complaints.complaint_id = stage_facts.complaint_id
)

select * from final
