with

source as (
    select * from {{ source('config', 'config_setting') }}
),

final as (
    select
        authority,
        setting,
        value
    from source
)

select * from final
