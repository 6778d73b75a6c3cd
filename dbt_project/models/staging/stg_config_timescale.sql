with

source as (
    select * from {{ source('config', 'config_timescale') }}
),

final as (
    select
        authority,
        procedure,
        cast(stage as integer) as stage,
        cast(standard_working_days as integer) as standard_working_days,
        cast(extended_working_days as integer) as extended_working_days,
        clock_start,
        clock_end,
        day_count,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        source
    from source
)

select * from final
