-- Stock and flow of stage episodes, complaints open across a year's edge, and escalation in its two readings.
with

flow as (

    select * from {{ ref('fct_flow') }}

),

stages as (

    select * from {{ ref('fct_stages') }}

),

periods as (

    select * from {{ ref('dim_period') }}

),

-- places in the tree until the end of the report's year: in one that comes later there is nothing, and it is no part of the report
ancestors as (

    select
        reports.reporting_year,
        bridges.*
    from {{ ref('bridge_service_ancestor') }} as bridges
    inner join {{ ref('dim_report') }} as reports
        on bridges.authority = reports.authority
        and bridges.valid_from <= reports.period_end

),

-- a stage that a procedure in use provides for holds its place with 0, whether or not a complaint has ever reached it
provided as (

    select distinct
        flow.authority,
        flow.reporting_year,
        flow.procedure,
        timescales.stage
    from flow
    inner join {{ ref('dim_timescale') }} as timescales
        on
            flow.authority = timescales.authority
            and flow.procedure = timescales.procedure

),

flow_by_period as (

    select
        flow.*,
        periods.period_kind
    from flow
    inner join periods
        on {{ report_key('flow', 'periods') }}
        and flow.period = periods.period

),

flow_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        procedure,
        stage,
        brought_forward,
        entered,
        closed,
        carried_forward
    from flow_by_period

    union all

    select
        provided.authority,
        provided.reporting_year,
        periods.period,
        periods.period_kind,
        provided.procedure,
        provided.stage,
        0 as brought_forward,
        0 as entered,
        0 as closed,
        0 as carried_forward
    from provided
    inner join periods
        on {{ report_key('provided', 'periods') }}

),

flow_by_node as (

    select
        flow_by_period.authority,
        flow_by_period.reporting_year,
        flow_by_period.period,
        flow_by_period.period_kind,
        flow_by_period.procedure,
        flow_by_period.stage,
        flow_by_period.brought_forward,
        flow_by_period.entered,
        flow_by_period.closed_responded,
        flow_by_period.closed_withdrawn,
        flow_by_period.closed_escalated,
        flow_by_period.closed_mediated,
        flow_by_period.closed_refused,
        flow_by_period.closed_not_known,
        flow_by_period.closed,
        flow_by_period.carried_forward,
        ancestors.ancestor_service as service
    from flow_by_period
    inner join ancestors
        on {{ report_key('flow_by_period', 'ancestors') }}
        and flow_by_period.service = ancestors.service
        and {{ in_tree_on('flow_by_period.tree_from') }}

),

{%- set plain_sets = [{'dims': ['procedure', 'stage']}] %}
{%- set node_sets = [{'dims': ['procedure', 'service', 'stage']}] %}

stock_counts as (

    {%- for measure in ['brought_forward', 'entered', 'closed', 'carried_forward'] %}
    {{ figure_counts(measure, 'flow_with_zeros', plain_sets, 'stage_id', count='sum(' ~ measure ~ ')') }}
    union all
    {{ figure_counts(measure, 'flow_by_node', node_sets, 'stage_id', count='sum(' ~ measure ~ ')') }}
    union all
    {%- endfor %}
    {%- for how in ['responded', 'withdrawn', 'escalated', 'mediated', 'refused', 'not_known'] %}
    {{ figure_counts('closed', 'flow_by_period', plain_sets, 'stage_id', {'closed_how': how}, count='sum(closed_' ~ how ~ ')') }}
    union all
    {{ figure_counts('closed', 'flow_by_node', node_sets, 'stage_id', {'closed_how': how}, count='sum(closed_' ~ how ~ ')') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

-- all stages together are stage episodes, never complaints
episode_counts as (

    {{ figure_counts('stage_episodes_entered', 'flow_by_period', [{'dims': []}, {'dims': ['procedure']}], 'stage_id', count='sum(entered)') }}

),

closed_ways as (

    select
        *,
        substr(breakdown, instr(breakdown, ';') + 1) as closed_breakdown
    from stock_counts
    where
        measure = 'closed'
        and period_kind = 'year'
        and breakdown like 'closed\_how=%' escape '\'

),

closed_all as (

    select *
    from stock_counts
    where
        measure = 'closed'
        and numerator > 0
        and breakdown not like 'closed\_how=%' escape '\'

),

-- the stages of each complaint with every service node
episodes as (

    select
        stages.authority,
        stages.reporting_year,
        stages.stage_id,
        stages.complaint_id,
        stages.procedure,
        stages.stage,
        ancestors.ancestor_service as service,
        stages.cohort,
        stages.requested_date,
        stages.closed_date,
        coalesce(stages.closed_how, 'not_known') as closed_how,
        stages.has_reached_next_stage
    from stages
    inner join ancestors
        on {{ report_key('stages', 'ancestors') }}
        and stages.service = ancestors.service
        and {{ in_tree_on('stages.requested_date') }}

),

year_periods as (

    select * from periods where period_kind = 'year'

),

entered_in as (

    select
        events.*,
        periods.period,
        periods.period_kind
    from episodes as events
    inner join year_periods as periods
        on {{ in_period('requested_date') }}

),

closed_in as (

    select
        events.*,
        periods.period,
        periods.period_kind
    from episodes as events
    inner join year_periods as periods
        on {{ in_period('closed_date') }}

),

cohort_counts as (

    {{ figure_counts('entered', 'entered_in', [{'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year']}], 'stage_id') }}
    union all
    {{ figure_counts('closed', 'closed_in', [
        {'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year']},
        {'dims': ['closed_how', 'cohort', 'procedure', 'service', 'stage'], 'kinds': ['year']},
    ], 'stage_id') }}
    union all
    {{ figure_counts('resolved', 'closed_in', [
        {'dims': ['procedure', 'service', 'stage'], 'kinds': ['year'], 'where': 'not has_reached_next_stage'},
        {'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year'], 'where': 'not has_reached_next_stage'},
    ], 'stage_id') }}

),

-- stages asked for in the period and not refused, with how many services the complaint is about
complaint_services as (

    select * from {{ ref('bridge_complaint_service') }}

),

services_touched as (

    select
        authority,
        reporting_year,
        complaint_id,
        count(distinct service) as services_touched
    from complaint_services
    group by
        authority,
        reporting_year,
        complaint_id

),

reported_periods as (

    select * from periods where period_kind in ('year', 'quarter')

),

taken_up as (

    select
        events.authority,
        events.reporting_year,
        events.stage_id,
        events.complaint_id,
        events.procedure,
        events.stage,
        services_touched.services_touched,
        periods.period,
        periods.period_kind
    from stages as events
    inner join reported_periods as periods
        on {{ in_period('requested_date') }}
    inner join services_touched
        on {{ report_key('events', 'services_touched') }}
        and events.complaint_id = services_touched.complaint_id
    where
        coalesce(events.request_decision, 'accepted') != 'refused'
        and coalesce(events.closed_how, 'not_known') != 'refused'

),

taken_up_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        stage_id,
        procedure,
        stage
    from taken_up

    union all

    select
        provided.authority,
        provided.reporting_year,
        periods.period,
        periods.period_kind,
        cast(null as string) as stage_id,
        provided.procedure,
        provided.stage
    from provided
    inner join periods
        on {{ report_key('provided', 'periods') }}

),

taken_up_by_service as (

    select distinct
        taken_up.authority,
        taken_up.reporting_year,
        taken_up.period,
        taken_up.period_kind,
        taken_up.stage_id,
        taken_up.procedure,
        taken_up.stage,
        nodes.service
    from taken_up
    inner join {{ ref('int_complaint_service_node') }} as nodes
        on {{ report_key('taken_up', 'nodes') }}
        and taken_up.complaint_id = nodes.complaint_id

),

taken_up_counts as (

    {{ figure_counts('stages_taken_up', 'taken_up_with_zeros', [
        {'dims': []},
        {'dims': ['procedure']},
        {'dims': ['procedure', 'stage']},
    ], 'stage_id') }}
    union all
    {{ figure_counts('stages_taken_up_by_service_touched', 'taken_up_by_service', [
        {'dims': ['procedure', 'service', 'stage'], 'kinds': ['year']},
    ], 'stage_id') }}
    union all
    {{ figure_counts('stages_taken_up_in_several', 'taken_up', [
        {'dims': ['procedure', 'stage'], 'kinds': ['year']},
    ], 'stage_id', count='count(distinct case when services_touched > 1 then stage_id end)') }}

),

-- a complaint with any stage open at the edge of the period counts once
open_at_start as (

    select
        events.*,
        periods.period,
        periods.period_kind
    from episodes as events
    inner join year_periods as periods
        on
            events.authority = periods.authority
            and events.reporting_year = periods.reporting_year
            and events.requested_date < periods.period_start
            and (events.closed_date is null or events.closed_date >= periods.period_start)

),

open_at_end as (

    select
        events.*,
        periods.period,
        periods.period_kind
    from episodes as events
    inner join year_periods as periods
        on
            events.authority = periods.authority
            and events.reporting_year = periods.reporting_year
            and events.requested_date <= periods.period_end
            and (events.closed_date is null or events.closed_date > periods.period_end)

),

-- where an authority has stages at all, nothing open at an edge of a year is 0, not absent
places as (

    select distinct
        episodes.authority,
        episodes.reporting_year,
        year_periods.period,
        year_periods.period_kind,
        episodes.procedure,
        episodes.service
    from episodes
    inner join year_periods
        on {{ report_key('episodes', 'year_periods') }}

),

{%- for edge in ['open_at_start', 'open_at_end'] %}

{{ edge }}_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        procedure,
        service
    from {{ edge }}

    union all

    select
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        procedure,
        service
    from places

),
{%- endfor %}

{% set complaint_sets = [
    {'dims': [], 'kinds': ['year']},
    {'dims': ['procedure'], 'kinds': ['year']},
    {'dims': ['service'], 'kinds': ['year']},
    {'dims': ['procedure', 'service'], 'kinds': ['year']},
] %}

complaint_counts as (

    {{ figure_counts('complaints_brought_forward', 'open_at_start_with_zeros', complaint_sets, 'complaint_id') }}
    union all
    {{ figure_counts('complaints_carried_forward', 'open_at_end_with_zeros', complaint_sets, 'complaint_id') }}
    union all
    {{ figure_counts('complaints_carried_forward', 'open_at_end', [
        {'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year']},
    ], 'complaint_id') }}

),

-- rows of stage n+1 requested in the period: of a complaint with stage n of the same procedure it has escalated; else, as after
-- a step from another procedure, it was entered directly (rule 8)
lower_stages as (

    select distinct
        authority,
        reporting_year,
        complaint_id,
        procedure,
        stage + 1 as stage
    from stages

),

periods_escalation as (

    select * from periods where period_kind in ('year', 'quarter')

),

later_stages as (

    select
        events.authority,
        events.reporting_year,
        events.stage_id,
        events.procedure,
        events.stage,
        events.stage - 1 as from_stage,
        events.service,
        events.cohort,
        periods.period,
        periods.period_kind,
        lower_stages.stage is null as is_entered_directly
    from episodes as events
    inner join periods_escalation as periods
        on {{ in_period('requested_date') }}
    left join lower_stages
        on
            events.authority = lower_stages.authority
            and events.reporting_year = lower_stages.reporting_year
            and events.complaint_id = lower_stages.complaint_id
            and events.procedure = lower_stages.procedure
            and events.stage = lower_stages.stage
    where events.stage > 1

),

escalations as (

    select * from later_stages where not is_entered_directly

),

entries as (

    select
        events.authority,
        events.reporting_year,
        events.complaint_id,
        events.procedure,
        events.stage as from_stage,
        events.service,
        events.has_reached_next_stage,
        periods.period,
        periods.period_kind
    from episodes as events
    inner join periods_escalation as periods
        on {{ in_period('requested_date') }}

),

{%- set escalation_sets = [
    {'dims': ['from_stage']},
    {'dims': ['from_stage', 'procedure']},
    {'dims': ['from_stage', 'service']},
    {'dims': ['from_stage', 'procedure', 'service']},
] %}
entry_counts as (

    {{ figure_counts('entries', 'entries', escalation_sets, 'complaint_id') }}

),

flow_escalated as (

    {{ figure_counts('escalated_flow', 'escalations', escalation_sets, 'stage_id') }}

),

direct_counts as (

    {{ figure_counts('entered_directly', 'later_stages', [
        {'dims': ['stage']},
        {'dims': ['procedure', 'stage']},
        {'dims': ['service', 'stage']},
        {'dims': ['procedure', 'service', 'stage']},
    ], 'stage_id', count='count(distinct case when is_entered_directly then stage_id end)') }}

),

-- where stages were entered and none went on, the figure is 0, not absent
flow_counts as (

    select
        entry_counts.authority,
        entry_counts.reporting_year,
        entry_counts.period,
        entry_counts.period_kind,
        'escalated_flow' as measure,
        entry_counts.breakdown,
        entry_counts.breakdown as whole_breakdown,
        coalesce(flow_escalated.numerator, 0) as numerator
    from entry_counts
    left join flow_escalated
        on
            entry_counts.authority = flow_escalated.authority
            and entry_counts.reporting_year = flow_escalated.reporting_year
            and entry_counts.period = flow_escalated.period
            and entry_counts.breakdown = flow_escalated.breakdown
    where entry_counts.breakdown not like 'from_stage=3%'

    union all

    select
        flow_escalated.authority,
        flow_escalated.reporting_year,
        flow_escalated.period,
        flow_escalated.period_kind,
        flow_escalated.measure,
        flow_escalated.breakdown,
        cast(null as string) as whole_breakdown,
        flow_escalated.numerator
    from flow_escalated
    left join entry_counts
        on
            flow_escalated.authority = entry_counts.authority
            and flow_escalated.reporting_year = entry_counts.reporting_year
            and flow_escalated.period = entry_counts.period
            and flow_escalated.breakdown = entry_counts.breakdown
    where entry_counts.breakdown is null

),

flow_cohort_counts as (

    {{ figure_counts('escalated_flow', 'escalations', [
        {'dims': ['cohort', 'from_stage', 'procedure', 'service'], 'kinds': ['year']},
    ], 'stage_id') }}

),

cohort_escalated as (

    {{ figure_counts('escalated_cohort', 'entries', escalation_sets, 'complaint_id',
        count='count(distinct case when has_reached_next_stage then complaint_id end)') }}

),

cohort_shown as (

    select * from cohort_escalated where breakdown not like 'from_stage=3%'

),

final as (

    {{ count_rows('stock_counts', unit='stage_episodes') }}
    union all
    {{ count_rows('episode_counts', unit='stage_episodes') }}
    union all
    {{ ratio_rows('closed_ways', 'closed_all', 'closed_share', on_breakdown='closed_breakdown') }}
    union all
    {{ count_rows('cohort_counts', unit='stage_episodes') }}
    union all
    {{ count_rows('taken_up_counts', unit='stage_episodes') }}
    union all
    {{ count_rows('complaint_counts') }}
    union all
    {{ count_rows('flow_counts') }}
    union all
    {{ count_rows('flow_cohort_counts') }}
    union all
    {{ count_rows('direct_counts', unit='stage_episodes') }}
    union all
    {{ ratio_rows('flow_counts', 'entry_counts', 'escalated_flow_share') }}
    union all
    {{ count_rows('cohort_shown') }}
    union all
    {{ ratio_rows('cohort_shown', 'entry_counts', 'escalated_cohort_share', on_breakdown='breakdown') }}

)

select * from final
