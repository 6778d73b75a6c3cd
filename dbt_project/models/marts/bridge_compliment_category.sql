with

compliments as (
    select * from {{ ref('fct_compliments') }}
),

known as (
    {{ known_rows('stg_compliment_category') }}
),

final as (
    select distinct
        known.authority,
        known.reporting_year,
        known.compliment_id,
        known.category
    from known
    inner join compliments
        on known.authority = compliments.authority
        and known.reporting_year = compliments.reporting_year
        and known.compliment_id = compliments.compliment_id
)

select * from final
