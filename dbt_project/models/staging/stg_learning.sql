with

source as (
    select * from {{ source('conformed', 'learning') }}
),

final as (
    select
        authority,
        learning_id,
        complaint_id,
        ombudsman_id,
        service,
        cast(sent_date as date) as sent_date,
        cast(returned_date as date) as returned_date,
        category,
        action_status,
        cast(implemented_date as date) as implemented_date,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
