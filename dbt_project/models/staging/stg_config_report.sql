with

source as (
    select * from {{ source('config', 'config_report') }}
),

final as (
    select
        authority,
        reporting_year,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(as_at as date) as as_at,
        title
    from source
)

select * from final
