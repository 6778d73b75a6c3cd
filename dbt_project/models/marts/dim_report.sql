with

reports as (
    select * from {{ ref('stg_config_report') }}
),

final as (
    select
        authority,
        reporting_year,
        period_start,
        period_end,
        as_at,
        title
    from reports
)

select * from final
