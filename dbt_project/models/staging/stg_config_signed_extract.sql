with

source as (
    select * from {{ source('config', 'config_signed_extract') }}
),

final as (
    select
        authority,
        reporting_year,
        sha256
    from source
)

select * from final
