-- Points of complaint raised, by whom they concern and what they are about; what became of them at stage 1; those still open.
with

issues as (

    select * from {{ ref('fct_issues') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

categories as (

    select * from {{ ref('stg_config_category') }}

),

outcomes as (

    select * from {{ ref('fct_outcomes') }} where unit = 'issue' and stage = 1

),

complaints as (

    select * from {{ ref('int_figure_complaints') }}

),

complaint_nodes as (

    select * from {{ ref('int_complaint_service_node') }}

),

declared_services as (

    select * from {{ ref('int_declared_service_period') }}

),

raised as (

    select
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.issue_id,
        events.complaint_id,
        events.procedure,
        events.service,
        events.category,
        events.sub_category,
        events.child_looked_after,
        events.stage_1_outcome
    from issues as events
    inner join periods
        on {{ in_period('raised_date') }}

),

raised_by_node as (

    select
        raised.authority,
        raised.reporting_year,
        raised.period,
        raised.period_kind,
        raised.issue_id,
        raised.procedure,
        raised.category,
        raised.sub_category,
        raised.child_looked_after,
        raised.stage_1_outcome,
        ancestors.ancestor_service as service
    from raised
    inner join ancestors
        on raised.authority = ancestors.authority
        and raised.service = ancestors.service

),

-- a category met in the year, or declared for a service, is printed in every quarter, with 0 where nothing was raised
combinations as (

    select distinct
        authority,
        reporting_year,
        service,
        category,
        sub_category
    from raised_by_node

    union

    select
        reports.authority,
        reports.reporting_year,
        categories.service,
        categories.category,
        nullif(categories.sub_category, '') as sub_category
    from {{ ref('dim_report') }} as reports
    inner join categories
        on reports.authority = categories.authority
    where
        coalesce(categories.service, '') != ''
        and coalesce(categories.valid_from, reports.period_start) <= reports.period_end
        and coalesce(categories.valid_to, reports.period_end) >= reports.period_start

),

held_open as (

    select
        combinations.authority,
        combinations.reporting_year,
        periods.period,
        periods.period_kind,
        cast(null as string) as issue_id,
        cast(null as string) as procedure,
        combinations.category,
        combinations.sub_category,
        cast(null as string) as child_looked_after,
        cast(null as string) as stage_1_outcome,
        combinations.service
    from combinations
    inner join periods
        on {{ report_key('combinations', 'periods') }}
        and (periods.period = combinations.reporting_year or periods.period like combinations.reporting_year || '-Q%')

    union all

    select
        declared_services.authority,
        declared_services.reporting_year,
        declared_services.period,
        declared_services.period_kind,
        cast(null as string) as issue_id,
        cast(null as string) as procedure,
        cast(null as string) as category,
        cast(null as string) as sub_category,
        cast(null as string) as child_looked_after,
        cast(null as string) as stage_1_outcome,
        declared_services.service
    from declared_services

),

raised_with_zeros as (

    select * from raised_by_node
    union all
    select * from held_open

),

-- a category of a service prints 0 under every procedure that points about the service were raised under in the period
raised_by_procedure as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        issue_id,
        procedure,
        service,
        category
    from raised_by_node

    union all

    select
        held_open.authority,
        held_open.reporting_year,
        held_open.period,
        held_open.period_kind,
        cast(null as string) as issue_id,
        met.procedure,
        held_open.service,
        held_open.category
    from held_open
    inner join (select distinct authority, reporting_year, period, service, procedure from raised_by_node) as met
        on {{ report_key('held_open', 'met') }}
        and held_open.period = met.period
        and held_open.service = met.service
    where held_open.category is not null

),

counts as (

    {{ figure_counts('issues_raised', 'raised_by_procedure', [
        {'dims': ['category', 'procedure', 'service'], 'share': 'category'},
    ], 'issue_id') }}
    union all
    {{ figure_counts('issues_raised', 'raised', [
        {'dims': []},
        {'dims': ['procedure'], 'share': 'procedure'},
        {'dims': ['category'], 'share': 'category'},
        {'dims': ['category', 'sub_category'], 'share': 'sub_category'},
    ], 'issue_id') }}
    union all
    {{ figure_counts('issues_raised', 'raised_with_zeros', [
        {'dims': ['service'], 'share': 'service'},
        {'dims': ['procedure', 'service'], 'share': 'procedure'},
        {'dims': ['category', 'service'], 'share': 'category'},
        {'dims': ['category', 'service', 'sub_category'], 'share': 'sub_category'},
        {'dims': ['child_looked_after', 'procedure', 'service'], 'share': 'child_looked_after'},
        {'dims': ['category', 'child_looked_after', 'procedure', 'service'], 'share': 'category', 'kinds': ['year']},
        {'dims': ['procedure', 'service', 'stage_1_outcome'], 'share': 'stage_1_outcome', 'kinds': ['year']},
        {'dims': ['child_looked_after', 'procedure', 'service', 'stage_1_outcome'], 'share': 'stage_1_outcome', 'kinds': ['year']},
    ], 'issue_id') }}

),

-- open at the end of the period: raised by then and not answered at stage 1 by then (sent straight on stays open)
answered as (

    select
        authority,
        reporting_year,
        outcome_id as issue_id,
        min(decided_date) as answered_date
    from outcomes
    where outcome != 'direct_to_next_stage'
    group by
        authority,
        reporting_year,
        outcome_id

),

open_issues as (

    select
        issues.authority,
        issues.reporting_year,
        periods.period,
        periods.period_kind,
        issues.issue_id,
        1 as stage,
        ancestors.ancestor_service as service
    from issues
    inner join periods
        on {{ report_key('issues', 'periods') }}
        and issues.raised_date <= periods.period_end
    inner join ancestors
        on issues.authority = ancestors.authority
        and issues.service = ancestors.service
    left join answered
        on {{ report_key('issues', 'answered') }}
        and issues.issue_id = answered.issue_id
        and answered.answered_date <= periods.period_end
    where answered.issue_id is null

),

open_counts as (

    {{ figure_counts('issues_open', 'open_issues', [{'dims': ['stage']}, {'dims': ['service', 'stage']}], 'issue_id') }}

),

complaints_by_node as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaint_nodes.service
    from complaints
    inner join complaint_nodes
        on {{ report_key('complaints', 'complaint_nodes') }}
        and complaints.complaint_id = complaint_nodes.complaint_id

),

complaint_counts as (

    {{ figure_counts('complaints', 'complaints', [{'dims': []}], 'complaint_id') }}
    union all
    {{ figure_counts('complaints', 'complaints_by_node', [{'dims': ['service']}], 'complaint_id') }}

),

per_complaint as (

    select * from counts where breakdown = '' or breakdown like 'service=%' and breakdown not like '%;%'

),

final as (

    {{ count_rows('counts', unit='issues') }}
    union all
    {{ ratio_rows('counts', 'counts', 'issues_raised_share') }}
    union all
    {{ count_rows('open_counts', unit='issues') }}
    union all
    {{ ratio_rows('per_complaint', 'complaint_counts', 'issues_per_complaint', scale='1.0', unit='ratio', on_breakdown='breakdown') }}

)

select * from final
