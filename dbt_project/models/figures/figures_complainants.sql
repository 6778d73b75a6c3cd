-- The people in new complaints: the children whom they are about, and those who complained once or again.
-- A set without a procedure counts formal complaints only (counting rule: informal complaints are counted apart).
{%- set formal = 'is_formal' %}
with

complaints as (

    select * from {{ ref('int_figure_complaints') }}

),

children as (

    select * from {{ ref('bridge_complaint_child') }}

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

children_counts as (

    {#- the whole is a part of itself, so that a line of 100 percent can be printed under the parts #}
    {{ figure_counts('children_in_complaints', 'by_child', [
        {'dims': [], 'share': 'all', 'where': formal},
        {'dims': ['child_looked_after'], 'share': 'child_looked_after', 'where': formal},
        {'dims': ['procedure']},
        {'dims': ['ethnicity'], 'share': 'ethnicity', 'where': formal},
    ], 'child_key') }}

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

final as (

    {{ count_rows('children_counts', unit='people') }}
    union all
    {{ ratio_rows('children_counts', 'children_counts', 'children_in_complaints_share') }}
    union all
    {{ ratio_rows('complaints_each', 'complainants_counted', 'new_complaints_per_complainant', scale=1.0, unit='ratio', on_breakdown='breakdown') }}
    union all
    {{ count_rows('repeat_counts') }}

)

select * from final
