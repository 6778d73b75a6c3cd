-- Matters referred to the Ombudsman, by service and decision. Investigated is upheld plus not upheld, and the upheld rate is of
-- those: the Ombudsman's own definition, never upheld of received.
with

matters as (

    select * from {{ ref('fct_ombudsman') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

matter_services as (

    select * from {{ ref('bridge_ombudsman_service') }}

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

nodes as (

    select distinct
        matter_services.authority,
        matter_services.reporting_year,
        matter_services.ombudsman_id,
        ancestors.ancestor_service as service,
        ancestors.ancestor_level as service_level
    from matter_services
    inner join matters
        on {{ report_key('matter_services', 'matters') }}
        and matter_services.ombudsman_id = matters.ombudsman_id
    inner join ancestors
        on matter_services.authority = ancestors.authority
        and matter_services.service = ancestors.service
        and {{ in_tree_on('matters.received_date') }}

),

received as (

    select
        events.*,
        periods.period,
        periods.period_kind,
        row_number() over (
            partition by events.authority, events.reporting_year, periods.period, events.service_set
            order by events.payment_gbp desc nulls last, events.ombudsman_id
        ) as case_rank
    from matters as events
    inner join periods
        on {{ in_period('received_date') }}

),

received_by_node as (

    select
        received.authority,
        received.reporting_year,
        received.period,
        received.period_kind,
        received.ombudsman_id,
        received.decision,
        nodes.service,
        nodes.service_level
    from received
    inner join nodes
        on {{ report_key('received', 'nodes') }}
        and received.ombudsman_id = nodes.ombudsman_id

),

-- a service with a matter prints 0 for the decisions that it did not have
decisions as (

    select distinct
        authority,
        reporting_year,
        decision
    from matters

    union

    select distinct
        authority,
        reporting_year,
        'upheld' as decision
    from matters

    union

    select distinct
        authority,
        reporting_year,
        'not_upheld' as decision
    from matters

),

received_by_node_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        ombudsman_id,
        decision,
        service
    from received_by_node

    union all

    select
        places.authority,
        places.reporting_year,
        places.period,
        places.period_kind,
        cast(null as string) as ombudsman_id,
        decisions.decision,
        places.service
    from (select distinct authority, reporting_year, period, period_kind, service from received_by_node) as places
    inner join decisions
        on {{ report_key('places', 'decisions') }}

),

decided as (

    select
        events.authority,
        events.reporting_year,
        events.ombudsman_id,
        events.decision,
        periods.period,
        periods.period_kind
    from matters as events
    inner join periods
        on {{ in_period('decided_date') }}

),

decided_by_node as (

    select
        decided.authority,
        decided.reporting_year,
        decided.period,
        decided.period_kind,
        decided.ombudsman_id,
        decided.decision,
        nodes.service
    from decided
    inner join nodes
        on {{ report_key('decided', 'nodes') }}
        and decided.ombudsman_id = nodes.ombudsman_id

),

counts as (

    {{ figure_counts('ombudsman_received', 'received', [
        {'dims': []},
        {'dims': ['decision'], 'share': 'decision'},
        {'dims': ['service_set'], 'kinds': ['year']},
        {'dims': ['decision', 'service_set'], 'kinds': ['year']},
        {'dims': ['decision', 'reason'], 'kinds': ['year']},
    ], 'ombudsman_id') }}
    union all
    {{ figure_counts('ombudsman_received', 'received_by_node_with_zeros', [
        {'dims': ['service'], 'share': 'service'},
        {'dims': ['decision', 'service'], 'share': 'decision'},
    ], 'ombudsman_id') }}
    union all
    {{ figure_counts('ombudsman_received_part_sum', 'received_by_node', [{'dims': ['by:service_level'], 'kinds': ['year']}], 'ombudsman_id',
        count="count(distinct ombudsman_id || '|' || service)") }}
    union all
    {{ figure_counts('ombudsman_received_overlap', 'received_by_node', [{'dims': ['by:service_level'], 'kinds': ['year']}], 'ombudsman_id',
        count="count(distinct ombudsman_id || '|' || service) - count(distinct ombudsman_id)") }}
    union all
    {{ figure_counts('ombudsman_decided', 'decided', [{'dims': []}, {'dims': ['decision']}], 'ombudsman_id') }}
    union all
    {{ figure_counts('ombudsman_decided', 'decided_by_node', [{'dims': ['service']}, {'dims': ['decision', 'service']}], 'ombudsman_id') }}

),

{%- set investigated = "count(distinct case when decision in ('upheld', 'not_upheld') then ombudsman_id end)" %}
{%- set upheld = "count(distinct case when decision = 'upheld' then ombudsman_id end)" %}

investigated_counts as (

    {{ figure_counts('ombudsman_investigated', 'decided', [{'dims': []}], 'ombudsman_id', count=investigated) }}
    union all
    {{ figure_counts('ombudsman_investigated', 'decided_by_node', [{'dims': ['service']}], 'ombudsman_id', count=investigated) }}

),

upheld_counts as (

    {{ figure_counts('ombudsman_upheld', 'decided', [{'dims': []}], 'ombudsman_id', count=upheld) }}
    union all
    {{ figure_counts('ombudsman_upheld', 'decided_by_node', [{'dims': ['service']}], 'ombudsman_id', count=upheld) }}

),

paid as (

    select * from received where payment_gbp is not null

),

payments as (

    {{ figure_counts('ombudsman_remedy_gbp', 'paid', [
        {'dims': []},
        {'dims': ['case:case_rank', 'service_set'], 'kinds': ['year']},
    ], 'ombudsman_id', count='sum(payment_gbp)') }}

),

paid_counts as (

    {{ figure_counts('ombudsman_with_payment', 'paid', [
        {'dims': []},
        {'dims': ['case:case_rank', 'decision', 'service_set'], 'kinds': ['year']},
    ], 'ombudsman_id') }}

),

final as (

    {{ count_rows('counts') }}
    union all
    {{ count_rows('investigated_counts') }}
    union all
    {{ count_rows('upheld_counts') }}
    union all
    {{ ratio_rows('upheld_counts', 'investigated_counts', 'ombudsman_upheld_share', on_breakdown='breakdown') }}
    union all
    {{ count_rows('payments', unit='gbp') }}
    union all
    {{ count_rows('paid_counts') }}

)

select * from final
