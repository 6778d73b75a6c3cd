-- Who complained, about what, when: new complaints and the people and services in them.
-- A set without a procedure counts formal complaints only (counting rule: informal complaints are counted apart).
{%- set formal = 'is_formal' %}
{%- set all_kinds = ['year', 'quarter', 'month'] %}
{%- set attributes = ['sex', 'child_looked_after', 'ethnicity', 'disability', 'age_band', 'behalf', 'advocate_kind', 'accepted_out_of_time'] %}
{%- set total_sets = [
    {'dims': [], 'where': formal, 'kinds': all_kinds},
    {'dims': ['formality'], 'kinds': all_kinds},
    {'dims': ['procedure'], 'share': 'procedure', 'kinds': all_kinds},
] %}
{%- set base_sets = [
    {'dims': ['child_looked_after', 'procedure'], 'share': 'child_looked_after'},
] %}
{%- set channel_sets = [
    {'dims': ['channel'], 'share': 'channel', 'where': formal},
    {'dims': ['channel', 'formality'], 'share': 'channel', 'kinds': ['year']},
    {'dims': ['channel', 'procedure'], 'share': 'channel', 'kinds': ['year']},
] %}
{#- What a finding may be is printed with 0 wherever a complaint was received. -#}
{%- set findings = ['upheld', 'partially_upheld', 'not_upheld', 'inconclusive'] %}
{#- A role that reports are asked for is printed with 0 where the authority records who complained. #}
{%- set asked_roles = ['child_or_young_person', 'advocate'] %}
{%- set role_sets = [
    {'dims': ['complainant_role'], 'share': 'complainant_role', 'where': formal},
    {'dims': ['complainant_role', 'formality'], 'share': 'complainant_role', 'kinds': ['year']},
    {'dims': ['complainant_role', 'procedure'], 'share': 'complainant_role', 'kinds': ['year']},
] %}
{%- for attribute in attributes %}
    {%- do base_sets.append({'dims': [attribute], 'share': attribute, 'where': formal}) %}
    {%- do base_sets.append({'dims': [attribute, 'formality'], 'share': attribute, 'kinds': ['year']}) %}
    {%- if attribute != 'child_looked_after' %}
        {%- do base_sets.append({'dims': [attribute, 'procedure'], 'share': attribute, 'kinds': ['year']}) %}
    {%- endif %}
{%- endfor %}
{#- How complaints stand as at the report, and who spoke for whom: together parts of the year's complaints. #}
{%- for attribute in ['highest_stage', 'status'] %}
    {%- do base_sets.append({'dims': [attribute], 'share': attribute, 'where': formal, 'kinds': ['year']}) %}
    {%- do base_sets.append({'dims': ['formality', attribute], 'share': attribute, 'kinds': ['year']}) %}
    {%- do base_sets.append({'dims': [attribute, 'procedure'], 'share': attribute, 'kinds': ['year']}) %}
{%- endfor %}
{%- for pair in [['advocate_kind', 'behalf'], ['advocate_kind', 'complainant_role'], ['behalf', 'complainant_role']] %}
    {%- do base_sets.append({'dims': pair, 'where': formal, 'kinds': ['year']}) %}
    {%- do base_sets.append({'dims': pair + ['formality'], 'kinds': ['year']}) %}
{%- endfor %}
with

complaints as (

    select * from {{ ref('int_figure_complaints') }}

),

nodes as (

    select * from {{ ref('int_complaint_service_node') }}

),

groups as (

    select * from {{ ref('int_complaint_grouping') }}

),

themes as (

    select * from {{ ref('bridge_complaint_theme') }}

),

children as (

    select * from {{ ref('bridge_complaint_child') }}

),

declared_services as (

    select * from {{ ref('int_declared_service_period') }}

),

groupings as (

    select * from {{ ref('stg_config_grouping') }}

),

stage_1_outcomes as (

    select * from {{ ref('int_complaint_stage_1_outcome') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

procedures as (

    select distinct
        authority,
        reporting_year,
        procedure
    from {{ ref('fct_complaints') }}

),

-- a period in which nobody complained is printed with 0, in all and under each procedure that the authority uses
totals as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        is_formal,
        formality,
        procedure
    from complaints

    union all

    select
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        true as is_formal,
        'all' as formality,
        cast(null as string) as procedure
    from {{ ref('dim_period') }}

    union all

    select
        all_periods.authority,
        all_periods.reporting_year,
        all_periods.period,
        all_periods.period_kind,
        cast(null as string) as complaint_id,
        procedures.procedure != 'informal' as is_formal,
        'all' as formality,
        procedures.procedure
    from {{ ref('dim_period') }} as all_periods
    inner join procedures
        on {{ report_key('all_periods', 'procedures') }}

),

-- a channel or theme that the authority's groupings name holds its place, with no complaint in it
named_words as (

    select distinct
        groupings.authority,
        periods.reporting_year,
        periods.period,
        periods.period_kind,
        groupings.attribute,
        groupings.value,
        procedures.procedure
    from groupings
    inner join periods
        on groupings.authority = periods.authority
        and {{ in_force_within('groupings', 'periods') }}
    inner join procedures
        on {{ report_key('periods', 'procedures') }}
    where groupings.attribute in ('channel', 'theme')

),

by_channel as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        is_formal,
        formality,
        procedure,
        channel
    from complaints

    union all

    select
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        true as is_formal,
        'all' as formality,
        procedure,
        value as channel
    from named_words
    where attribute = 'channel'

),

-- the roles that reports are asked for hold their place in a period with complaints whose complainants are known
by_role as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        is_formal,
        formality,
        procedure,
        complainant_role
    from complaints
    {%- for role in asked_roles %}

    union all

    select distinct
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        is_formal,
        formality,
        procedure,
        '{{ role }}' as complainant_role
    from complaints
    where
        period_kind in ('year', 'quarter')
        and complainant_role != 'not_known'
    {%- endfor %}

),

by_service as (

    select
        complaints.*,
        nodes.service,
        nodes.service_level,
        nodes.any_procedure
    from complaints
    inner join nodes
        on {{ report_key('complaints', 'nodes') }}
        and complaints.complaint_id = nodes.complaint_id

),

-- a declared service holds its place in every period, under every procedure the authority uses, with no complaint in it
by_service_with_zeros as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        is_formal,
        formality,
        procedure,
        any_procedure,
        service,
        child_looked_after,
        status
    from by_service

    union all

    select
        declared_services.authority,
        declared_services.reporting_year,
        declared_services.period,
        declared_services.period_kind,
        cast(null as string) as complaint_id,
        true as is_formal,
        'all' as formality,
        procedures.procedure,
        procedures.procedure as any_procedure,
        declared_services.service,
        cast(null as string) as child_looked_after,
        cast(null as string) as status
    from declared_services
    inner join procedures
        on {{ report_key('declared_services', 'procedures') }}

),

-- what a service and all that went into it were together: an earlier period is comparable across a merger
by_service_merged as (

    select
        by_service_with_zeros.*,
        merged.merged_service
    from by_service_with_zeros
    inner join {{ ref('int_service_merged') }} as merged
        on {{ report_key('by_service_with_zeros', 'merged') }}
        and by_service_with_zeros.service = merged.service

),

by_group as (

    select
        complaints.*,
        groups.grouping,
        groups.group_value
    from complaints
    inner join groups
        on {{ report_key('complaints', 'groups') }}
        and complaints.complaint_id = groups.complaint_id

),

by_group_and_service as (

    select
        by_service.*,
        groups.grouping,
        groups.group_value
    from by_service
    inner join groups
        on {{ report_key('by_service', 'groups') }}
        and by_service.complaint_id = groups.complaint_id
    where by_service.period_kind = 'year'

),

by_theme as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure,
        themes.theme
    from complaints
    inner join themes
        on {{ report_key('complaints', 'themes') }}
        and complaints.complaint_id = themes.complaint_id

    union all

    select
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        true as is_formal,
        procedure,
        value as theme
    from named_words
    where attribute = 'theme'

),

-- a council may print its themes for one group of complainants and put some of them together there (a grouping of `theme`)
themes_and_groups as (

    select
        authority,
        reporting_year,
        complaint_id,
        theme
    from themes

    union

    select
        themes.authority,
        themes.reporting_year,
        themes.complaint_id,
        groupings.group_value as theme
    from themes
    inner join {{ ref('fct_complaints') }} as received
        on {{ report_key('themes', 'received') }}
        and themes.complaint_id = received.complaint_id
    inner join groupings
        on themes.authority = groupings.authority
        and themes.theme = groupings.value
        and groupings.attribute = 'theme'
        and {{ in_force_on('received.received_date', 'groupings') }}

),

by_group_and_theme as (

    select
        by_group.*,
        themes_and_groups.theme
    from by_group
    inner join themes_and_groups
        on {{ report_key('by_group', 'themes_and_groups') }}
        and by_group.complaint_id = themes_and_groups.complaint_id

),

-- complaints of the year with what became of them, once as a whole, once in each service and once under each theme
with_outcome as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure,
        stage_1_outcomes.stage_1_outcome
    from complaints
    inner join stage_1_outcomes
        on {{ report_key('complaints', 'stage_1_outcomes') }}
        and complaints.complaint_id = stage_1_outcomes.complaint_id
    where complaints.period_kind = 'year'

),

{%- for part, parts in [('service', 'nodes'), ('theme', 'themes')] %}

{{ part }}_with_outcome as (

    select
        with_outcome.*,
        {{ parts }}.{{ part }}
    from with_outcome
    inner join {{ parts }}
        on {{ report_key('with_outcome', parts) }}
        and with_outcome.complaint_id = {{ parts }}.complaint_id

),
{%- endfor %}

{%- for part in ['', 'service', 'theme'] %}
{%- set relation = (part ~ '_' if part else '') ~ 'with_outcome' %}

{{ relation }}_and_zeros as (

    select * from {{ relation }}
    {%- for finding in findings %}

    union all

    select distinct
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        is_formal,
        procedure,
        '{{ finding }}' as stage_1_outcome
        {{- ',\n        ' ~ part if part }}
    from {{ relation }}
    {%- endfor %}

),
{%- endfor %}

-- complaints of the year under each theme that has a finding of its own, once the complaint was answered
themes_decided as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure,
        themes.theme,
        themes.outcome
    from complaints
    inner join themes
        on {{ report_key('complaints', 'themes') }}
        and complaints.complaint_id = themes.complaint_id
    where
        complaints.period_kind = 'year'
        and themes.outcome is not null

),

themes_decided_and_zeros as (

    select * from themes_decided
    {%- for finding in findings %}

    union all

    select distinct
        authority,
        reporting_year,
        period,
        period_kind,
        cast(null as string) as complaint_id,
        is_formal,
        procedure,
        theme,
        '{{ finding }}' as outcome
    from themes_decided
    {%- endfor %}

),

by_child as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.is_formal,
        complaints.procedure,
        children.child_key,
        children.ethnicity,
        children.child_looked_after
    from complaints
    inner join children
        on {{ report_key('complaints', 'children') }}
        and complaints.complaint_id = children.complaint_id

),

counts as (

    {{ figure_counts('new_complaints', 'totals', total_sets, 'complaint_id', count='count(complaint_id)') }}

    union all

    {{ figure_counts('new_complaints', 'complaints', base_sets, 'complaint_id', count='count(*)') }}

    union all

    {{ figure_counts('new_complaints', 'by_role', role_sets, 'complaint_id', count='count(complaint_id)') }}

    union all

    {{ figure_counts('new_complaints', 'by_channel', channel_sets, 'complaint_id', count='count(complaint_id)') }}

    union all

    {{ figure_counts('new_complaints', 'by_service_with_zeros', [
        {'dims': ['service'], 'share': 'service', 'where': formal, 'kinds': all_kinds},
        {'dims': ['procedure', 'service'], 'share': 'procedure', 'kinds': all_kinds},
        {'dims': ['any_procedure', 'service'], 'share': 'service', 'kinds': all_kinds},
        {'dims': ['any_procedure'], 'kinds': all_kinds},
        {'dims': ['child_looked_after', 'service'], 'share': 'child_looked_after', 'where': formal},
        {'dims': ['child_looked_after', 'procedure', 'service'], 'share': 'child_looked_after'},
        {'dims': ['formality', 'service'], 'share': 'service', 'kinds': ['year']},
        {'dims': ['formality', 'service', 'status'], 'share': 'status', 'kinds': ['year']},
        {'dims': ['procedure', 'service', 'status'], 'share': 'status', 'kinds': ['year']},
    ], 'complaint_id') }}

    union all

    {{ figure_counts('new_complaints', 'by_service_merged', [
        {'dims': ['service_merged:merged_service'], 'share': 'service_merged:merged_service', 'where': formal},
        {'dims': ['procedure', 'service_merged:merged_service'], 'share': 'procedure'},
    ], 'complaint_id') }}

    union all

    {{ figure_counts('new_complaints', 'by_group', [
        {'dims': ['G'], 'share': 'G', 'where': formal},
        {'dims': ['G', 'procedure'], 'share': 'G', 'kinds': ['year']},
        {'dims': ['G', 'child_looked_after'], 'where': formal, 'kinds': ['year']},
        {'dims': ['G', 'advocate_kind'], 'share': 'advocate_kind', 'where': formal, 'kinds': ['year']},
    ], 'complaint_id') }}

    union all

    {{ figure_counts('new_complaints', 'by_group_and_service', [
        {'dims': ['G', 'service'], 'share': 'G', 'where': formal, 'kinds': ['year']},
        {'dims': ['G', 'child_looked_after', 'procedure', 'service'], 'kinds': ['year']},
    ], 'complaint_id') }}

    union all

    {{ figure_counts('new_complaints', 'by_theme', [
        {'dims': ['theme'], 'share': 'theme', 'where': formal},
        {'dims': ['procedure', 'theme'], 'share': 'theme'},
    ], 'complaint_id') }}

    union all

    {{ figure_counts('new_complaints', 'by_group_and_theme', [
        {'dims': ['G', 'theme'], 'share': 'theme', 'where': formal, 'kinds': ['year']},
    ], 'complaint_id') }}

),

outcome_counts as (

    {{ figure_counts('new_complaints_by_outcome', 'with_outcome_and_zeros', [
        {'dims': ['stage_1_outcome'], 'share': 'stage_1_outcome', 'where': formal, 'kinds': ['year']},
        {'dims': ['procedure', 'stage_1_outcome'], 'share': 'stage_1_outcome', 'kinds': ['year']},
    ], 'complaint_id') }}

    union all

    {%- for part in ['service', 'theme'] %}

    {{ figure_counts('new_complaints_by_outcome', part ~ '_with_outcome_and_zeros', [
        {'dims': ['stage_1_outcome', part], 'share': 'stage_1_outcome', 'where': formal, 'kinds': ['year']},
        {'dims': ['procedure', 'stage_1_outcome', part], 'share': 'stage_1_outcome', 'kinds': ['year']},
    ], 'complaint_id') }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

outcome_themes as (

    {{ figure_counts('outcome_themes', 'theme_with_outcome_and_zeros', [
        {'dims': ['stage_1_outcome', 'theme'], 'share': 'theme', 'where': formal, 'kinds': ['year']},
        {'dims': ['procedure', 'stage_1_outcome', 'theme'], 'share': 'theme', 'kinds': ['year']},
    ], 'complaint_id') }}

),

theme_findings as (

    {{ figure_counts('theme_outcomes', 'themes_decided_and_zeros', [
        {'dims': ['outcome', 'theme'], 'share': 'outcome', 'where': formal, 'kinds': ['year']},
        {'dims': ['outcome', 'procedure', 'theme'], 'share': 'outcome', 'kinds': ['year']},
    ], 'complaint_id') }}

),

themes_answered as (

    {{ figure_counts('themes_answered', 'themes_decided', [
        {'dims': ['theme'], 'where': formal, 'kinds': ['year']},
        {'dims': ['procedure', 'theme'], 'kinds': ['year']},
    ], 'complaint_id') }}

),

-- where an authority holds themes, a complaint without one counts once, as not known: the overlap is never negative
themes_touched as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure,
        count(distinct themes.theme) as themes_held,
        greatest(count(distinct themes.theme), 1) as themes_counted
    from complaints
    left join themes
        on {{ report_key('complaints', 'themes') }}
        and complaints.complaint_id = themes.complaint_id
    where exists (
        select 1
        from themes as any_theme
        where {{ report_key('complaints', 'any_theme') }}
    )
    group by
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        complaints.procedure

),

{%- set theme_sets = [{'dims': [], 'where': formal}, {'dims': ['procedure']}] %}

theme_overlaps as (

    {{ figure_counts('complaint_themes_part_sum', 'themes_touched', theme_sets, 'complaint_id', count='sum(themes_counted)') }}
    union all
    {{ figure_counts('complaint_themes_overlap', 'themes_touched', theme_sets, 'complaint_id', count='sum(themes_counted - 1)') }}
    union all
    {{ figure_counts('complaints_with_several_themes', 'themes_touched', theme_sets, 'complaint_id', count='count(case when themes_held > 1 then 1 end)') }}

),

below as (

    select * from {{ ref('bridge_service_ancestor') }}

),

-- services that had begun by the end of the report: a level that came later is no part of an earlier report
begun as (

    select
        services.authority,
        reports.reporting_year,
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
        authority,
        reporting_year,
        period,
        period_kind,
        procedure,
        is_formal,
        child_looked_after,
        complaint_id,
        service as within
    from by_service
    where period_kind = 'year'

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

children_counts as (

    {#- the whole is a part of itself, so that a line of 100 percent can be printed under the parts #}
    {{ figure_counts('children_in_complaints', 'by_child', [
        {'dims': [], 'share': 'all', 'where': formal},
        {'dims': ['child_looked_after'], 'share': 'child_looked_after', 'where': formal},
        {'dims': ['procedure']},
        {'dims': ['ethnicity'], 'share': 'ethnicity', 'where': formal},
    ], 'child_key') }}

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

complainants as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complainant_key,
        count(*) as complaints
    from complaints
    where
        is_formal
        and complainant_key is not null
    group by
        authority,
        reporting_year,
        period,
        period_kind,
        complainant_key

),

repeat_counts as (

    {{ figure_counts('repeat_complainants', 'complainants', [{'dims': [], 'kinds': ['year', 'quarter']}], 'complainant_key',
        count='count(case when complaints >= 2 then 1 end)') }}

    union all

    {{ figure_counts('new_complaints_from_repeat_complainants', 'complainants', [{'dims': [], 'kinds': ['year', 'quarter']}], 'complainant_key',
        count='coalesce(sum(case when complaints >= 2 then complaints end), 0)') }}

    union all

    {{ figure_counts('complainants_by_complaints', 'complainants', [{'dims': ['complaints'], 'kinds': ['year']}], 'complainant_key') }}

),

-- how many complaints each complainant made, on average and among those who made the same number
complaints_each as (

    {{ figure_counts('new_complaints_per_complainant', 'complainants', [
        {'dims': [], 'kinds': ['year']},
        {'dims': ['complaints'], 'kinds': ['year']},
    ], 'complainant_key', count='sum(complaints)') }}

),

complainants_counted as (

    {{ figure_counts('complainants', 'complainants', [
        {'dims': [], 'kinds': ['year']},
        {'dims': ['complaints'], 'kinds': ['year']},
    ], 'complainant_key') }}

),

-- informal complaints are no part of a total that leaves them out
share_parts as (

    select *
    from counts
    where
        breakdown not like '%procedure=informal%'
        or whole_breakdown like '%procedure=informal%'

),

final as (

    {{ count_rows('counts') }}
    union all
    {{ ratio_rows('share_parts', 'counts', 'new_complaints_share') }}
    union all
    {{ count_rows('outcome_counts') }}
    union all
    {{ ratio_rows('outcome_counts', 'counts', 'new_complaints_by_outcome_share') }}
    union all
    {{ ratio_rows('outcome_themes', 'outcome_counts', 'outcome_themes_share') }}
    union all
    {{ count_rows('theme_findings') }}
    union all
    {{ ratio_rows('theme_findings', 'themes_answered', 'theme_outcomes_share') }}
    union all
    {{ count_rows('theme_overlaps') }}
    union all
    {{ count_rows('overlap_counts') }}
    union all
    {{ count_rows('children_counts', unit='people') }}
    union all
    {{ ratio_rows('children_counts', 'children_counts', 'children_in_complaints_share') }}
    union all
    {{ ratio_rows('complaints_each', 'complainants_counted', 'new_complaints_per_complainant', scale=1.0, unit='ratio', on_breakdown='breakdown') }}
    union all
    {{ count_rows('services_counts', unit='services') }}
    union all
    {{ count_rows('repeat_counts') }}

)

select * from final
