with

source as (
    select * from {{ source('conformed', 'activity') }}
),

final as (
    select
        authority,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        measure,
        breakdown,
        service,
        cast(value as double) as value,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
