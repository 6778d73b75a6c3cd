-- This year against the one before, for every figure that has both. A count changes by a number and by percent of the earlier
-- base; a share changes by percentage points; from zero there is no percentage.
with

reports as (

    select * from {{ ref('dim_report') }}

),

measured as (

    {%- for family in measured_families() %}
    select * from {{ ref('figures_' ~ family) }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

prior as (

    select * from {{ ref('figures_prior') }}

),

years as (

    select
        authority,
        reporting_year,
        cast(cast(left(reporting_year, 4) as integer) - 1 as string)
        || '-' || right(left(reporting_year, 4), 2) as earlier_year
    from reports

),

covered_years as (

    select
        authority,
        reporting_year,
        period
    from {{ ref('dim_period') }}
    where period_kind = 'year'

),

this_year as (

    select
        measured.*,
        years.earlier_year
    from measured
    inner join years
        on {{ report_key('measured', 'years') }}
        and measured.period = years.reporting_year
    where measured.value is not null

),

earlier as (

    select
        measured.authority,
        measured.reporting_year,
        measured.measure,
        measured.breakdown,
        measured.value,
        'earlier year from case data' as variant
    from measured
    inner join years
        on {{ report_key('measured', 'years') }}
        and measured.period = years.earlier_year
    where measured.value is not null

    union all

    select
        prior.authority,
        prior.reporting_year,
        prior.measure,
        prior.breakdown,
        prior.value,
        'earlier year as given by prior_figure' as variant
    from prior
    inner join years
        on {{ report_key('prior', 'years') }}
        and prior.period = years.earlier_year
    left join measured
        on {{ report_key('prior', 'measured') }}
        and prior.measure = measured.measure
        and prior.breakdown = measured.breakdown
        and prior.period = measured.period
        and measured.value is not null
    left join covered_years
        on {{ report_key('prior', 'covered_years') }}
        and prior.period = covered_years.period
    -- rule 21: a year that the cases cover is counted from the cases, also where they have nothing under a breakdown
    where
        measured.measure is null
        and (covered_years.period is null or prior.measure = 'activity')

),

pairs as (

    select
        this_year.authority,
        this_year.reporting_year,
        this_year.measure,
        this_year.breakdown,
        this_year.period,
        this_year.unit,
        this_year.value as this_value,
        earlier.value as earlier_value,
        earlier.variant
    from this_year
    inner join earlier
        on {{ report_key('this_year', 'earlier') }}
        and this_year.measure = earlier.measure
        and this_year.breakdown = earlier.breakdown

),

-- the themes most often upheld, this year and the year before: how many stand among the first five of both
leading_now as (

    select
        authority,
        reporting_year,
        breakdown,
        rank() over (partition by authority, reporting_year order by value desc) as place
    from this_year
    where
        measure = 'complaints_upheld_or_partly'
        and breakdown like 'stage=1;theme=%'
        and breakdown != 'stage=1;theme=not_known'
        and value > 0

),

leading_before as (

    select
        authority,
        reporting_year,
        breakdown,
        rank() over (partition by authority, reporting_year order by value desc) as place
    from earlier
    where
        measure = 'complaints_upheld_or_partly'
        and breakdown like 'stage=1;theme=%'
        and breakdown != 'stage=1;theme=not_known'
        and value > 0

),

leading_again as (

    select
        leading_before.authority,
        leading_before.reporting_year,
        count(leading_now.breakdown) as themes
    from leading_before
    left join leading_now
        on {{ report_key('leading_before', 'leading_now') }}
        and leading_before.breakdown = leading_now.breakdown
        and leading_now.place <= 5
    where leading_before.place <= 5
    group by
        leading_before.authority,
        leading_before.reporting_year

),

final as (

    select
        authority,
        reporting_year,
        'leading_themes_again' as measure,
        'of=5;stage=1' as breakdown,
        reporting_year as period,
        cast(themes as double) as numerator,
        cast(5 as double) as denominator,
        cast(themes as double) as value,
        'themes' as unit,
        cast(null as string) as variant,
        'computed' as status
    from leading_again

    union all

    select
        authority,
        reporting_year,
        measure || '_change' as measure,
        breakdown,
        period,
        this_value as numerator,
        earlier_value as denominator,
        this_value - earlier_value as value,
        unit,
        variant,
        'computed' as status
    from pairs
    where unit not in ('percent')

    union all

    select
        authority,
        reporting_year,
        measure || '_change_pct' as measure,
        breakdown,
        period,
        this_value - earlier_value as numerator,
        earlier_value as denominator,
        case when earlier_value != 0 then 100.0 * (this_value - earlier_value) / earlier_value end as value,
        'percent' as unit,
        variant,
        case when earlier_value != 0 then 'computed' else 'not_available' end as status
    from pairs
    where unit not in ('percent')

    union all

    select
        authority,
        reporting_year,
        measure || '_change_points' as measure,
        breakdown,
        period,
        this_value as numerator,
        earlier_value as denominator,
        this_value - earlier_value as value,
        'percentage_points' as unit,
        variant,
        'computed' as status
    from pairs
    where unit = 'percent'

)

select * from final
