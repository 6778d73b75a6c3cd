-- Every number that a report shows, and those that tie them, once.
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

    select
        *,
        {{ breakdown_keys('breakdown') }} as keys
    from measured
    union all
    select
        *,
        {{ breakdown_keys('breakdown') }} as keys
    from prior_only

),

-- a year is a year, whatever month could be written the same
period_kinds as (

    select
        authority,
        reporting_year,
        period,
        max(period_kind) as period_kind
    from {{ ref('dim_period') }}
    group by
        authority,
        reporting_year,
        period

),

figure_sets as (

    select * from {{ ref('stg_config_figure_set') }}

),

-- what the report shows and what ties it, and the earlier years' figures as the council sent them
shown as (

    select together.*
    from together
    left join period_kinds
        on {{ report_key('together', 'period_kinds') }}
        and together.period = period_kinds.period
    left join figure_sets
        on {{ report_key('together', 'figure_sets') }}
        and together.measure = figure_sets.measure
        and together.keys = figure_sets.keys
        and coalesce(period_kinds.period_kind, 'year') = figure_sets.period_kind
    left join figure_sets as every_set
        on {{ report_key('together', 'every_set') }}
        and every_set.measure = '*'
    where
        together.status = 'prior'
        or figure_sets.measure is not null
        or every_set.measure is not null

),

final as (

    select
        shown.authority,
        shown.reporting_year,
        reports.as_at,
        shown.authority || '-' || shown.reporting_year || '-' || replace(shown.measure, '_', '-')
        || '-' || left(md5(shown.breakdown || '|' || shown.period), 8) as figure_id,
        shown.measure,
        shown.breakdown,
        shown.period,
        shown.numerator,
        shown.denominator,
        shown.value,
        shown.unit,
        coalesce(catalogue.rule, changes.rule, 'not in the catalogue')
        || case when shown.variant is null then '' else ' (' || shown.variant || ')' end as rule,
        shown.status
    from shown
    inner join reports
        on {{ report_key('shown', 'reports') }}
    left join catalogue
        on shown.measure = catalogue.measure
    left join catalogue as changes
        on changes.measure = case
            when shown.measure like '%\_change' escape '\' then '*_change'
            when shown.measure like '%\_change\_pct' escape '\' then '*_change_pct'
            when shown.measure like '%\_change\_points' escape '\' then '*_change_points'
        end

)

select * from final
