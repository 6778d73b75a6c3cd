with

source as (
    select * from {{ source('config', 'config_time_band') }}
),

final as (
    select
        authority,
        procedure,
        cast(stage as integer) as stage,
        band,
        cast(from_days as integer) as from_days,
        cast(to_days as integer) as to_days,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from source
)

select * from final
