with

source as (
    select * from {{ source('config', 'config_service') }}
),

final as (
    select
        authority,
        service,
        label,
        level,
        parent_service,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        successor_service
    from source
)

select * from final
