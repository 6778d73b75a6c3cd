with

known as (
    {{ known_rows('stg_stage', 'requested_date') }}
),

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

final as (
    select
        known.authority,
        known.reporting_year,
        known.as_at,
        known.stage_id,
        known.complaint_id,
        known.procedure,
        known.stage,
        coalesce(known.service, 'not_known') as service,
        known.requested_date,
        known.request_decision,
        {{ known_date('known.statement_agreed_date', 'known.as_at') }} as statement_agreed_date,
        {{ known_date('known.investigator_appointed_date', 'known.as_at') }} as investigator_appointed_date,
        known.extension_agreed,
        known.extension_reason,
        {{ known_date('known.panel_date', 'known.as_at') }} as panel_date,
        {{ known_date('known.findings_date', 'known.as_at') }} as findings_date,
        {{ known_date('known.responded_date', 'known.as_at') }} as responded_date,
        {{ known_date('known.closed_date', 'known.as_at') }} as source_closed_date,
        -- A reason for closing whose own date is still to come is not known yet.
        case
            when known.closed_date is null or known.closed_date <= known.as_at then known.closed_how
        end as source_closed_how,
        -- Rule 12: an outcome hangs on its response.
        case when known.responded_date <= known.as_at then known.outcome end as outcome,
        known.outcome is not null and known.responded_date is null as is_outcome_without_response,
        known.investigator_kind,
        known.complex,
        known.cost_gbp,
        known.paused_days,
        known.pause_reason,
        case when known.responded_date <= known.as_at then known.response_in_target end as source_in_target,
        coalesce(known.reopened, 'no') = 'yes' as is_reopened,
        complaints.received_date as complaint_received_date,
        complaints.accepted_date as complaint_accepted_date,
        complaints.withdrawn_date as complaint_withdrawn_date,
        complaints.refused_date as complaint_refused_date,
        known.extract_id,
        known.source_row
    from known
    inner join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
)

select * from final
