with

flow as (
    select
        flow.*,
        periods.period_kind,
        periods.period_reporting_year
    from {{ ref('fct_flow') }} as flow
    inner join {{ ref('dim_period') }} as periods
        on flow.authority = periods.authority
        and flow.reporting_year = periods.reporting_year
        and flow.period = periods.period
),

sides as (
    select
        authority,
        reporting_year,
        period_reporting_year,
        procedure,
        stage,
        service,
        sum(case when period_kind = 'year' then entered end) as entered_in_year,
        sum(case when period_kind = 'quarter' then entered end) as entered_in_quarters,
        sum(case when period_kind = 'year' then closed end) as closed_in_year,
        sum(case when period_kind = 'quarter' then closed end) as closed_in_quarters
    from flow
    group by authority, reporting_year, period_reporting_year, procedure, stage, service
)

select *
from sides
where coalesce(entered_in_year != entered_in_quarters, true)
    or coalesce(closed_in_year != closed_in_quarters, true)
