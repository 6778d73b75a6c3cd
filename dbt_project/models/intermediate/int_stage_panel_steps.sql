-- Stage 3 by its legal steps: panel within 30 working days of the request, findings within 5 of the panel,
-- the authority's letter within 15 of the findings. A step that ends before it starts has no length.
with

stages as (
    select * from {{ ref('int_stages_as_at') }}
    where stage = 3
),

calendar as (
    select * from {{ ref('dim_date') }}
),

final as (
    select
        stages.authority,
        stages.reporting_year,
        stages.stage_id,
        case
            when stages.panel_date >= stages.requested_date
                then panel_day.working_day_number - request_day.working_day_number
        end as panel_working_days,
        case
            when stages.findings_date >= stages.panel_date
                then findings_day.working_day_number - panel_day.working_day_number
        end as findings_working_days,
        case
            when stages.responded_date >= stages.findings_date
                then response_day.working_day_number - findings_day.working_day_number
        end as letter_working_days
    from stages
    left join calendar as request_day
        on stages.requested_date = request_day.date_day
    left join calendar as panel_day
        on stages.panel_date = panel_day.date_day
    left join calendar as findings_day
        on stages.findings_date = findings_day.date_day
    left join calendar as response_day
        on stages.responded_date = response_day.date_day
)

select * from final
