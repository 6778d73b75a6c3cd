-- Earlier years' figures as the council gave them, for years its case data does not cover.
with

prior as (

    select * from {{ ref('fct_prior_figures') }}

),

final as (

    select
        prior.authority,
        prior.reporting_year,
        prior.figure as measure,
        coalesce(prior.breakdown, '') as breakdown,
        prior.figure_year as period,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(prior.value as double) as value,
        prior.unit,
        'as given: ' || prior.source as variant,
        'prior' as status
    from prior

)

select * from final
