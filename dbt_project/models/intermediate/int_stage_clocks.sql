-- The clock of each stage: which rule starts it, when it started and ended, and the working days between.
-- The rule row is the one in force when the stage was requested, the limits those in force at clock start.
with

stages as (
    select * from {{ ref('int_stages_as_at') }}
),

timescales as (
    select
        *,
        coalesce(valid_from, cast('1900-01-01' as date)) as in_force_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as in_force_to,
        coalesce(next_valid_from, cast('9999-12-31' as date)) as in_force_before
    from {{ ref('dim_timescale') }}
),

calendar as (
    select * from {{ ref('dim_date') }}
),

ruled as (
    select
        stages.*,
        coalesce(timescales.clock_start, 'requested') as clock_start_rule,
        coalesce(timescales.clock_end, 'responded_date') as clock_end_rule,
        coalesce(timescales.day_count, 'exclude_start_day') as day_count,
        -- Rule 4: at stage 1 the clock of the request is the complaint's receipt, unless the stage was entered again.
        case
            when stages.stage = 1 and not coalesce(stages.is_reopened, false) then stages.complaint_received_date
            else stages.requested_date
        end as request_clock_date
    from stages
    left join timescales
        on stages.authority = timescales.authority
        and stages.procedure = timescales.procedure
        and stages.stage = timescales.stage
        and stages.requested_date >= timescales.in_force_from
        and stages.requested_date <= timescales.in_force_to
        and stages.requested_date < timescales.in_force_before
),

chosen as (
    select
        *,
        case clock_start_rule
            when 'requested' then request_clock_date
            -- Rule 5: acceptance belongs to stage 1.
            when 'accepted' then case when stage = 1 then complaint_accepted_date end
            when 'statement_agreed' then statement_agreed_date
            when 'investigator_appointed' then investigator_appointed_date
        end as rule_date
    from ruled
),

clocked as (
    select
        *,
        coalesce(rule_date, request_clock_date) as clock_start_date,
        rule_date is null as is_clock_start_fallback,
        case
            when responded_date is null then null
            when clock_end_rule = 'closed_date' then coalesce(source_closed_date, responded_date)
            else responded_date
        end as clock_end_date
    from chosen
),

measured as (
    select
        clocked.*,
        timescales.standard_working_days as standard_limit,
        coalesce(timescales.extended_working_days, timescales.standard_working_days) as extended_limit,
        case
            when clocked.extension_agreed = 'yes'
                then coalesce(timescales.extended_working_days, timescales.standard_working_days)
            else timescales.standard_working_days
        end as agreed_limit,
        coalesce(clocked.clock_end_date < clocked.clock_start_date, false) as is_end_before_start,
        case
            when clocked.clock_end_date >= clocked.clock_start_date
                then
                    end_day.working_day_number
                    - start_day.working_day_number
                    + case
                        when clocked.day_count = 'count_start_day' and start_day.is_working_day then 1
                        else 0
                    end
        end as working_days,
        case
            when clocked.clock_end_date >= clocked.clock_start_date
                then cast({{ day_difference("clocked.clock_start_date", "clocked.clock_end_date") }} as integer)
        end as calendar_days
    from clocked
    left join timescales
        on clocked.authority = timescales.authority
        and clocked.procedure = timescales.procedure
        and clocked.stage = timescales.stage
        and clocked.clock_start_date >= timescales.in_force_from
        and clocked.clock_start_date <= timescales.in_force_to
        and clocked.clock_start_date < timescales.in_force_before
    left join calendar as start_day
        on clocked.clock_start_date = start_day.date_day
    left join calendar as end_day
        on clocked.clock_end_date = end_day.date_day
),

final as (
    select
        authority,
        reporting_year,
        stage_id,
        clock_start_rule,
        clock_end_rule,
        day_count,
        clock_start_date,
        is_clock_start_fallback,
        clock_end_date,
        is_end_before_start,
        working_days,
        calendar_days,
        standard_limit,
        extended_limit,
        agreed_limit,
        working_days <= standard_limit as is_within_standard,
        working_days <= extended_limit as is_within_extended,
        working_days <= agreed_limit as is_within_agreed
    from measured
)

select * from final
