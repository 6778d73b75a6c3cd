with

source as (
    select * from {{ source('conformed', 'compliment') }}
),

final as (
    select
        authority,
        compliment_id,
        cast(received_date as date) as received_date,
        service,
        source,
        origin,
        route,
        quote,
        quote_approved,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
