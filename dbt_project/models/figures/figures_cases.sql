-- A line for each case, where an authority prints one (its setting `list_cases`): later stages in hand in the year, by the day
-- they were asked for, and matters received from the Ombudsman. A date is the number yyyymmdd; a case is named by its place.
-- Working days stand in both ways of counting: the day after the start is day 1, or the start day itself.
{%- set events = {
    'requested': 'requested_date',
    'statement_agreed': 'statement_agreed_date',
    'responded': 'responded_date',
    'closed': 'closed_date',
} %}
with

listing as (

    select distinct authority
    from {{ ref('stg_config_setting') }}
    where
        setting = 'list_cases'
        and value = 'yes'

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind = 'year'

),

calendar as (

    select * from {{ ref('dim_date') }}

),

clocks as (

    select * from {{ ref('int_stage_clocks') }}

),

stages as (

    select
        stages.authority,
        stages.reporting_year,
        periods.period,
        stages.procedure,
        stages.stage,
        stages.service,
        stages.requested_date,
        stages.statement_agreed_date,
        stages.responded_date,
        stages.closed_date,
        stages.working_days,
        stages.working_days + case
            when not start_day.is_working_day then 0
            when clocks.day_count = 'count_start_day' then -1
            else 0
        end as days_after_start,
        case when start_day.is_working_day then 1 else 0 end as start_day_counts,
        row_number() over (
            partition by stages.authority, stages.reporting_year, periods.period, stages.procedure, stages.stage
            order by stages.requested_date, stages.statement_agreed_date, stages.stage_id
        ) as place
    from {{ ref('fct_stages') }} as stages
    inner join listing
        on stages.authority = listing.authority
    inner join periods
        on
            stages.authority = periods.authority
            and stages.reporting_year = periods.reporting_year
            and stages.requested_date <= periods.period_end
            and (stages.closed_date is null or stages.closed_date >= periods.period_start)
    inner join clocks
        on {{ report_key('stages', 'clocks') }}
        and stages.stage_id = clocks.stage_id
    left join calendar as start_day
        on stages.clock_start_date = start_day.date_day
    where stages.stage > 1

),

matters as (

    select
        events.authority,
        events.reporting_year,
        periods.period,
        events.decision,
        events.received_date,
        row_number() over (
            partition by events.authority, events.reporting_year, periods.period
            order by events.received_date, events.ombudsman_id
        ) as place
    from {{ ref('fct_ombudsman') }} as events
    inner join listing
        on events.authority = listing.authority
    inner join periods
        on {{ in_period('received_date') }}

),

lines as (

    select
        authority,
        reporting_year,
        'stage_case_place' as measure,
        {{ breakdown(['case:place', 'procedure', 'service', 'stage']) }} as breakdown,
        period,
        place as value,
        'place' as unit
    from stages

    union all

    {%- for event, column in events.items() %}
    select
        authority,
        reporting_year,
        'stage_case_date' as measure,
        {{ breakdown(['case:place', 'procedure', 'stage'], {'event': event}) }} as breakdown,
        period,
        year({{ column }}) * 10000 + month({{ column }}) * 100 + day({{ column }}) as value,
        'date' as unit
    from stages
    where {{ column }} is not null

    union all
    {%- endfor %}

    {%- for count, expression in {
        'exclude_start_day': 'days_after_start',
        'count_start_day': 'days_after_start + start_day_counts',
    }.items() %}
    select
        authority,
        reporting_year,
        'stage_case_working_days' as measure,
        {{ breakdown(['case:place', 'procedure', 'stage'], {'day_count': count}) }} as breakdown,
        period,
        {{ expression }} as value,
        'days' as unit
    from stages
    where working_days is not null

    union all
    {%- endfor %}

    select
        authority,
        reporting_year,
        'ombudsman_case_place' as measure,
        {{ breakdown(['case:place', 'decision']) }} as breakdown,
        period,
        place as value,
        'place' as unit
    from matters

    union all

    select
        authority,
        reporting_year,
        'ombudsman_case_date' as measure,
        {{ breakdown(['case:place'], {'event': 'received'}) }} as breakdown,
        period,
        year(received_date) * 10000 + month(received_date) * 100 + day(received_date) as value,
        'date' as unit
    from matters

),

final as (

    select
        authority,
        reporting_year,
        measure,
        breakdown,
        period,
        cast(value as double) as numerator,
        cast(null as double) as denominator,
        cast(value as double) as value,
        unit,
        cast(null as string) as variant,
        'computed' as status
    from lines

)

select * from final
