with

source as (
    select * from {{ source('conformed', 'ombudsman_service') }}
),

final as (
    select
        authority,
        ombudsman_id,
        service,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
