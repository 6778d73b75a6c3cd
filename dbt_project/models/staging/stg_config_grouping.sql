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
        group_value
    from source
)

select * from final
