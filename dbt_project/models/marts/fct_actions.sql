-- Details 24: what has become of an action is as known at the as-at. Its links hold where the report knows what they lead to.
with

known as (
    {{ known_rows('stg_action', 'agreed_date') }}
),

complaints as (
    select * from {{ ref('fct_complaints') }}
),

matters as (
    select * from {{ ref('fct_ombudsman') }}
),

as_known as (
    select
        *,
        case when done_date > as_at then 'under_way' else status end as status_then,
        coalesce({{ first_year_of('agreed_date') }}, cast(left(carried_from_year, 4) as integer)) as first_year
    from known
),

final as (
    select
        actions.authority,
        actions.reporting_year,
        actions.action_id,
        complaints.complaint_id,
        matters.ombudsman_id,
        coalesce(actions.service, 'not_known') as service,
        coalesce(actions.category, 'not_known') as category,
        actions.agreed_date,
        {{ year_name('actions.first_year') }} as agreed_year,
        actions.due_date,
        case
            when actions.status_then = 'under_way' and actions.due_date < actions.as_at then 'overdue'
            else actions.status_then
        end as progress,
        case when actions.status_then != 'under_way' then actions.done_date end as done_date,
        -- without a day of its end, one that has ended is taken to have been open when the year after its own began
        case
            when actions.status_then != 'under_way'
                then {{ year_name("coalesce(" ~ first_year_of('actions.done_date') ~ ", actions.first_year + 1)") }}
        end as last_year_open,
        actions.owner,
        actions.said,
        actions.agreed,
        case when actions.status_then = 'not_done' then actions.reason end as reason,
        actions.extract_id,
        actions.source_row
    from as_known as actions
    left join complaints
        on {{ report_key('actions', 'complaints') }}
        and actions.complaint_id = complaints.complaint_id
    left join matters
        on {{ report_key('actions', 'matters') }}
        and actions.ombudsman_id = matters.ombudsman_id
)

select * from final
