with

days as (
    {{ date_series(var('calendar_start'), var('calendar_end')) }}
),

bank_holidays as (
    select
        date as holiday_date,
        name as holiday_name
    from {{ ref('bank_holidays') }}
    where division = 'england-and-wales'
),

marked as (
    select
        days.date_day,
        {{ iso_weekday('days.date_day') }} as iso_weekday,
        bank_holidays.holiday_date is not null as is_bank_holiday,
        bank_holidays.holiday_name as bank_holiday_name,
        {{ iso_weekday('days.date_day') }} < 6 and bank_holidays.holiday_date is null as is_working_day
    from days
    left join bank_holidays
        on days.date_day = bank_holidays.holiday_date
),

final as (
    select
        date_day,
        cast(iso_weekday as integer) as iso_weekday,
        is_bank_holiday,
        bank_holiday_name,
        is_working_day,
        -- Working days up to and including this day: a duration is one subtraction.
        cast(
            sum(case when is_working_day then 1 else 0 end) over (
                order by date_day rows between unbounded preceding and current row
            ) as integer
        ) as working_day_number,
        {{ reporting_year_of('date_day') }} as reporting_year,
        {{ quarter_of('date_day') }} as quarter,
        {{ reporting_year_of('date_day') }} || '-' || {{ quarter_of('date_day') }} as quarter_period,
        {{ month_of('date_day') }} as month_period
    from marked
)

select * from final
