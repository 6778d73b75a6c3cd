with

months as (
    select
        month_period,
        max(date_day) as last_day
    from {{ ref('dim_date') }}
    group by month_period
)

select periods.*
from {{ ref('dim_period') }} as periods
left join months
    on periods.period_end = months.last_day
where months.last_day is null
    or extract(day from periods.period_start) != 1
