-- Rule 15: the themes of a complaint are the union of the two places that hold them.
with

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

known as (
    {{ known_rows('stg_complaint_theme') }}
),

final as (
    select
        authority,
        reporting_year,
        complaint_id,
        theme
    from complaints
    where theme is not null
    union
    select
        known.authority,
        known.reporting_year,
        known.complaint_id,
        known.theme
    from known
    inner join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
    where known.theme is not null
)

select * from final
