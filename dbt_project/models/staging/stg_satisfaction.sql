with

source as (
    select * from {{ source('conformed', 'satisfaction') }}
),

final as (
    select
        authority,
        satisfaction_id,
        complaint_id,
        cast(answered_date as date) as answered_date,
        question,
        answer,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
