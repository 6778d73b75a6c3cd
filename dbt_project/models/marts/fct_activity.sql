with

known as (
    {{ known_rows('stg_activity', 'period_start') }}
),

final as (
    select
        authority,
        reporting_year,
        period_start,
        period_end,
        measure,
        breakdown,
        service,
        value,
        extract_id,
        source_row
    from known
)

select * from final
