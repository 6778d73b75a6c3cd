-- Where an authority holds categories of compliments, a compliment without one counts once, as not known (as rule 17).
with

compliments as (
    select * from {{ ref('fct_compliments') }}
),

known as (
    {{ known_rows('stg_compliment_category') }}
),

held as (
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
),

-- reports whose data hold categories at all
holders as (
    select distinct
        authority,
        reporting_year
    from held
),

final as (
    select
        compliments.authority,
        compliments.reporting_year,
        compliments.compliment_id,
        coalesce(held.category, 'not_known') as category
    from compliments
    inner join holders
        on compliments.authority = holders.authority
        and compliments.reporting_year = holders.reporting_year
    left join held
        on compliments.authority = held.authority
        and compliments.reporting_year = held.reporting_year
        and compliments.compliment_id = held.compliment_id
)

select * from final
