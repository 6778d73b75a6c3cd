with

source as (
    select * from {{ source('conformed', 'action') }}
),

final as (
    select
        authority,
        action_id,
        complaint_id,
        ombudsman_id,
        service,
        category,
        cast(agreed_date as date) as agreed_date,
        carried_from_year,
        cast(due_date as date) as due_date,
        status,
        cast(done_date as date) as done_date,
        owner,
        said,
        agreed,
        reason,
        words_approved,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
