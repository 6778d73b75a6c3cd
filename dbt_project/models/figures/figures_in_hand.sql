-- Stages in hand: those open at some time in the year, brought forward or entered, with all that is known of them as at the
-- report. What takes months is counted here whole, whenever it ended; a response belongs to one period, a stage in hand to each.
with

stages as (

    select * from {{ ref('fct_stages') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind = 'year'

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

in_hand as (

    select
        stages.authority,
        stages.reporting_year,
        periods.period,
        periods.period_kind,
        stages.stage_id,
        stages.procedure,
        stages.stage,
        stages.service,
        stages.requested_date,
        coalesce(stages.complex, 'not_known') as complex,
        coalesce(stages.investigator_kind, 'not_known') as investigator_kind,
        case
            when stages.cost_gbp is null then 'not_known'
            when stages.cost_gbp = 0 then 'none'
            else 'some'
        end as cost,
        stages.cost_gbp,
        stages.working_days,
        stages.is_end_before_start,
        stages.is_within_standard,
        stages.is_within_extended
    from stages
    inner join periods
        on
            stages.authority = periods.authority
            and stages.reporting_year = periods.reporting_year
            and stages.requested_date <= periods.period_end
            and (stages.closed_date is null or stages.closed_date >= periods.period_start)

),

in_hand_by_node as (

    select
        in_hand.authority,
        in_hand.reporting_year,
        in_hand.period,
        in_hand.period_kind,
        in_hand.stage_id,
        in_hand.procedure,
        in_hand.stage,
        ancestors.ancestor_service as service
    from in_hand
    inner join ancestors
        on in_hand.authority = ancestors.authority
        and in_hand.service = ancestors.service
        and {{ in_tree_on('in_hand.requested_date') }}

),

timed as (

    select *
    from in_hand
    where
        working_days is not null
        and not is_end_before_start

),

{%- set plain = {'dims': ['procedure', 'stage'], 'kinds': ['year']} %}

counts as (

    {{ figure_counts('stages_in_hand', 'in_hand', [
        plain,
        {'dims': ['complex', 'procedure', 'stage'], 'kinds': ['year'], 'where': 'stage > 1'},
        {'dims': ['investigator_kind', 'procedure', 'stage'], 'kinds': ['year'], 'where': 'stage > 1'},
        {'dims': ['cost', 'investigator_kind', 'procedure', 'stage'], 'kinds': ['year'], 'where': 'stage > 1'},
    ], 'stage_id') }}
    union all
    {{ figure_counts('stages_in_hand', 'in_hand_by_node', [{'dims': ['procedure', 'service', 'stage'], 'kinds': ['year']}], 'stage_id') }}
    {%- for limit in ['standard', 'extended'] %}
    union all
    {{ figure_counts('stages_in_hand_outside_' ~ limit, 'timed', [
        {'dims': ['procedure', 'stage'], 'kinds': ['year'], 'where': 'is_within_' ~ limit ~ ' is not null'},
        {'dims': ['complex', 'procedure', 'stage'], 'kinds': ['year'], 'where': 'stage > 1 and is_within_' ~ limit ~ ' is not null'},
    ], 'stage_id', count='count(case when not is_within_' ~ limit ~ ' then 1 end)') }}
    {%- endfor %}

),

costs as (

    {{ figure_counts('stages_in_hand_cost_gbp', 'in_hand', [
        {'dims': ['procedure', 'stage'], 'kinds': ['year'], 'where': 'cost_gbp is not null'},
        {'dims': ['investigator_kind', 'procedure', 'stage'], 'kinds': ['year'], 'where': 'cost_gbp is not null'},
    ], 'stage_id', count='sum(cost_gbp)') }}

),

days as (

    {{ figure_counts('stages_in_hand_working_days_mean', 'timed', [plain], 'stage_id', count='sum(working_days)') }}

),

measured as (

    {{ figure_counts('stages_in_hand_timed', 'timed', [plain], 'stage_id') }}

),

final as (

    {{ count_rows('counts', unit='stage_episodes') }}
    union all
    {{ count_rows('costs', unit='gbp') }}
    union all
    {{ ratio_rows('days', 'measured', 'stages_in_hand_working_days_mean', scale=1.0, unit='working_days', on_breakdown='breakdown') }}

)

select * from final
