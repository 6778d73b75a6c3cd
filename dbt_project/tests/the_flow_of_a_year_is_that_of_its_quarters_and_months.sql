{#- Only the report's own year has months. -#}
with

flow as (
    select
        flow.*,
        periods.period_kind,
        periods.period_reporting_year
    from {{ ref('fct_flow') }} as flow
    inner join {{ ref('dim_period') }} as periods
        on {{ report_key('flow', 'periods') }}
        and flow.period = periods.period
),

sides as (
    select
        authority,
        reporting_year,
        period_reporting_year,
        procedure,
        stage,
        service
        {%- for kind in ['year', 'quarter', 'month'] %},
        sum(case when period_kind = '{{ kind }}' then entered end) as entered_by_{{ kind }},
        sum(case when period_kind = '{{ kind }}' then closed end) as closed_by_{{ kind }}
        {%- endfor %}
    from flow
    group by authority, reporting_year, period_reporting_year, procedure, stage, service
)

select *
from sides
where coalesce(entered_by_year != entered_by_quarter or closed_by_year != closed_by_quarter, true)
    or (
        period_reporting_year = reporting_year
        and coalesce(entered_by_year != entered_by_month or closed_by_year != closed_by_month, true)
    )
