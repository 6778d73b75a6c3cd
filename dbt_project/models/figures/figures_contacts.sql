-- What was handled short of a complaint: duty matters, enquiries of members of parliament, comments, informal feedback.
with

contacts as (

    select * from {{ ref('fct_contacts') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

received as (

    select
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.contact_id,
        events.received_date,
        events.kind,
        coalesce(events.service, 'not_known') as service,
        events.category,
        coalesce(events.outcome, 'not_known') as outcome,
        events.refusal_reason
    from contacts as events
    inner join periods
        on {{ in_period('received_date') }}

),

by_node as (

    select
        received.authority,
        received.reporting_year,
        received.period,
        received.period_kind,
        received.contact_id,
        received.kind,
        received.category,
        received.outcome,
        ancestors.ancestor_service as service
    from received
    inner join ancestors
        on received.authority = ancestors.authority
        and received.service = ancestors.service
        and {{ in_tree_on('received.received_date') }}

),

counts as (

    {{ figure_counts('contacts', 'received', [
        {'dims': []},
        {'dims': ['kind']},
        {'dims': ['kind', 'outcome'], 'share': 'outcome'},
        {'dims': ['category', 'kind'], 'share': 'category'},
        {'dims': ['kind', 'refusal_reason']},
    ], 'contact_id') }}
    union all
    {{ figure_counts('contacts', 'by_node', [
        {'dims': ['kind', 'service'], 'share': 'service'},
        {'dims': ['kind', 'outcome', 'service'], 'share': 'outcome'},
        {'dims': ['category', 'kind', 'service'], 'kinds': ['year']},
    ], 'contact_id') }}

),

final as (

    {{ count_rows('counts') }}
    union all
    {{ ratio_rows('counts', 'counts', 'contacts_share') }}

)

select * from final
