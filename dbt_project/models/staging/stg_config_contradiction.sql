with

source as (
    select * from {{ source('config', 'config_contradiction') }}
),

final as (
    select
        authority,
        reporting_year,
        ref,
        conflicts_with,
        relation,
        reason
    from source
)

select * from final
