with

source as (
    select * from {{ source('config', 'config_published') }}
),

final as (
    select
        authority,
        reporting_year,
        ref,
        locator,
        measure,
        breakdown,
        period,
        published_value,
        unit,
        figure_measure,
        figure_breakdown,
        figure_period,
        cast(scale as double) as scale,
        note
    from source
)

select * from final
