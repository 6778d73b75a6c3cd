with

known as (
    {{ known_rows('stg_ombudsman', 'received_date') }}
),

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

services as (
    select
        authority,
        reporting_year,
        ombudsman_id,
        {{ sorted_join('service') }} as service_set
    from {{ ref('bridge_ombudsman_service') }}
    group by authority, reporting_year, ombudsman_id
),

payments as (
    select
        authority,
        reporting_year,
        ombudsman_id,
        sum(amount_gbp) as payment_gbp
    from {{ ref('fct_remedies') }}
    where
        ombudsman_id is not null
        and not is_undated
    group by authority, reporting_year, ombudsman_id
),

-- A decision, its finding and its reason hang on the date of the decision.
final as (
    select
        known.authority,
        known.reporting_year,
        known.ombudsman_id,
        complaints.complaint_id,
        known.received_date,
        {{ known_date('known.decided_date', 'known.as_at') }} as decided_date,
        case
            when known.decided_date <= known.as_at then coalesce(known.decision, 'not_known')
            else 'not_yet_decided'
        end as decision,
        case when known.decided_date <= known.as_at then known.finding end as finding,
        case when known.decided_date <= known.as_at then known.reason end as reason,
        known.decision is not null and known.decided_date is null as is_decision_without_date,
        {{ known_date('known.remedies_complied_date', 'known.as_at') }} as remedies_complied_date,
        services.service_set,
        payments.payment_gbp,
        known.extract_id,
        known.source_row
    from known
    left join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
    inner join services
        on known.authority = services.authority
        and known.reporting_year = services.reporting_year
        and known.ombudsman_id = services.ombudsman_id
    left join payments
        on known.authority = payments.authority
        and known.reporting_year = payments.reporting_year
        and known.ombudsman_id = payments.ombudsman_id
)

select * from final
