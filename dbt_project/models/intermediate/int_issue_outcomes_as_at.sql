with

known as (
    {{ known_rows('stg_issue_outcome', 'decided_date') }}
),

issues as (
    select * from {{ ref('int_issues_as_at') }}
),

final as (
    select
        known.authority,
        known.reporting_year,
        known.issue_id,
        known.stage,
        known.outcome,
        known.decided_date
    from known
    inner join issues
        on known.authority = issues.authority
        and known.reporting_year = issues.reporting_year
        and known.issue_id = issues.issue_id
    where known.decided_date is not null
)

select * from final
