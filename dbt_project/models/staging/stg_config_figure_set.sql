with

source as (
    select * from {{ source('config', 'config_figure_set') }}
),

final as (
    select
        authority,
        reporting_year,
        measure,
        coalesce(keys, '') as keys,
        period_kind
    from source
)

select * from final
