-- Every published number, once.
with

reports as (

    select * from {{ ref('dim_report') }}

),

catalogue as (

    select * from {{ ref('figure_catalogue') }}

),

measured as (

    {%- for family in measured_families() + ['cases', 'changes'] %}
    select * from {{ ref('figures_' ~ family) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

prior as (

    select * from {{ ref('figures_prior') }}

),

covered_years as (

    select
        authority,
        reporting_year,
        period
    from {{ ref('dim_period') }}
    where period_kind = 'year'

),

-- case data wins over an earlier year's figure as given: for what is counted from cases, in every year that they cover; for what
-- is entered by hand, figure by figure
prior_only as (

    select prior.*
    from prior
    left join measured
        on {{ report_key('prior', 'measured') }}
        and prior.measure = measured.measure
        and prior.breakdown = measured.breakdown
        and prior.period = measured.period
    left join covered_years
        on {{ report_key('prior', 'covered_years') }}
        and prior.period = covered_years.period
    where
        measured.measure is null
        and (covered_years.period is null or prior.measure = 'activity')

),

together as (

    select * from measured
    union all
    select * from prior_only

),

final as (

    select
        together.authority,
        together.reporting_year,
        reports.as_at,
        together.authority || '-' || together.reporting_year || '-' || replace(together.measure, '_', '-')
        || '-' || left(md5(together.breakdown || '|' || together.period), 8) as figure_id,
        together.measure,
        together.breakdown,
        together.period,
        together.numerator,
        together.denominator,
        together.value,
        together.unit,
        coalesce(catalogue.rule, changes.rule, 'not in the catalogue')
        || case when together.variant is null then '' else ' (' || together.variant || ')' end as rule,
        together.status
    from together
    inner join reports
        on {{ report_key('together', 'reports') }}
    left join catalogue
        on together.measure = catalogue.measure
    left join catalogue as changes
        on changes.measure = case
            when together.measure like '%\_change' escape '\' then '*_change'
            when together.measure like '%\_change\_pct' escape '\' then '*_change_pct'
            when together.measure like '%\_change\_points' escape '\' then '*_change_points'
        end

)

select * from final
