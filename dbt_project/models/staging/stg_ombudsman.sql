with

source as (
    select * from {{ source('conformed', 'ombudsman') }}
),

final as (
    select
        authority,
        ombudsman_id,
        complaint_id,
        cast(received_date as date) as received_date,
        cast(decided_date as date) as decided_date,
        decision,
        finding,
        reason,
        cast(remedies_complied_date as date) as remedies_complied_date,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
