with

source as (
    select * from {{ source('config', 'config_grouping') }}
),

final as (
    select
        authority,
        attribute,
        value,
        grouping,
        group_value,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from source
)

select * from final
