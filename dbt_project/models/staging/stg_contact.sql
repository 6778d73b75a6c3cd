with

source as (
    select * from {{ source('conformed', 'contact') }}
),

final as (
    select
        authority,
        contact_id,
        cast(received_date as date) as received_date,
        kind,
        service,
        category,
        outcome,
        refusal_reason,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
