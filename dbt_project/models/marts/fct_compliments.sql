with

known as (
    {{ known_rows('stg_compliment', 'received_date') }}
),

final as (
    select
        authority,
        reporting_year,
        compliment_id,
        received_date,
        coalesce(service, 'not_known') as service,
        coalesce(source, 'not_known') as source,
        coalesce(origin, 'not_known') as origin,
        coalesce(route, 'ordinary') as route,
        case when quote_approved = 'yes' then quote end as quote,
        extract_id,
        source_row
    from known
)

select * from final
