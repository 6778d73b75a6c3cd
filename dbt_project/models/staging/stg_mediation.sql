with

source as (
    select * from {{ source('conformed', 'mediation') }}
),

final as (
    select
        authority,
        mediation_id,
        complaint_id,
        cast(offered_date as date) as offered_date,
        accepted,
        result,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
