-- Responses, their timeliness and withdrawals. A response belongs to the period of its responded_date and to its stage's service.
-- `basis=including_withdrawn` is the named variant that counts withdrawals among the stages answered.
{% set keys = [['stage'], ['procedure', 'stage'], ['service', 'stage'], ['procedure', 'service', 'stage']] %}
with

stages as (

    select * from {{ ref('fct_stages') }}

),

periods as (

    select * from {{ ref('dim_period') }}

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

bands as (

    select * from {{ ref('stg_config_time_band') }}

),

-- what happened to stages: answers on the day of the response, withdrawals on the day of the closing. A stage answered and
-- then withdrawn is both, each on its own day.
events as (

    select
        *,
        responded_date as event_date,
        true as is_response,
        not is_end_before_start as is_timed
    from stages
    where responded_date is not null

    union all

    select
        *,
        closed_date as event_date,
        false as is_response,
        false as is_timed
    from stages
    where closed_how = 'withdrawn'

),

finished as (

    select
        events.*,
        periods.period,
        periods.period_kind,
        events.is_timed and events.standard_limit is not null as is_limited
    from events
    inner join periods
        on {{ in_period('event_date') }}

),

withdrawals as (

    select
        stages.*,
        periods.period,
        periods.period_kind
    from stages
    inner join periods
        on
            stages.authority = periods.authority
            and stages.reporting_year = periods.reporting_year
            and stages.closed_date between periods.period_start and periods.period_end

),

-- one row per stage, period and service node; the service itself is one of its nodes, and `not_known` has only itself
finished_by_node as (

    select
        finished.authority,
        finished.reporting_year,
        finished.period,
        finished.period_kind,
        finished.stage_id,
        finished.procedure,
        finished.stage,
        finished.cohort,
        finished.working_days,
        finished.calendar_days,
        finished.is_response,
        finished.is_timed,
        finished.is_limited,
        finished.is_within_standard,
        finished.is_within_extended,
        finished.is_within_agreed,
        finished.event_date,
        ancestors.ancestor_service as service
    from finished
    inner join ancestors
        on finished.authority = ancestors.authority
        and finished.service = ancestors.service
        and {{ in_tree_on('finished.requested_date') }}

),

withdrawals_by_node as (

    select
        withdrawals.authority,
        withdrawals.reporting_year,
        withdrawals.period,
        withdrawals.period_kind,
        withdrawals.stage_id,
        withdrawals.procedure,
        withdrawals.stage,
        withdrawals.cohort,
        withdrawals.closed_how,
        ancestors.ancestor_service as service
    from withdrawals
    inner join ancestors
        on withdrawals.authority = ancestors.authority
        and withdrawals.service = ancestors.service
        and {{ in_tree_on('withdrawals.requested_date') }}

),

{%- set plain_sets = [{'dims': ['stage']}, {'dims': ['procedure', 'stage']}] %}
{%- set node_sets = [{'dims': ['service', 'stage']}, {'dims': ['procedure', 'service', 'stage']}] %}
{#- Where no limit is in force, an answer is neither within it nor late: such answers are in no part and no whole. #}
{%- set limited_plain_sets = [{'dims': ['stage'], 'where': 'is_limited'}, {'dims': ['procedure', 'stage'], 'where': 'is_limited'}] %}
{%- set limited_node_sets = [{'dims': ['service', 'stage'], 'where': 'is_limited'}, {'dims': ['procedure', 'service', 'stage'], 'where': 'is_limited'}] %}

counts as (

    {{ figure_counts_and_by_node('responses', 'finished', plain_sets, node_sets, 'stage_id', count='count(case when is_response then 1 end)') }}
    union all
    {{ figure_counts_and_by_node('responses', 'finished', plain_sets, node_sets, 'stage_id', {'basis': 'including_withdrawn'}, count='count(*)') }}
    union all
    {{ figure_counts('responses', 'finished_by_node', [
        {'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year'], 'where': 'is_response'},
    ], 'stage_id') }}
    union all
    {{ figure_counts('responses', 'finished_by_node', [
        {'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year']},
    ], 'stage_id', {'basis': 'including_withdrawn'}, count='count(*)') }}
    union all
    {{ figure_counts('stage_episodes_answered', 'finished', [{'dims': [], 'where': 'is_response'}, {'dims': ['procedure'], 'where': 'is_response'}], 'stage_id') }}
    union all
    {{ figure_counts('stage_episodes_answered', 'finished_by_node', [
        {'dims': ['service'], 'where': 'is_response'},
        {'dims': ['procedure', 'service'], 'where': 'is_response'},
    ], 'stage_id') }}
    union all
    {{ figure_counts('clock_fallbacks', 'finished', plain_sets, 'stage_id', count='count(case when is_response and is_clock_start_fallback then 1 end)') }}
    union all
    {{ figure_counts('clock_errors', 'finished', plain_sets, 'stage_id', count='count(case when is_response and not is_timed then 1 end)') }}
    union all
    {{ figure_counts_and_by_node('responses_timed', 'finished', plain_sets, node_sets, 'stage_id', count='count(case when is_timed then 1 end)') }}
    union all
    {{ figure_counts_and_by_node('responses_timed', 'finished', plain_sets, node_sets, 'stage_id', {'basis': 'including_withdrawn'}, count='count(case when is_timed or not is_response then 1 end)') }}
    {%- for limit in ['standard', 'extended', 'agreed'] %}
    union all
    {{ figure_counts_and_by_node('responses_within_' ~ limit, 'finished', limited_plain_sets, limited_node_sets, 'stage_id', count='count(case when is_within_' ~ limit ~ ' then 1 end)') }}
    union all
    {{ figure_counts_and_by_node('responses_outside_' ~ limit, 'finished', limited_plain_sets, limited_node_sets, 'stage_id', count='count(case when not is_within_' ~ limit ~ ' then 1 end)') }}
    {%- endfor %}

),

{#- all stages together are stage episodes, never complaints #}
{%- set episode_sets = [{'dims': [], 'where': 'is_limited'}, {'dims': ['procedure'], 'where': 'is_limited'}] %}

episodes_limited as (

    {{ figure_counts('stage_episodes_with_a_limit', 'finished', episode_sets, 'stage_id') }}

),

{%- for limit in ['standard', 'extended', 'agreed'] %}
episodes_within_{{ limit }} as (

    {{ figure_counts('stage_episodes_answered_within_' ~ limit, 'finished', episode_sets, 'stage_id', count='count(case when is_within_' ~ limit ~ ' then 1 end)') }}

),
{%- endfor %}

limited as (

    {{ figure_counts_and_by_node('responses_with_a_limit', 'finished', limited_plain_sets, limited_node_sets, 'stage_id') }}

),

withdrawn_counts as (

    {{ figure_counts('withdrawn', 'withdrawals', plain_sets, 'stage_id', count="count(case when closed_how = 'withdrawn' then 1 end)") }}
    union all
    {{ figure_counts('withdrawn', 'withdrawals_by_node', node_sets + [
        {'dims': ['cohort', 'procedure', 'service', 'stage'], 'kinds': ['year']},
    ], 'stage_id', count="count(case when closed_how = 'withdrawn' then 1 end)") }}

),

-- bands are an authority's own, per procedure and stage, and may overlap (0-10, 11-20, 0-20); those in force on the day count
banded as (

    select
        finished_by_node.authority,
        finished_by_node.reporting_year,
        finished_by_node.period,
        finished_by_node.period_kind,
        finished_by_node.procedure,
        finished_by_node.stage,
        finished_by_node.service,
        bands.band,
        case
            when
                finished_by_node.is_timed
                and finished_by_node.working_days >= bands.from_days
                and (bands.to_days is null or finished_by_node.working_days <= bands.to_days)
                then finished_by_node.stage_id
        end as stage_id
    from finished_by_node
    inner join bands
        on finished_by_node.authority = bands.authority
        and finished_by_node.procedure = bands.procedure
        and finished_by_node.stage = bands.stage
        and {{ in_force_on('finished_by_node.event_date', 'bands') }}

),

banded_total as (

    select
        finished.authority,
        finished.reporting_year,
        finished.period,
        finished.period_kind,
        finished.procedure,
        finished.stage,
        bands.band,
        case
            when
                finished.is_timed
                and finished.working_days >= bands.from_days
                and (bands.to_days is null or finished.working_days <= bands.to_days)
                then finished.stage_id
        end as stage_id
    from finished
    inner join bands
        on finished.authority = bands.authority
        and finished.procedure = bands.procedure
        and finished.stage = bands.stage
        and {{ in_force_on('finished.event_date', 'bands') }}

),

band_counts as (

    {{ figure_counts('responses_in_band', 'banded_total', [{'dims': ['band', 'procedure', 'stage'], 'share': 'band'}], 'stage_id') }}
    union all
    {{ figure_counts('responses_in_band', 'banded', [{'dims': ['band', 'procedure', 'service', 'stage'], 'share': 'band'}], 'stage_id') }}

),

band_counts_with_withdrawn as (

    {{ figure_counts('responses_in_band', 'banded_total', [{'dims': ['band', 'procedure', 'stage'], 'share': 'band'}], 'stage_id', {'basis': 'including_withdrawn'}) }}
    union all
    {{ figure_counts('responses_in_band', 'banded', [{'dims': ['band', 'procedure', 'service', 'stage'], 'share': 'band'}], 'stage_id', {'basis': 'including_withdrawn'}) }}

),

timed as (

    select * from counts where measure = 'responses_timed'

),

with_withdrawn as (

    select * from counts where measure = 'responses' and breakdown like 'basis=including_withdrawn%'

),

withdrawn_whole as (

    select
        authority,
        reporting_year,
        period,
        breakdown,
        'basis=including_withdrawn;' || breakdown as whole_breakdown,
        numerator
    from withdrawn_counts

),

{%- for limit in ['standard', 'extended', 'agreed'] %}
within_{{ limit }} as (

    select * from counts where measure = 'responses_within_{{ limit }}'

),

outside_{{ limit }} as (

    select * from counts where measure = 'responses_outside_{{ limit }}'

),
{%- endfor %}

-- The law's limits within stage 3, each from the end of the step before it. A step belongs to the period in which it ended; one
-- without both dates, or whose dates are out of order, is not timed.
panel_steps as (

    {%- for step, start, end, days in [
        ('panel', 'requested_date', 'panel_date', 'panel_working_days'),
        ('findings', 'panel_date', 'findings_date', 'findings_working_days'),
        ('response', 'findings_date', 'responded_date', 'letter_working_days'),
    ] %}

    select
        authority,
        reporting_year,
        stage_id,
        '{{ step }}' as step,
        {{ start }} as start_date,
        {{ end }} as end_date,
        {{ days }} as working_days
    from stages
    where
        procedure = 'statutory'
        and stage = 3
        and {{ days }} is not null
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

panel_steps_ended as (

    select
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.stage_id,
        events.step,
        events.working_days <= limits.limit_working_days as is_within_limit
    from panel_steps as events
    inner join periods
        on {{ in_period('end_date') }}
    inner join {{ ref('panel_step_limits') }} as limits
        on events.step = limits.step
        and {{ in_force_on('events.start_date', 'limits') }}

),

panel_counts as (

    {{ figure_counts('panel_steps', 'panel_steps_ended', [{'dims': ['step']}], 'stage_id') }}

),

panel_within as (

    {{ figure_counts('panel_steps_within_limit', 'panel_steps_ended', [{'dims': ['step']}], 'stage_id', count='count(case when is_within_limit then 1 end)') }}

),

-- averages leave out what ends before it starts
averages as (

    {%- for measure, expression, unit in [
        ('working_days_mean', 'avg(working_days)', 'working_days'),
        ('working_days_median', 'median(working_days)', 'working_days'),
        ('calendar_days_mean', 'avg(calendar_days)', 'calendar_days'),
    ] %}
    {%- for dims in keys %}
    select
        authority,
        reporting_year,
        '{{ measure }}' as measure,
        {{ breakdown(dims) }} as breakdown,
        period,
        cast({{ "sum(calendar_days)" if unit == 'calendar_days' else "sum(working_days)" }} as double) as numerator,
        cast(count(*) as double) as denominator,
        cast({{ expression }} as double) as value,
        '{{ unit }}' as unit,
        cast(null as string) as variant,
        'computed' as status
    from {{ 'finished_by_node' if 'service' in dims else 'finished' }}
    where
        is_timed
        and period_kind in ('year', 'quarter')
    group by
        authority,
        reporting_year,
        period,
        {{ dims | join(',\n        ') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

final as (

    {{ count_rows('counts') }}
    union all
    {{ count_rows('withdrawn_counts') }}
    union all
    {{ ratio_rows('withdrawn_whole', 'with_withdrawn', 'withdrawn_share') }}
    union all
    {{ count_rows('band_counts') }}
    union all
    {{ count_rows('band_counts_with_withdrawn') }}
    union all
    {{ ratio_rows('band_counts', 'timed', 'responses_in_band_share') }}
    union all
    {{ ratio_rows('band_counts_with_withdrawn', 'timed', 'responses_in_band_share') }}
    {%- for limit in ['standard', 'extended', 'agreed'] %}
    union all
    {{ ratio_rows('within_' ~ limit, 'limited', 'responses_within_' ~ limit ~ '_share', on_breakdown='breakdown') }}
    union all
    {{ ratio_rows('outside_' ~ limit, 'limited', 'responses_outside_' ~ limit ~ '_share', on_breakdown='breakdown') }}
    union all
    {{ count_rows('episodes_within_' ~ limit) }}
    union all
    {{ ratio_rows('episodes_within_' ~ limit, 'episodes_limited', 'stage_episodes_answered_within_' ~ limit ~ '_share', on_breakdown='breakdown') }}
    {%- endfor %}
    union all
    {{ count_rows('panel_counts', unit='stage_episodes') }}
    union all
    {{ count_rows('panel_within', unit='stage_episodes') }}
    union all
    {{ ratio_rows('panel_within', 'panel_counts', 'panel_steps_within_limit_share', on_breakdown='breakdown') }}
    union all
    select * from averages

)

select * from final
