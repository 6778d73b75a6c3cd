with

periods as (
    select
        flow.*,
        periods.period_start,
        periods.period_kind,
        lead(flow.brought_forward) over (
            partition by
                flow.authority, flow.reporting_year, flow.procedure, flow.stage, flow.service, flow.tree_from,
                periods.period_kind
            order by periods.period_start
        ) as next_brought_forward
    from {{ ref('fct_flow') }} as flow
    inner join {{ ref('dim_period') }} as periods
        on {{ report_key('flow', 'periods') }}
        and flow.period = periods.period
)

select *
from periods
where next_brought_forward != carried_forward
