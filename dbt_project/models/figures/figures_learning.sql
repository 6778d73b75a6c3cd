-- Learning forms sent to services, returned by them and outstanding, and what was learned.
with

forms as (

    select * from {{ ref('fct_learning') }}

),

periods as (

    select * from {{ ref('dim_period') }} where period_kind = 'year'

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

placed as (

    select
        forms.authority,
        forms.reporting_year,
        forms.learning_id,
        forms.sent_date,
        forms.returned_date,
        forms.category,
        forms.action_status,
        periods.period,
        periods.period_kind,
        case when forms.sent_date between periods.period_start and periods.period_end then forms.learning_id end as sent_id,
        case
            when
                forms.sent_date between periods.period_start and periods.period_end
                and forms.returned_date <= periods.period_end
                then forms.learning_id
        end as returned_sent_id,
        case
            when
                forms.sent_date < periods.period_start
                and (forms.returned_date is null or forms.returned_date >= periods.period_start)
                then forms.learning_id
        end as outstanding_at_start_id,
        case
            when
                forms.sent_date < periods.period_start
                and forms.returned_date between periods.period_start and periods.period_end
                then forms.learning_id
        end as returned_outstanding_id,
        case
            when
                forms.sent_date <= periods.period_end
                and (forms.returned_date is null or forms.returned_date > periods.period_end)
                then forms.learning_id
        end as outstanding_at_end_id,
        forms.service as own_service
    from forms
    inner join periods
        on {{ report_key('forms', 'periods') }}
        and forms.sent_date <= periods.period_end

),

placed_by_node as (

    select
        placed.authority,
        placed.reporting_year,
        placed.learning_id,
        placed.category,
        placed.returned_date,
        placed.period,
        placed.period_kind,
        placed.sent_id,
        placed.returned_sent_id,
        placed.outstanding_at_start_id,
        placed.returned_outstanding_id,
        placed.outstanding_at_end_id,
        ancestors.ancestor_service as service
    from placed
    inner join ancestors
        on placed.authority = ancestors.authority
        and placed.own_service = ancestors.service
        and {{ in_tree_on('placed.sent_date') }}

),

{%- set total = [{'dims': [], 'kinds': ['year']}] %}
{%- set by_service = [{'dims': ['service'], 'kinds': ['year']}] %}

sent as (

    {{ figure_counts_and_by_node('learning_forms_sent', 'placed', total, by_service, 'sent_id') }}

),

returned_sent as (

    {{ figure_counts_and_by_node('learning_forms_returned', 'placed', total, by_service, 'returned_sent_id', {'cohort': 'sent_in_year'}) }}

),

returned_with_whole as (

    select
        authority,
        reporting_year,
        period,
        breakdown,
        case when breakdown = 'cohort=sent_in_year' then '' else replace(breakdown, 'cohort=sent_in_year;', '') end as whole_breakdown,
        numerator
    from returned_sent

),

others as (

    {{ figure_counts_and_by_node('learning_forms_returned', 'placed', total, by_service, 'returned_outstanding_id', {'cohort': 'outstanding_at_start'}) }}
    union all
    {{ figure_counts_and_by_node('learning_forms_outstanding', 'placed', total, by_service, 'outstanding_at_start_id', {'at': 'start'}) }}
    union all
    {{ figure_counts_and_by_node('learning_forms_outstanding', 'placed', total, by_service, 'outstanding_at_end_id', {'at': 'end'}) }}

),

categories as (

    {{ figure_counts('learning_categories', 'placed', [{'dims': ['category'], 'kinds': ['year'], 'where': 'returned_date is not null and sent_id is not null'}], 'learning_id') }}
    union all
    {{ figure_counts('learning_categories', 'placed_by_node', [{'dims': ['category', 'service'], 'kinds': ['year'], 'where': 'returned_date is not null and sent_id is not null'}], 'learning_id') }}

),

-- new complaints, whatever their procedure, with at least one action recorded by the report date, whenever it was sent
complaints as (

    select * from {{ ref('int_figure_complaints') }} where period_kind = 'year'

),

complaint_nodes as (

    select * from {{ ref('int_complaint_service_node') }}

),

learned as (

    select distinct
        authority,
        reporting_year,
        complaint_id
    from forms
    where
        complaint_id is not null
        and action_status is not null

),

complaints_marked as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.formality,
        learned.complaint_id
    from complaints
    left join learned
        on {{ report_key('complaints', 'learned') }}
        and complaints.complaint_id = learned.complaint_id
    where exists (
        select 1
        from forms
        where
            forms.authority = complaints.authority
            and forms.reporting_year = complaints.reporting_year
    )

),

complaints_marked_by_node as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        complaints.period_kind,
        complaints.formality,
        complaint_nodes.service,
        learned.complaint_id
    from complaints
    inner join complaint_nodes
        on {{ report_key('complaints', 'complaint_nodes') }}
        and complaints.complaint_id = complaint_nodes.complaint_id
    left join learned
        on {{ report_key('complaints', 'learned') }}
        and complaints.complaint_id = learned.complaint_id
    where exists (
        select 1
        from forms
        where
            forms.authority = complaints.authority
            and forms.reporting_year = complaints.reporting_year
    )

),

with_learning as (

    {{ figure_counts('new_complaints_with_learning', 'complaints_marked', [{'dims': ['formality'], 'kinds': ['year']}], 'complaint_id') }}
    union all
    {{ figure_counts('new_complaints_with_learning', 'complaints_marked_by_node', [{'dims': ['formality', 'service'], 'kinds': ['year']}], 'complaint_id') }}

),

final as (

    {{ count_rows('with_learning', unit='complaints') }}
    union all
    {{ count_rows('sent', unit='forms') }}
    union all
    {{ count_rows('returned_sent', unit='forms') }}
    union all
    {{ count_rows('others', unit='forms') }}
    union all
    {{ ratio_rows('returned_with_whole', 'sent', 'learning_forms_returned_share') }}
    union all
    {{ count_rows('categories', unit='forms') }}

)

select * from final
