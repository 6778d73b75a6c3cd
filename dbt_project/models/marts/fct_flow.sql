-- Both ends of the stock are counted from the stages open at that moment, not one derived from the other, so
-- that brought forward + entered - closed = carried forward can fail and is worth testing. Periods are whole
-- months, so stages are first added up by the months in which they were requested and closed: the join to the
-- periods is as small for a million stages as for a hundred.
with

stages as (
    select * from {{ ref('fct_stages') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

by_month as (
    select
        authority,
        reporting_year,
        procedure,
        stage,
        service,
        cast(date_trunc('month', requested_date) as date) as requested_month,
        cast(date_trunc('month', closed_date) as date) as closed_month,
        closed_how,
        count(*) as stages
    from stages
    group by
        authority, reporting_year, procedure, stage, service,
        cast(date_trunc('month', requested_date) as date),
        cast(date_trunc('month', closed_date) as date),
        closed_how
),

placed as (
    select
        by_month.authority,
        by_month.reporting_year,
        periods.period,
        by_month.procedure,
        by_month.stage,
        by_month.service,
        by_month.stages,
        by_month.closed_how,
        by_month.requested_month < periods.period_start
        and (by_month.closed_month is null or by_month.closed_month >= periods.period_start)
            as is_open_at_start,
        by_month.requested_month between periods.period_start and periods.period_end as is_entered,
        coalesce(by_month.closed_month between periods.period_start and periods.period_end, false) as is_closed,
        by_month.requested_month <= periods.period_end
        and (by_month.closed_month is null or by_month.closed_month > periods.period_end)
            as is_open_at_end
    from by_month
    inner join periods
        on by_month.authority = periods.authority
        and by_month.reporting_year = periods.reporting_year
),

final as (
    select
        authority,
        reporting_year,
        period,
        procedure,
        stage,
        service,
        {{ stages_where('is_open_at_start') }} as brought_forward,
        {{ stages_where('is_entered') }} as entered,
        {%- for way in ['responded', 'withdrawn', 'escalated', 'mediated', 'refused', 'not_known'] %}
        {{ stages_where("is_closed and closed_how = '" ~ way ~ "'") }} as closed_{{ way }},
        {%- endfor %}
        {{ stages_where('is_closed') }} as closed,
        {{ stages_where('is_open_at_end') }} as carried_forward
    from placed
    group by authority, reporting_year, period, procedure, stage, service
)

select * from final
