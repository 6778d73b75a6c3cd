-- So that whatever happens on one day adds up over the year, at every service and category. The years before the report's own
-- have no months.
with

years as (
    select * from {{ ref('dim_period') }}
    where period_kind = 'year'
),

parts as (
    select * from {{ ref('dim_period') }}
    where period_kind != 'year'
),

kinds as (
    select 'quarter' as period_kind
    union all
    select 'month' as period_kind
)

select
    years.authority,
    years.reporting_year,
    years.period,
    kinds.period_kind,
    days.date_day,
    count(parts.period) as times
from years
inner join {{ ref('dim_date') }} as days
    on days.date_day between years.period_start and years.period_end
inner join kinds
    on kinds.period_kind = 'quarter'
    or years.period = years.reporting_year
left join parts
    on {{ report_key('years', 'parts') }}
    and kinds.period_kind = parts.period_kind
    and days.date_day between parts.period_start and parts.period_end
group by years.authority, years.reporting_year, years.period, kinds.period_kind, days.date_day
having count(parts.period) != 1
