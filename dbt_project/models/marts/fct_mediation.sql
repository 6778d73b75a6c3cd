with

known as (
    {{ known_rows('stg_mediation', 'offered_date') }}
),

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

final as (
    select
        known.authority,
        known.reporting_year,
        known.mediation_id,
        known.complaint_id,
        known.offered_date,
        known.accepted,
        known.result,
        known.extract_id,
        known.source_row
    from known
    inner join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
)

select * from final
