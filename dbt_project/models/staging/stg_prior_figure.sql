with

source as (
    select * from {{ source('conformed', 'prior_figure') }}
),

final as (
    select
        authority,
        reporting_year as figure_year,
        figure,
        breakdown,
        cast(value as double) as value,
        unit,
        source,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
