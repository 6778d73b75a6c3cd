with

source as (
    select * from {{ source('config', 'config_category') }}
),

final as (
    select
        authority,
        service,
        category,
        sub_category,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from source
)

select * from final
