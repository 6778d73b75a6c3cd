with

issues as (
    select * from {{ ref('fct_issues') }}
),

quarters as (
    select * from {{ ref('dim_period') }}
    where period_kind = 'quarter'
),

final as (
    select
        issues.authority,
        issues.reporting_year,
        quarters.period,
        issues.procedure,
        issues.service,
        issues.category,
        issues.sub_category,
        cast(count(*) as integer) as issues
    from issues
    inner join quarters
        on issues.authority = quarters.authority
        and issues.reporting_year = quarters.reporting_year
        and issues.raised_date between quarters.period_start and quarters.period_end
    group by
        issues.authority, issues.reporting_year, quarters.period, issues.procedure, issues.service,
        issues.category, issues.sub_category
)

select * from final
