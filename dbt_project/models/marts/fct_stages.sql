with

stages as (
    select * from {{ ref('int_stages_as_at') }}
),

closings as (
    select * from {{ ref('int_stage_closings') }}
),

clocks as (
    select * from {{ ref('int_stage_clocks') }}
),

next_stages as (
    select * from {{ ref('int_stage_next') }}
),

panel_steps as (
    select * from {{ ref('int_stage_panel_steps') }}
),

cohorts as (
    select * from {{ ref('int_complaint_cohorts') }}
),

final as (
    select
        stages.authority,
        stages.reporting_year,
        stages.stage_id,
        stages.complaint_id,
        stages.procedure,
        stages.stage,
        stages.service,
        cohorts.cohort,
        stages.requested_date,
        stages.request_decision,
        stages.is_reopened,
        stages.statement_agreed_date,
        stages.investigator_appointed_date,
        stages.investigator_kind,
        stages.panel_date,
        stages.findings_date,
        clocks.clock_start_date,
        clocks.clock_start_rule,
        clocks.is_clock_start_fallback,
        clocks.clock_end_date,
        stages.responded_date,
        closings.closed_date,
        closings.closed_how,
        closings.closing_source,
        closings.is_closed_before_request,
        stages.source_closed_date,
        stages.outcome,
        stages.is_outcome_without_response,
        clocks.working_days,
        clocks.calendar_days,
        clocks.is_end_before_start,
        clocks.standard_limit,
        clocks.extended_limit,
        clocks.agreed_limit,
        clocks.is_within_standard,
        clocks.is_within_extended,
        clocks.is_within_agreed,
        stages.extension_agreed,
        stages.extension_reason,
        panel_steps.panel_working_days,
        panel_steps.findings_working_days,
        panel_steps.letter_working_days,
        next_stages.next_stage_requested_date,
        next_stages.next_stage_requested_date is not null as has_reached_next_stage,
        stages.complex,
        stages.cost_gbp,
        stages.paused_days,
        stages.pause_reason,
        stages.source_in_target,
        coalesce(
            (stages.source_in_target = 'yes') != clocks.is_within_agreed, false
        ) as is_in_target_flag_different,
        stages.extract_id,
        stages.source_row
    from stages
    inner join closings
        on stages.authority = closings.authority
        and stages.reporting_year = closings.reporting_year
        and stages.stage_id = closings.stage_id
    inner join clocks
        on stages.authority = clocks.authority
        and stages.reporting_year = clocks.reporting_year
        and stages.stage_id = clocks.stage_id
    inner join cohorts
        on stages.authority = cohorts.authority
        and stages.reporting_year = cohorts.reporting_year
        and stages.complaint_id = cohorts.complaint_id
    left join next_stages
        on stages.authority = next_stages.authority
        and stages.reporting_year = next_stages.reporting_year
        and stages.stage_id = next_stages.stage_id
    left join panel_steps
        on stages.authority = panel_steps.authority
        and stages.reporting_year = panel_steps.reporting_year
        and stages.stage_id = panel_steps.stage_id
)

select * from final
