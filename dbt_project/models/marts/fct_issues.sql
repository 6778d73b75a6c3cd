with

issues as (
    select * from {{ ref('int_issues_as_at') }}
),

complaints as (
    select * from {{ ref('fct_complaints') }}
),

outcomes as (
    select
        authority,
        reporting_year,
        issue_id,
        max(case when stage = 1 then outcome end) as stage_1_outcome,
        max(case when stage = 2 then outcome end) as stage_2_outcome,
        max(case when stage = 3 then outcome end) as stage_3_outcome
    from {{ ref('int_issue_outcomes_as_at') }}
    group by authority, reporting_year, issue_id
),

final as (
    select
        issues.authority,
        issues.reporting_year,
        issues.issue_id,
        issues.complaint_id,
        issues.raised_date,
        issues.service,
        issues.category,
        -- A category of which no point has a sub-category has none; in any other a point without one is not known.
        coalesce(
            issues.sub_category,
            case
                when max(issues.sub_category) over (
                    partition by issues.authority, issues.reporting_year, issues.category
                ) is not null then 'not_known'
            end
        ) as sub_category,
        issues.procedure,
        complaints.child_looked_after,
        complaints.cohort,
        coalesce(outcomes.stage_1_outcome, 'open') as stage_1_outcome,
        outcomes.stage_2_outcome,
        outcomes.stage_3_outcome,
        issues.extract_id,
        issues.source_row
    from issues
    inner join complaints
        on issues.authority = complaints.authority
        and issues.reporting_year = complaints.reporting_year
        and issues.complaint_id = complaints.complaint_id
    left join outcomes
        on issues.authority = outcomes.authority
        and issues.reporting_year = outcomes.reporting_year
        and issues.issue_id = outcomes.issue_id
)

select * from final
