with

quarters as (
    select
        flow.*,
        periods.period_start,
        lead(flow.brought_forward) over (
            partition by flow.authority, flow.reporting_year, flow.procedure, flow.stage, flow.service
            order by periods.period_start
        ) as next_brought_forward
    from {{ ref('fct_flow') }} as flow
    inner join {{ ref('dim_period') }} as periods
        on flow.authority = periods.authority
        and flow.reporting_year = periods.reporting_year
        and flow.period = periods.period
    where periods.period_kind = 'quarter'
)

select *
from quarters
where next_brought_forward != carried_forward
