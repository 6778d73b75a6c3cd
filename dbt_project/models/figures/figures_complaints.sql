-- Who complained, about what, when: new complaints.
-- A set without a procedure counts formal complaints only (counting rule: informal complaints are counted apart).
{%- set formal = 'is_formal' %}
{%- set keys = ['authority', 'reporting_year', 'period', 'period_kind', 'is_formal', 'procedure'] %}
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

    {{ and_words('complaints', keys + ['formality'], 'complaint_id', 'complainant_role', asked_roles, where="period_kind in ('year', 'quarter') and complainant_role != 'not_known'") }}

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

{%- for part in [[], ['service'], ['theme']] %}
{%- set relation = (part + ['with_outcome']) | join('_') %}

{{ relation }}_and_zeros as (

    {{ and_words(relation, keys + part, 'complaint_id', 'stage_1_outcome', findings) }}

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

    {{ and_words('themes_decided', keys + ['theme'], 'complaint_id', 'outcome', findings) }}

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

)

select * from final
