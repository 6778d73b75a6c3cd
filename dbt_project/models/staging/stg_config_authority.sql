with

source as (
    select * from {{ source('config', 'config_authority') }}
),

final as (
    select
        authority,
        name,
        short_name,
        cast(is_synthetic as boolean) as is_synthetic,
        cast(case_data_from as date) as case_data_from
    from source
)

select * from final
