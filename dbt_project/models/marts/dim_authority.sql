with

authorities as (
    select * from {{ ref('stg_config_authority') }}
),

final as (
    select
        authority,
        name,
        short_name,
        is_synthetic,
        case_data_from
    from authorities
)

select * from final
