with

matters as (
    {{ known_rows('stg_ombudsman', 'received_date') }}
),

known as (
    {{ known_rows('stg_ombudsman_service') }}
),

final as (
    select distinct
        matters.authority,
        matters.reporting_year,
        matters.ombudsman_id,
        coalesce(known.service, 'not_known') as service
    from matters
    left join known
        on matters.authority = known.authority
        and matters.reporting_year = known.reporting_year
        and matters.ombudsman_id = known.ombudsman_id
)

select * from final
