-- Rules 9 and 12: an issue sent direct to the next stage is an outcome row; a stage answered without an outcome is
-- not_known; an outcome without a response is not counted.
with

issue_outcomes as (
    select * from {{ ref('int_issue_outcomes_as_at') }}
),

issues as (
    select * from {{ ref('fct_issues') }}
),

stages as (
    select * from {{ ref('fct_stages') }}
),

trees as (
    select * from {{ ref('int_service_tree') }}
),

final as (
    select
        issue_outcomes.authority,
        issue_outcomes.reporting_year,
        'issue' as unit,
        issue_outcomes.issue_id as outcome_id,
        issues.complaint_id,
        issues.procedure,
        issue_outcomes.stage,
        issues.service,
        trees.tree_from,
        issues.category,
        issues.sub_category,
        issues.child_looked_after,
        issue_outcomes.outcome,
        issue_outcomes.decided_date
    from issue_outcomes
    inner join issues
        on issue_outcomes.authority = issues.authority
        and issue_outcomes.reporting_year = issues.reporting_year
        and issue_outcomes.issue_id = issues.issue_id
    inner join trees
        on issues.authority = trees.authority
        and issues.raised_date between trees.tree_from and trees.tree_to
    union all
    select
        stages.authority,
        stages.reporting_year,
        'complaint' as unit,
        stages.stage_id as outcome_id,
        stages.complaint_id,
        stages.procedure,
        stages.stage,
        stages.service,
        trees.tree_from,
        cast(null as string) as category,
        cast(null as string) as sub_category,
        complaints.child_looked_after,
        coalesce(stages.outcome, 'not_known') as outcome,
        stages.responded_date as decided_date
    from stages
    inner join {{ ref('fct_complaints') }} as complaints
        on stages.authority = complaints.authority
        and stages.reporting_year = complaints.reporting_year
        and stages.complaint_id = complaints.complaint_id
    inner join trees
        on stages.authority = trees.authority
        and stages.requested_date between trees.tree_from and trees.tree_to
    where stages.responded_date is not null
)

select * from final
