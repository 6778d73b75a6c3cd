-- Actions agreed in a year, and those of earlier years that were open when it began: what has become of them as at the report.
with

actions as (

    select * from {{ ref('fct_actions') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind = 'year'

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

placed as (

    select
        actions.authority,
        actions.reporting_year,
        actions.action_id,
        actions.service as own_service,
        -- without a day, the first of the year in which it was agreed
        coalesce(actions.agreed_date, make_date(cast(left(actions.agreed_year, 4) as integer), 4, 1)) as tree_date,
        actions.category,
        actions.progress,
        periods.period,
        periods.period_kind,
        case when actions.agreed_year = periods.period then actions.action_id end as agreed_id,
        case when actions.agreed_year = periods.period and actions.progress = 'done' then actions.action_id end as done_id,
        case when actions.agreed_year = periods.period and actions.progress = 'not_done' then actions.action_id end as not_done_id,
        case
            when actions.agreed_year = periods.period and actions.progress in ('under_way', 'overdue') then actions.action_id
        end as open_id,
        case when actions.agreed_year = periods.period and actions.progress = 'overdue' then actions.action_id end as overdue_id,
        case when actions.agreed_year < periods.period then actions.action_id end as brought_forward_id
    from actions
    inner join periods
        on {{ report_key('actions', 'periods') }}
        and actions.agreed_year <= periods.period
        and (
            actions.agreed_year = periods.period
            or coalesce(actions.last_year_open, periods.period) >= periods.period
        )

),

placed_by_node as (

    select
        placed.authority,
        placed.reporting_year,
        placed.action_id,
        placed.category,
        placed.progress,
        placed.period,
        placed.period_kind,
        placed.agreed_id,
        placed.done_id,
        placed.not_done_id,
        placed.open_id,
        placed.overdue_id,
        placed.brought_forward_id,
        ancestors.ancestor_service as service
    from placed
    inner join ancestors
        on placed.authority = ancestors.authority
        and placed.own_service = ancestors.service
        and {{ in_tree_on('placed.tree_date') }}

),

{%- set plain = [{'dims': [], 'kinds': ['year']}, {'dims': ['category'], 'kinds': ['year']}] %}
{%- set node = [{'dims': ['service'], 'kinds': ['year']}] %}
{%- set by_progress = [{'dims': ['progress'], 'kinds': ['year']}, {'dims': ['category', 'progress'], 'kinds': ['year']}] %}
{%- set node_by_progress = [{'dims': ['progress', 'service'], 'kinds': ['year']}] %}

counts as (

    {{ figure_counts_and_by_node('actions_agreed', 'placed', plain + by_progress, node + node_by_progress, 'agreed_id') }}
    union all
    {{ figure_counts_and_by_node('actions_done', 'placed', plain, node, 'done_id') }}
    union all
    {{ figure_counts_and_by_node('actions_not_done', 'placed', plain, node, 'not_done_id') }}
    union all
    {{ figure_counts_and_by_node('actions_open', 'placed', plain, node, 'open_id') }}
    union all
    {{ figure_counts_and_by_node('actions_overdue', 'placed', plain, node, 'overdue_id') }}
    union all
    {{ figure_counts_and_by_node('actions_brought_forward', 'placed', plain + by_progress, node + node_by_progress, 'brought_forward_id') }}

),

final as (

    {{ count_rows('counts', unit='actions') }}

)

select * from final
