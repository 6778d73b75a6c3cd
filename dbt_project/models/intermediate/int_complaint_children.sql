with

known as (
    {{ known_rows('stg_complaint_child') }}
),

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

-- Rule 15: where the complaint and the child both say whether the child is looked after, the complaint's holds.
final as (
    select distinct
        known.authority,
        known.reporting_year,
        known.complaint_id,
        known.child_key,
        coalesce(known.ethnicity, 'not_known') as ethnicity,
        coalesce(complaints.child_looked_after, known.child_looked_after, 'not_known') as child_looked_after
    from known
    inner join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
)

select * from final
