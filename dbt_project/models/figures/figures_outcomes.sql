-- What was found: outcomes of complaints and of their issues at each stage, and the three upheld rates, each under its own name.
-- Which outcomes stand in the denominator of a share is the authority's named choice: withdrawn issues are left out unless
-- `outcome_share_withdrawn` is `including`; issues sent straight to the next stage are in unless `outcome_share_direct` is `excluding`.
with

outcomes as (

    select * from {{ ref('fct_outcomes') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind in ('year', 'quarter')

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

settings as (

    select
        authority,
        max(case when setting = 'outcome_share_withdrawn' then value end) as withdrawn_choice,
        max(case when setting = 'outcome_share_direct' then value end) as direct_choice
    from {{ ref('stg_config_setting') }}
    group by authority

),

dated as (

    select
        events.*,
        periods.period,
        periods.period_kind,
        case
            when events.unit = 'complaint' then events.outcome != 'not_known'
            when events.outcome = 'withdrawn' then coalesce(settings.withdrawn_choice, 'excluding') = 'including'
            when events.outcome = 'direct_to_next_stage' then coalesce(settings.direct_choice, 'including') = 'including'
            else true
        end as is_in_share,
        'withdrawn ' || coalesce(settings.withdrawn_choice, 'excluding')
        || ', direct to next stage ' || coalesce(settings.direct_choice, 'including') as variant
    from outcomes as events
    inner join periods
        on {{ in_period('decided_date') }}
    left join settings
        on events.authority = settings.authority

),

-- a stage has one outcome, and so has an issue at a stage: they are added up once by everything they are counted by
tallied as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        unit,
        procedure,
        stage,
        service,
        tree_from,
        category,
        child_looked_after,
        outcome,
        is_in_share,
        count(*) as findings
    from dated
    group by
        authority,
        reporting_year,
        period,
        period_kind,
        unit,
        procedure,
        stage,
        service,
        tree_from,
        category,
        child_looked_after,
        outcome,
        is_in_share

),

by_node as (

    select
        tallied.authority,
        tallied.reporting_year,
        tallied.period,
        tallied.period_kind,
        tallied.unit,
        tallied.findings,
        tallied.procedure,
        tallied.stage,
        tallied.category,
        tallied.outcome,
        tallied.is_in_share,
        tallied.child_looked_after,
        ancestors.ancestor_service as service
    from tallied
    inner join ancestors
        on tallied.authority = ancestors.authority
        and tallied.service = ancestors.service
        and {{ in_tree_on('tallied.tree_from') }}

),

-- complaints with an issue answered, and with one upheld: a complaint counts once, however many of its issues were
issue_complaints as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        procedure,
        stage,
        service,
        tree_from,
        max(case when outcome = 'upheld' then 1 else 0 end) as is_upheld
    from dated
    where
        unit = 'issue'
        and is_in_share
    group by
        authority,
        reporting_year,
        period,
        period_kind,
        complaint_id,
        procedure,
        stage,
        service,
        tree_from

),

issue_complaints_by_node as (

    select
        issue_complaints.authority,
        issue_complaints.reporting_year,
        issue_complaints.period,
        issue_complaints.period_kind,
        issue_complaints.complaint_id,
        issue_complaints.procedure,
        issue_complaints.stage,
        issue_complaints.is_upheld,
        ancestors.ancestor_service as service
    from issue_complaints
    inner join ancestors
        on issue_complaints.authority = ancestors.authority
        and issue_complaints.service = ancestors.service
        and {{ in_tree_on('issue_complaints.tree_from') }}

),

complaints_decided as (select * from tallied where unit = 'complaint'),

themes as (

    select * from {{ ref('bridge_complaint_theme') }}

),

service_nodes as (

    select distinct
        authority,
        reporting_year,
        complaint_id,
        service
    from {{ ref('int_complaint_service_node') }}

),

-- a complaint's outcome in every service that it is about, and under every theme: it counts once in each
{%- for part, parts in [('service', 'service_nodes'), ('theme', 'themes')] %}

complaints_decided_by_{{ part }} as (

    select
        dated.authority,
        dated.reporting_year,
        dated.period,
        dated.period_kind,
        dated.procedure,
        dated.stage,
        dated.outcome,
        dated.is_in_share,
        {{ parts }}.{{ part }},
        count(*) as findings
    from dated
    inner join {{ parts }}
        on {{ report_key('dated', parts) }}
        and dated.complaint_id = {{ parts }}.complaint_id
    where
        dated.unit = 'complaint'
        and dated.period_kind = 'year'
    group by
        dated.authority,
        dated.reporting_year,
        dated.period,
        dated.period_kind,
        dated.procedure,
        dated.stage,
        dated.outcome,
        dated.is_in_share,
        {{ parts }}.{{ part }}

),
{%- endfor %}

-- and in each of the authority's own groups of complaints
complaints_decided_by_group as (

    select
        dated.authority,
        dated.reporting_year,
        dated.period,
        dated.period_kind,
        dated.stage,
        dated.outcome,
        dated.is_in_share,
        groups.grouping,
        groups.group_value,
        count(*) as findings
    from dated
    inner join {{ ref('int_complaint_grouping') }} as groups
        on {{ report_key('dated', 'groups') }}
        and dated.complaint_id = groups.complaint_id
    where
        dated.unit = 'complaint'
        and dated.period_kind = 'year'
    group by
        dated.authority,
        dated.reporting_year,
        dated.period,
        dated.period_kind,
        dated.stage,
        dated.outcome,
        dated.is_in_share,
        groups.grouping,
        groups.group_value

),

complaints_decided_by_node as (select * from by_node where unit = 'complaint'),

issues_decided as (select * from tallied where unit = 'issue'),

issues_decided_by_node as (select * from by_node where unit = 'issue'),

-- what was looked for and not found: where a stage was answered at all, each finding it could have had is printed
words as (

    {%- for unit, words in {
        'complaint': ['upheld', 'partially_upheld', 'not_upheld', 'inconclusive', 'not_known'],
        'issue': ['upheld', 'partially_upheld', 'not_upheld', 'inconclusive', 'withdrawn'],
    }.items() %}
    {%- set last = loop.last %}
    {%- for word in words %}
    select
        '{{ unit }}' as unit,
        '{{ word }}' as outcome
    {% if not (loop.last and last) %}union all{% endif %}
    {%- endfor %}
    {%- endfor %}

),

{%- for unit in ['complaint', 'issue'] %}

{{ unit }}_findings as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        findings,
        procedure,
        stage,
        outcome
    from {{ unit }}s_decided

    union all

    select
        places.authority,
        places.reporting_year,
        places.period,
        places.period_kind,
        0 as findings,
        places.procedure,
        places.stage,
        words.outcome
    from (select distinct authority, reporting_year, period, period_kind, procedure, stage from {{ unit }}s_decided) as places
    inner join words
        on words.unit = '{{ unit }}'

),

{{ unit }}_findings_by_node as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        findings,
        procedure,
        stage,
        service,
        category,
        child_looked_after,
        outcome
    from {{ unit }}s_decided_by_node

    union all

    select
        places.authority,
        places.reporting_year,
        places.period,
        places.period_kind,
        0 as findings,
        places.procedure,
        places.stage,
        places.service,
        cast(null as string) as category,
        cast(null as string) as child_looked_after,
        words.outcome
    from (
        select distinct authority, reporting_year, period, period_kind, procedure, stage, service
        from {{ unit }}s_decided_by_node
    ) as places
    inner join words
        on words.unit = '{{ unit }}'

),
{%- endfor %}

variants as (

    select distinct
        authority,
        variant
    from dated

),

{%- set all_findings = 'sum(findings)' %}
{%- set in_share = 'sum(case when is_in_share then findings else 0 end)' %}
{%- set upheld = "sum(case when outcome = 'upheld' then findings else 0 end)" %}
{%- set upheld_or_partly = "sum(case when outcome in ('upheld', 'partially_upheld') then findings else 0 end)" %}
{%- set plain = [['stage'], ['procedure', 'stage']] %}
{%- set node = [['service', 'stage'], ['procedure', 'service', 'stage']] %}
{%- set by_theme = [{'dims': ['stage', 'theme'], 'kinds': ['year']}] %}
{%- set by_group = [{'dims': ['G', 'stage'], 'kinds': ['year']}] %}
{%- set issue_node = node + [['category', 'service', 'stage'], ['child_looked_after', 'procedure', 'service', 'stage']] %}


complaint_outcomes as (

    {{ figure_counts_and_by_node('complaint_outcomes', 'complaint_findings', figure_sets(plain, ['outcome'], 'outcome'), figure_sets(node, ['outcome'], 'outcome'), 'outcome_id', count=all_findings) }}
    union all
    {{ figure_counts('complaint_outcomes', 'complaints_decided_by_theme', [{'dims': ['outcome', 'stage', 'theme'], 'share': 'outcome', 'kinds': ['year']}], 'outcome_id', count=all_findings) }}
    union all
    {{ figure_counts('complaint_outcomes', 'complaints_decided_by_group', [{'dims': ['G', 'outcome', 'stage'], 'share': 'outcome', 'kinds': ['year']}], 'outcome_id', count=all_findings) }}

),

complaint_outcomes_shown as (

    select * from complaint_outcomes where breakdown not like '%outcome=not\_known%' escape '\'

),

touched_outcomes as (

    {%- for part in ['service', 'theme'] %}

    {{ figure_counts('complaint_outcomes_by_' ~ part ~ '_touched', 'complaints_decided_by_' ~ part, [
        {'dims': ['outcome', 'stage', part], 'kinds': ['year']},
        {'dims': ['outcome', 'procedure', 'stage', part], 'kinds': ['year']},
    ], 'outcome_id', count=all_findings) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

complaints_answered as (

    {{ figure_counts_and_by_node('complaints_answered', 'complaints_decided', figure_sets(plain), figure_sets(node), 'outcome_id', count=all_findings) }}

),

-- all stages together are stage episodes, never complaints
episode_outcomes as (

    {{ figure_counts('stage_episode_outcomes', 'complaint_findings', figure_sets([[], ['procedure']], ['outcome'], 'outcome'), 'outcome_id', count=all_findings) }}

),

episode_outcomes_shown as (

    select * from episode_outcomes where breakdown not like '%outcome=not\_known%' escape '\'

),

episodes_with_outcome as (

    {{ figure_counts('stage_episodes_with_outcome', 'complaints_decided', figure_sets([[], ['procedure']]), 'outcome_id', count=in_share) }}

),

-- the named variant of councils that print the withdrawn among the outcomes: a withdrawal counts on its closing day
findings_and_withdrawn as (

    select
        authority,
        reporting_year,
        period,
        period_kind,
        findings,
        procedure,
        stage,
        outcome
    from complaint_findings
    where outcome != 'not_known'

    union all

    select
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        count(*) as findings,
        events.procedure,
        events.stage,
        'withdrawn' as outcome
    from {{ ref('fct_stages') }} as events
    inner join periods
        on {{ in_period('closed_date') }}
    where events.closed_how = 'withdrawn'
    group by
        events.authority,
        events.reporting_year,
        periods.period,
        periods.period_kind,
        events.procedure,
        events.stage

),

outcomes_and_withdrawn as (

    {{ figure_counts('complaint_outcomes_and_withdrawn', 'findings_and_withdrawn', figure_sets(plain, ['outcome'], 'outcome'), 'outcome_id', count=all_findings) }}

),

answered_or_withdrawn as (

    {{ figure_counts('complaints_with_outcome_or_withdrawn', 'findings_and_withdrawn', figure_sets(plain), 'outcome_id', count=all_findings) }}

),

complaint_outcomes_of_year as (

    select * from complaint_outcomes where period_kind = 'year'

),

complaints_with_outcome as (

    {{ figure_counts_and_by_node('complaints_with_outcome', 'complaints_decided', figure_sets(plain), figure_sets(node), 'outcome_id', count=in_share) }}
    union all
    {{ figure_counts('complaints_with_outcome', 'complaints_decided_by_theme', by_theme, 'outcome_id', count=in_share) }}
    union all
    {{ figure_counts('complaints_with_outcome', 'complaints_decided_by_group', by_group, 'outcome_id', count=in_share) }}

),

complaints_upheld as (

    {{ figure_counts_and_by_node('complaints_upheld', 'complaints_decided', figure_sets(plain), figure_sets(node), 'outcome_id', count=upheld) }}
    union all
    {{ figure_counts('complaints_upheld', 'complaints_decided_by_theme', by_theme, 'outcome_id', count=upheld) }}
    union all
    {{ figure_counts('complaints_upheld', 'complaints_decided_by_group', by_group, 'outcome_id', count=upheld) }}

),

complaints_upheld_or_partly as (

    {{ figure_counts_and_by_node('complaints_upheld_or_partly', 'complaints_decided', figure_sets(plain), figure_sets(node), 'outcome_id', count=upheld_or_partly) }}
    union all
    {{ figure_counts('complaints_upheld_or_partly', 'complaints_decided_by_theme', by_theme, 'outcome_id', count=upheld_or_partly) }}
    union all
    {{ figure_counts('complaints_upheld_or_partly', 'complaints_decided_by_group', by_group, 'outcome_id', count=upheld_or_partly) }}

),

issue_outcomes as (

    {{ figure_counts_and_by_node('issue_outcomes', 'issue_findings', figure_sets(plain, ['outcome'], 'outcome'), figure_sets(issue_node, ['outcome'], 'outcome'), 'outcome_id', count=all_findings) }}

),

issue_outcomes_in_share as (

    select
        shown.*
    from issue_outcomes as shown
    left join settings
        on shown.authority = settings.authority
    where
        (shown.breakdown not like '%outcome=withdrawn%' or coalesce(settings.withdrawn_choice, 'excluding') = 'including')
        and (shown.breakdown not like '%outcome=direct_to_next_stage%' or coalesce(settings.direct_choice, 'including') = 'including')

),

issues_answered as (

    {{ figure_counts_and_by_node('issues_answered', 'issues_decided', figure_sets(plain), figure_sets(issue_node), 'outcome_id', count=in_share) }}

),

issues_upheld as (

    {{ figure_counts_and_by_node('issues_upheld', 'issues_decided', figure_sets(plain), figure_sets(issue_node), 'outcome_id', count=upheld) }}

),

issues_upheld_or_partly as (

    {{ figure_counts_and_by_node('issues_upheld_or_partly', 'issues_decided', figure_sets(plain), figure_sets(issue_node), 'outcome_id', count=upheld_or_partly) }}

),

complaints_with_issue_answered as (

    {{ figure_counts_and_by_node('complaints_with_an_issue_answered', 'issue_complaints', figure_sets(plain), figure_sets(node), 'complaint_id') }}

),

complaints_with_issue_upheld as (

    {{ figure_counts_and_by_node('complaints_with_an_issue_upheld', 'issue_complaints', figure_sets(plain), figure_sets(node), 'complaint_id', count='count(distinct case when is_upheld = 1 then complaint_id end)') }}

),

{%- set on_variant = '(select max(variants.variant) from variants where variants.authority = parts.authority)' %}

final as (

    {{ count_rows('complaint_outcomes') }}
    union all
    {{ ratio_rows('complaint_outcomes_shown', 'complaints_with_outcome', 'complaint_outcomes_share') }}
    union all
    {{ ratio_rows('complaint_outcomes_of_year', 'complaints_answered', 'complaint_outcomes_of_responses_share') }}
    union all
    {{ count_rows('episode_outcomes') }}
    union all
    {{ ratio_rows('episode_outcomes_shown', 'episodes_with_outcome', 'stage_episode_outcomes_share') }}
    union all
    {{ count_rows('outcomes_and_withdrawn') }}
    union all
    {{ ratio_rows('outcomes_and_withdrawn', 'answered_or_withdrawn', 'complaint_outcomes_and_withdrawn_share') }}
    union all
    {{ count_rows('touched_outcomes') }}
    union all
    {{ count_rows('complaints_with_outcome') }}
    union all
    {{ count_rows('complaints_upheld') }}
    union all
    {{ ratio_rows('complaints_upheld', 'complaints_with_outcome', 'complaints_upheld_share', on_breakdown='breakdown') }}
    union all
    {{ count_rows('complaints_upheld_or_partly') }}
    union all
    {{ ratio_rows('complaints_upheld_or_partly', 'complaints_with_outcome', 'complaints_upheld_or_partly_share', on_breakdown='breakdown') }}
    union all
    {{ count_rows('issue_outcomes', unit='issues') }}
    union all
    {{ ratio_rows('issue_outcomes_in_share', 'issues_answered', 'issue_outcomes_share', variant=on_variant) }}
    union all
    {{ count_rows('issues_answered', unit='issues') }}
    union all
    {{ count_rows('issues_upheld', unit='issues') }}
    union all
    {{ ratio_rows('issues_upheld', 'issues_answered', 'issues_upheld_share', on_breakdown='breakdown', variant=on_variant) }}
    union all
    {{ count_rows('issues_upheld_or_partly', unit='issues') }}
    union all
    {{ ratio_rows('issues_upheld_or_partly', 'issues_answered', 'issues_upheld_or_partly_share', on_breakdown='breakdown', variant=on_variant) }}
    union all
    {{ count_rows('complaints_with_issue_answered') }}
    union all
    {{ count_rows('complaints_with_issue_upheld') }}
    union all
    {{ ratio_rows('complaints_with_issue_upheld', 'complaints_with_issue_answered', 'complaints_with_an_issue_upheld_share', on_breakdown='breakdown') }}

)

select * from final
