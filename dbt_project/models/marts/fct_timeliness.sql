with

stages as (
    select * from {{ ref('fct_stages') }}
),

final as (
    select
        authority,
        reporting_year,
        stage_id,
        complaint_id,
        procedure,
        stage,
        service,
        cohort,
        clock_start_date,
        clock_start_rule,
        is_clock_start_fallback,
        clock_end_date,
        responded_date,
        -- Rule 22: whichever date ends the clock, the response belongs to the period of its own date.
        responded_date as response_period_day,
        closed_how,
        working_days,
        calendar_days,
        is_end_before_start,
        standard_limit,
        extended_limit,
        agreed_limit,
        is_within_standard,
        is_within_extended,
        is_within_agreed,
        extension_agreed,
        extract_id,
        source_row
    from stages
    where responded_date is not null
)

select * from final
