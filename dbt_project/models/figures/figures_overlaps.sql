-- Complaints that touch several services or themes: why parts add to more than the whole, and by how many.
-- A set without a procedure counts formal complaints only (counting rule: informal complaints are counted apart).
{%- set formal = 'is_formal' %}
{%- set theme_sets = [{'dims': [], 'where': formal}, {'dims': ['procedure']}] %}
with

complaints as (

    select * from {{ ref('int_figure_complaints') }}

),

nodes as (

    select * from {{ ref('int_complaint_service_node') }}

),

themes as (

    select * from {{ ref('bridge_complaint_theme') }}

),

themes_touched as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure,
        count(*) as themes
    from complaints
    inner join themes
        on {{ report_key('complaints', 'themes') }}
        and complaints.complaint_id = themes.complaint_id
    group by
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure

),

theme_overlaps as (

    {{ figure_counts('complaint_themes_part_sum', 'themes_touched', theme_sets, 'complaint_id', count='sum(themes)') }}
    union all
    {{ figure_counts('complaint_themes_overlap', 'themes_touched', theme_sets, 'complaint_id', count='sum(themes - 1)') }}
    union all
    {{ figure_counts('complaints_with_several_themes', 'themes_touched', theme_sets, 'complaint_id', count='count(case when themes > 1 then 1 end)') }}

),

below as (

    select * from {{ ref('bridge_service_ancestor') }}

),

-- services that had begun by the end of the report: a level that came later is no part of an earlier report
begun as (

    select distinct
        services.authority,
        reports.reporting_year,
        reports.period_end,
        services.service,
        services.level
    from {{ ref('dim_service') }} as services
    inner join {{ ref('dim_report') }} as reports
        on services.authority = reports.authority
        and coalesce(services.valid_from, reports.period_end) <= reports.period_end

),

-- the levels of services that lie under a node; the whole authority is the node without a name
levels as (

    select distinct
        below.authority,
        begun.reporting_year,
        below.ancestor_service as within,
        begun.level as by_level
    from below
    inner join begun
        on below.authority = begun.authority
        and below.service = begun.service
        and below.valid_from <= begun.period_end
    where
        below.service != below.ancestor_service
        and begun.level not in ('undeclared', 'not_known')

    union

    select distinct
        authority,
        reporting_year,
        '' as within,
        level as by_level
    from begun
    where level not in ('undeclared', 'not_known')

    union

    select distinct
        authority,
        reporting_year,
        '' as within,
        'service' as by_level
    from begun

),

-- complaints of a node (or of the whole authority), and the services that each of them touches under it
complaints_within as (

    select distinct
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.procedure,
        complaints.is_formal,
        complaints.child_looked_after,
        complaints.complaint_id,
        nodes.service as within
    from complaints
    inner join nodes
        on {{ report_key('complaints', 'nodes') }}
        and complaints.complaint_id = nodes.complaint_id
    where complaints.period_kind = 'year'

    union all

    select
        authority,
        reporting_year,
        period,
        period_kind,
        procedure,
        is_formal,
        child_looked_after,
        complaint_id,
        '' as within
    from complaints
    where period_kind in ('year', 'quarter')

),

parts as (

    select distinct
        nodes.authority,
        nodes.reporting_year,
        nodes.complaint_id,
        nodes.service as part,
        nodes.service_level as by_level,
        below.ancestor_service as within
    from nodes
    inner join below
        on nodes.authority = below.authority
        and nodes.service = below.service
        and nodes.tree_from = below.valid_from
    where below.service != below.ancestor_service

    union all

    select distinct
        authority,
        reporting_year,
        complaint_id,
        service as part,
        service_level as by_level,
        '' as within
    from nodes

    union all

    select distinct
        authority,
        reporting_year,
        complaint_id,
        service as part,
        'service' as by_level,
        '' as within
    from {{ ref('bridge_complaint_service') }}

),

part_counts as (

    select
        authority,
        reporting_year,
        complaint_id,
        by_level,
        within,
        count(distinct part) as services_touched
    from parts
    group by
        authority,
        reporting_year,
        complaint_id,
        by_level,
        within

),

-- a complaint that touches no service of the level counts once, as not known there: the overlap is never negative
touches as (

    select
        complaints_within.authority,
        complaints_within.reporting_year,
        complaints_within.period,
        complaints_within.procedure,
        complaints_within.is_formal,
        complaints_within.complaint_id,
        complaints_within.within,
        levels.by_level,
        coalesce(part_counts.services_touched, 1) as services_touched
    from complaints_within
    inner join levels
        on {{ report_key('complaints_within', 'levels') }}
        and complaints_within.within = levels.within
    left join part_counts
        on {{ report_key('complaints_within', 'part_counts') }}
        and complaints_within.complaint_id = part_counts.complaint_id
        and complaints_within.within = part_counts.within
        and levels.by_level = part_counts.by_level

),

service_overlaps as (

    {%- for dims, condition in [
        (['by:by_level'], "is_formal and within = ''"),
        (['by:by_level', 'procedure'], "within = ''"),
        (['by:by_level', 'service:within'], "is_formal and within != ''"),
        (['by:by_level', 'procedure', 'service:within'], "within != ''"),
    ] %}
    select
        authority,
        reporting_year,
        period,
        {{ breakdown(dims) }} as breakdown,
        sum(services_touched) as parts,
        count(*) as wholes,
        count(case when services_touched > 1 then 1 end) as in_several
    from touches
    where {{ condition }}
    group by
        authority,
        reporting_year,
        period,
        by_level,
        within{{ ', procedure' if 'procedure' in dims }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

overlap_counts as (

    {%- for measure, expression in [
        ('new_complaints_part_sum', 'parts'),
        ('new_complaints_overlap', 'parts - wholes'),
        ('new_complaints_in_several', 'in_several'),
    ] %}
    select
        authority,
        reporting_year,
        '{{ measure }}' as measure,
        breakdown,
        period,
        {{ expression }} as numerator
    from service_overlaps
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

services_touched as (

    select
        complaints_within.authority,
        complaints_within.reporting_year,
        complaints_within.period,
        complaints_within.period_kind,
        complaints_within.procedure,
        complaints_within.is_formal,
        complaints_within.child_looked_after,
        complaints_within.within as service,
        parts.by_level as level,
        parts.part
    from complaints_within
    inner join parts
        on {{ report_key('complaints_within', 'parts') }}
        and complaints_within.complaint_id = parts.complaint_id
        and complaints_within.within = parts.within
    where complaints_within.within != ''

),

services_counts as (

    {{ figure_counts('services_with_new_complaints', 'services_touched', [
        {'dims': ['level', 'service'], 'where': formal, 'kinds': ['year']},
        {'dims': ['level', 'procedure', 'service'], 'kinds': ['year']},
        {'dims': ['child_looked_after', 'level', 'procedure', 'service'], 'kinds': ['year']},
    ], 'part') }}

),

final as (

    {{ count_rows('theme_overlaps') }}
    union all
    {{ count_rows('overlap_counts') }}
    union all
    {{ count_rows('services_counts', unit='services') }}

)

select * from final
