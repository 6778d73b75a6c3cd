with

reports as (
    select * from {{ ref('dim_report') }}
),

authorities as (
    select * from {{ ref('dim_authority') }}
),

calendar as (
    select * from {{ ref('dim_date') }}
),

kinds as (
    select
        reporting_year,
        reporting_year as period,
        'year' as period_kind,
        min(date_day) as period_start,
        max(date_day) as period_end
    from calendar
    group by reporting_year
    union all
    select
        reporting_year,
        quarter_period as period,
        'quarter' as period_kind,
        min(date_day) as period_start,
        max(date_day) as period_end
    from calendar
    group by reporting_year, quarter_period
    union all
    select
        reporting_year,
        month_period as period,
        'month' as period_kind,
        min(date_day) as period_start,
        max(date_day) as period_end
    from calendar
    group by reporting_year, month_period
),

-- The report's own year by year, quarter and month; years before it that the cases cover from their first day, without months.
final as (
    select
        reports.authority,
        reports.reporting_year,
        kinds.period,
        kinds.period_kind,
        kinds.period_start,
        kinds.period_end,
        kinds.reporting_year as period_reporting_year
    from reports
    inner join authorities
        on reports.authority = authorities.authority
    inner join kinds
        on (
            kinds.period_start >= reports.period_start
            and kinds.period_end <= reports.period_end
        )
        or (
            kinds.period_end < reports.period_start
            and kinds.period_kind in ('year', 'quarter')
            and make_date(cast(left(kinds.reporting_year, 4) as integer), 4, 1) >= authorities.case_data_from
        )
)

select * from final
