with

numbered as (
    select
        *,
        working_day_number - lag(working_day_number, 1, 0) over (order by date_day) as step
    from {{ ref('dim_date') }}
)

select *
from numbered
where is_working_day != (iso_weekday < 6 and not is_bank_holiday)
    or step != case when is_working_day then 1 else 0 end
