-- fct_flow adds stages up by month; here they are counted by day, at every service, in every year, quarter and month.
with

days as (
    select
        authority,
        reporting_year,
        procedure,
        stage,
        service,
        requested_date as day,
        1 as entered,
        0 as closed
    from {{ ref('fct_stages') }}
    union all
    select
        authority,
        reporting_year,
        procedure,
        stage,
        service,
        closed_date as day,
        0 as entered,
        1 as closed
    from {{ ref('fct_stages') }}
    where closed_date is not null
),

both_sides as (
    select
        authority,
        reporting_year,
        period,
        procedure,
        stage,
        service,
        entered as entered_in_flow,
        closed as closed_in_flow,
        0 as entered,
        0 as closed
    from {{ ref('fct_flow') }}
    union all
    select
        days.authority,
        days.reporting_year,
        periods.period,
        days.procedure,
        days.stage,
        days.service,
        0 as entered_in_flow,
        0 as closed_in_flow,
        days.entered,
        days.closed
    from days
    inner join {{ ref('dim_period') }} as periods
        on {{ report_key('days', 'periods') }}
        and days.day between periods.period_start and periods.period_end
)

select
    authority,
    reporting_year,
    period,
    procedure,
    stage,
    service,
    sum(entered_in_flow) as entered_in_flow,
    sum(entered) as entered,
    sum(closed_in_flow) as closed_in_flow,
    sum(closed) as closed
from both_sides
group by authority, reporting_year, period, procedure, stage, service
having sum(entered_in_flow) != sum(entered) or sum(closed_in_flow) != sum(closed)
