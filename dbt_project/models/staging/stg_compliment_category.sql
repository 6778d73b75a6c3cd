with

source as (
    select * from {{ source('conformed', 'compliment_category') }}
),

final as (
    select
        authority,
        compliment_id,
        category,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
