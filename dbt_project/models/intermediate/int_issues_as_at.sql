with

known as (
    {{ known_rows('stg_issue', 'raised_date') }}
),

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

-- Rule 14: an issue carries its complaint's procedure unless it has its own, informal ones included.
final as (
    select
        known.authority,
        known.reporting_year,
        known.as_at,
        known.issue_id,
        known.complaint_id,
        known.raised_date,
        coalesce(known.service, 'not_known') as service,
        known.category,
        known.sub_category,
        coalesce(known.procedure, complaints.procedure) as procedure,
        known.extract_id,
        known.source_row
    from known
    inner join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
)

select * from final
