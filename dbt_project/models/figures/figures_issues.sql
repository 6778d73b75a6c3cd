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

trees as (

    select * from {{ ref('int_service_tree') }}

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

-- an authority that hands over no points of complaint has none of them to print as 0
declared_services as (

    select declared.*
    from {{ ref('int_declared_service_period') }} as declared
    where exists (
        select 1
        from issues
        where {{ report_key('declared', 'issues') }}
    )

),

-- an issue has one row and one day: issues are added up once by everything they are counted by, and the sums are then cheap
raised as (

    select
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.procedure,
        events.service,
        trees.tree_from,
        events.category,
        events.sub_category,
        events.child_looked_after,
        events.stage_1_outcome,
        count(*) as issues
    from issues as events
    inner join periods
        on {{ in_period('raised_date') }}
    inner join trees
        on events.authority = trees.authority
        and events.raised_date between trees.tree_from and trees.tree_to
    group by
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.procedure,
        events.service,
        trees.tree_from,
        events.category,
        events.sub_category,
        events.child_looked_after,
        events.stage_1_outcome

),

raised_by_node as (

    select
        raised.authority,
        raised.reporting_year,
        raised.period,
        raised.period_kind,
        raised.issues,
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
        and {{ in_tree_on('raised.tree_from') }}

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
        0 as issues,
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
        0 as issues,
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

-- what a service and all that went into it were together, each point once: an earlier period is comparable across a merger
merged_services as (

    select distinct
        merged.authority,
        merged.reporting_year,
        ancestors.valid_from as tree_from,
        ancestors.service,
        merged.merged_service
    from {{ ref('int_service_merged') }} as merged
    inner join ancestors
        on merged.authority = ancestors.authority
        and merged.service = ancestors.ancestor_service

),

raised_by_merged_service as (

    select
        raised.authority,
        raised.reporting_year,
        raised.period,
        raised.period_kind,
        raised.procedure,
        raised.issues,
        merged_services.merged_service
    from raised
    inner join merged_services
        on {{ report_key('raised', 'merged_services') }}
        and raised.service = merged_services.service
        and raised.tree_from = merged_services.tree_from

    union all

    select
        held_open.authority,
        held_open.reporting_year,
        held_open.period,
        held_open.period_kind,
        held_open.procedure,
        held_open.issues,
        merged_services.merged_service
    from held_open
    inner join merged_services
        on {{ report_key('held_open', 'merged_services') }}
        and held_open.service = merged_services.service

),

-- the same for the categories of the whole authority, and for its total, in every period
categories_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        category,
        sub_category,
        issues
    from raised

    union all

    select
        met.authority,
        met.reporting_year,
        periods.period,
        periods.period_kind,
        met.category,
        met.sub_category,
        0 as issues
    from (select distinct authority, reporting_year, category, sub_category from raised) as met
    inner join periods
        on {{ report_key('met', 'periods') }}

),

-- a category of a service prints 0 under every procedure that points about the service were raised under in the period
raised_by_procedure as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        issues,
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
        0 as issues,
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
    ], 'issue_id', count='sum(issues)') }}
    union all
    {{ figure_counts('issues_raised', 'raised', [{'dims': ['procedure'], 'share': 'procedure'}], 'issue_id', count='sum(issues)') }}
    union all
    {{ figure_counts('issues_raised', 'categories_with_zeros', [
        {'dims': []},
        {'dims': ['category'], 'share': 'category'},
        {'dims': ['category', 'sub_category'], 'share': 'sub_category'},
    ], 'issue_id', count='sum(issues)') }}
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
    ], 'issue_id', count='sum(issues)') }}
    union all
    {{ figure_counts('issues_raised', 'raised_by_merged_service', [
        {'dims': ['service_merged:merged_service'], 'share': 'service_merged:merged_service'},
        {'dims': ['procedure', 'service_merged:merged_service'], 'share': 'procedure'},
    ], 'issue_id', count='sum(issues)') }}

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

-- periods are whole months, so issues are first added up by the months in which they were raised and answered
open_by_month as (

    select
        issues.authority,
        issues.reporting_year,
        issues.service,
        trees.tree_from,
        cast(date_trunc('month', issues.raised_date) as date) as raised_month,
        cast(date_trunc('month', answered.answered_date) as date) as answered_month,
        count(*) as issues
    from issues
    inner join trees
        on issues.authority = trees.authority
        and issues.raised_date between trees.tree_from and trees.tree_to
    left join answered
        on {{ report_key('issues', 'answered') }}
        and issues.issue_id = answered.issue_id
    group by
        issues.authority,
        issues.reporting_year,
        issues.service,
        trees.tree_from,
        cast(date_trunc('month', issues.raised_date) as date),
        cast(date_trunc('month', answered.answered_date) as date)

),

open_issues as (

    select
        open_by_month.authority,
        open_by_month.reporting_year,
        periods.period,
        periods.period_kind,
        open_by_month.service,
        open_by_month.tree_from,
        open_by_month.issues,
        1 as stage
    from open_by_month
    inner join periods
        on {{ report_key('open_by_month', 'periods') }}
        and open_by_month.raised_month <= periods.period_end
        and (open_by_month.answered_month is null or open_by_month.answered_month > periods.period_end)

),

open_issues_by_node as (

    select
        open_issues.authority,
        open_issues.reporting_year,
        open_issues.period,
        open_issues.period_kind,
        open_issues.issues,
        open_issues.stage,
        ancestors.ancestor_service as service
    from open_issues
    inner join ancestors
        on open_issues.authority = ancestors.authority
        and open_issues.service = ancestors.service
        and {{ in_tree_on('open_issues.tree_from') }}

),

open_counts as (

    {{ figure_counts_and_by_node('issues_open', 'open_issues', [{'dims': ['stage']}], [{'dims': ['service', 'stage']}], 'issue_id', count='sum(issues)') }}

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
