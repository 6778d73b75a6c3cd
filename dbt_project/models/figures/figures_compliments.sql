-- Compliments by who sent them, whom they thank, how they came, and (with overlap) what they praise.
with

compliments as (

    select * from {{ ref('fct_compliments') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

categories as (

    select * from {{ ref('bridge_compliment_category') }}

),

declared_services as (

    select * from {{ ref('int_declared_service_period') }}

),

received as (

    select
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.compliment_id,
        events.received_date,
        events.service,
        events.source,
        events.origin,
        events.route
    from compliments as events
    inner join periods
        on {{ in_period('received_date') }}

),

by_node as (

    select
        received.authority,
        received.reporting_year,
        received.period,
        received.period_kind,
        received.compliment_id,
        received.source,
        received.route,
        ancestors.ancestor_service as service
    from received
    inner join ancestors
        on received.authority = ancestors.authority
        and received.service = ancestors.service
        and {{ in_tree_on('received.received_date') }}

),

-- a service with a compliment by one source prints 0 for the other sources
pairs as (

    select
        by_node.authority,
        by_node.reporting_year,
        by_node.period,
        by_node.period_kind,
        by_node.route,
        by_node.service,
        sources.source
    from (select distinct authority, reporting_year, period, period_kind, route, service from by_node) as by_node
    inner join (select distinct authority, reporting_year, source from received) as sources
        on {{ report_key('by_node', 'sources') }}

),

by_node_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        compliment_id,
        source,
        route,
        service
    from by_node

    union all

    select
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as compliment_id,
        source,
        route,
        service
    from pairs

    union all

    -- where compliments are recorded at all, a service that nobody thanked prints 0
    select
        declared_services.authority,
        declared_services.reporting_year,
        declared_services.period,
        declared_services.period_kind,
        cast(null as string) as compliment_id,
        cast(null as string) as source,
        cast(null as string) as route,
        declared_services.service
    from declared_services
    inner join (select distinct authority, reporting_year, period from received) as met
        on {{ report_key('declared_services', 'met') }}
        and declared_services.period = met.period

),

by_category as (

    select
        received.*,
        categories.category
    from received
    inner join categories
        on {{ report_key('received', 'categories') }}
        and received.compliment_id = categories.compliment_id

),

counts as (

    {{ figure_counts('compliments', 'received', [
        {'dims': []},
        {'dims': ['source'], 'share': 'source'},
        {'dims': ['route'], 'share': 'route'},
        {'dims': ['origin'], 'share': 'origin'},
        {'dims': ['route', 'source'], 'share': 'source'},
    ], 'compliment_id') }}
    union all
    {{ figure_counts('compliments', 'by_node_with_zeros', [
        {'dims': ['service'], 'share': 'service'},
        {'dims': ['service', 'source'], 'share': 'source'},
        {'dims': ['route', 'service']},
        {'dims': ['route', 'service', 'source']},
    ], 'compliment_id') }}
    union all
    {{ figure_counts('compliments', 'by_category', [{'dims': ['category'], 'share': 'category'}], 'compliment_id') }}

),

-- a compliment has each of its categories once; the parts are those of the table by category, not known among them
categories_held as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        compliment_id,
        count(*) as categories
    from by_category
    group by
        authority,
        reporting_year,
        period,
        period_kind,
        compliment_id

),

category_overlaps as (

    {{ figure_counts('compliment_categories_part_sum', 'categories_held', [{'dims': []}], 'compliment_id', count='sum(categories)') }}
    union all
    {{ figure_counts('compliment_categories_overlap', 'categories_held', [{'dims': []}], 'compliment_id', count='sum(categories - 1)') }}
    union all
    {{ figure_counts('compliments_in_several_categories', 'categories_held', [{'dims': []}], 'compliment_id', count='count(case when categories > 1 then 1 end)') }}

),

final as (

    {{ count_rows('counts') }}
    union all
    {{ count_rows('category_overlaps') }}
    union all
    {{ ratio_rows('counts', 'counts', 'compliments_share') }}

)

select * from final
