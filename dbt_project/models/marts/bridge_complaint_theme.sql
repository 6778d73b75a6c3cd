-- Rule 15: the themes of a complaint are the union of the two places that hold them. Rule 18: a theme's own finding hangs on an
-- answer to the complaint. Rule 17: where an authority holds themes, a complaint without one counts once, as not known.
with

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

known as (
    {{ known_rows('stg_complaint_theme') }}
),

answered as (
    select distinct
        authority,
        reporting_year,
        complaint_id
    from {{ ref('int_stages_as_at') }}
    where responded_date is not null
),

both_places as (
    select
        authority,
        reporting_year,
        complaint_id,
        theme,
        cast(null as string) as outcome
    from complaints
    union all
    select
        known.authority,
        known.reporting_year,
        known.complaint_id,
        known.theme,
        case when answered.complaint_id is not null then known.outcome end as outcome
    from known
    inner join complaints
        on known.authority = complaints.authority
        and known.reporting_year = complaints.reporting_year
        and known.complaint_id = complaints.complaint_id
    left join answered
        on known.authority = answered.authority
        and known.reporting_year = answered.reporting_year
        and known.complaint_id = answered.complaint_id
),

held as (
    select
        authority,
        reporting_year,
        complaint_id,
        theme,
        max(outcome) as outcome
    from both_places
    where theme is not null
    group by authority, reporting_year, complaint_id, theme
),

-- reports whose data hold themes at all
holders as (
    select distinct
        authority,
        reporting_year
    from held
),

final as (
    select
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        coalesce(held.theme, 'not_known') as theme,
        held.outcome
    from complaints
    inner join holders
        on complaints.authority = holders.authority
        and complaints.reporting_year = holders.reporting_year
    left join held
        on complaints.authority = held.authority
        and complaints.reporting_year = held.reporting_year
        and complaints.complaint_id = held.complaint_id
)

select * from final
