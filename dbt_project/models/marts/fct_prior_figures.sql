with

known as (
    {{ known_rows('stg_prior_figure') }}
),

final as (
    select
        authority,
        reporting_year,
        figure_year,
        figure,
        coalesce(breakdown, '') as breakdown,
        value,
        unit,
        source,
        extract_id,
        source_row
    from known
)

select * from final
