with

source as (
    select * from {{ source('conformed', 'issue') }}
),

final as (
    select
        authority,
        issue_id,
        complaint_id,
        cast(raised_date as date) as raised_date,
        service,
        category,
        sub_category,
        procedure,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
