with

known as (
    {{ known_rows('stg_complaint_service') }}
),

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

-- Rule 17: a complaint with no service counts once, in not_known.
final as (
    select distinct
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        coalesce(known.service, 'not_known') as service,
        coalesce(known.procedure, complaints.procedure) as procedure
    from complaints
    left join known
        on complaints.authority = known.authority
        and complaints.reporting_year = known.reporting_year
        and complaints.complaint_id = known.complaint_id
)

select * from final
