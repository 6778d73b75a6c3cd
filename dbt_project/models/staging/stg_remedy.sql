with

source as (
    select * from {{ source('conformed', 'remedy') }}
),

final as (
    select
        authority,
        remedy_id,
        complaint_id,
        ombudsman_id,
        cast(agreed_date as date) as agreed_date,
        kind,
        cast(amount_gbp as double) as amount_gbp,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
