with

source as (
    select * from {{ source('conformed', 'complaint_child') }}
),

final as (
    select
        authority,
        complaint_id,
        child_id as child_key,
        ethnicity,
        child_looked_after,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
