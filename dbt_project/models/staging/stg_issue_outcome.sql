with

source as (
    select * from {{ source('conformed', 'issue_outcome') }}
),

final as (
    select
        authority,
        issue_id,
        cast(stage as integer) as stage,
        outcome,
        cast(decided_date as date) as decided_date,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
