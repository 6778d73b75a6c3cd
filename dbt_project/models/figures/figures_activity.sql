-- Denominators entered once a period, and the rates that use them. A rate takes the row whose period is exactly the year.
with

activity as (

    select * from {{ ref('fct_activity') }}

),

complaints as (

    select * from {{ ref('int_figure_complaints') }} where is_formal

),

nodes as (

    select * from {{ ref('int_complaint_service_node') }}

),

-- a row belongs to the reporting year it covers; a stock (start = end) to the year its day lies in
placed as (

    select
        activity.authority,
        activity.reporting_year,
        cast(year(activity.period_start) - case when month(activity.period_start) < 4 then 1 else 0 end as integer) as start_year,
        activity.period_start,
        activity.period_end,
        activity.measure as activity_measure,
        nullif(activity.service, '') as service,
        nullif(activity.breakdown, '') as extra,
        activity.value
    from activity

),

labelled as (

    select
        placed.*,
        cast(placed.start_year as string) || '-' || right(cast(placed.start_year + 1 as string), 2) as year_label,
        (
            placed.period_start = make_date(placed.start_year, 4, 1)
            and placed.period_end = make_date(placed.start_year + 1, 3, 31)
        ) as is_whole_year
    from placed

),

shown as (

    select
        authority,
        reporting_year,
        'activity' as measure,
        case
            when extra is not null and service is not null then {{ sorted_pairs(["'activity=' || activity_measure", "'service=' || service", 'extra']) }}
            when extra is not null then {{ sorted_pairs(["'activity=' || activity_measure", 'extra']) }}
            when service is not null then 'activity=' || activity_measure || ';service=' || service
            else 'activity=' || activity_measure
        end as breakdown,
        year_label as period,
        sum(value) as numerator,
        activity_measure,
        service,
        extra
    from labelled
    where
        is_whole_year
        or period_start = period_end
    group by
        authority,
        reporting_year,
        year_label,
        activity_measure,
        service,
        extra

),

year_complaints as (

    select
        authority,
        reporting_year,
        period,
        cast(null as string) as service,
        count(distinct complaint_id) as complaints
    from complaints
    where period_kind = 'year'
    group by
        authority,
        reporting_year,
        period

    union all

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        nodes.service,
        count(distinct complaints.complaint_id) as complaints
    from complaints
    inner join nodes
        on {{ report_key('complaints', 'nodes') }}
        and complaints.complaint_id = nodes.complaint_id
    where complaints.period_kind = 'year'
    group by
        complaints.authority,
        complaints.reporting_year,
        complaints.period,
        nodes.service

),

rates as (

    select
        shown.authority,
        shown.reporting_year,
        'new_complaints_rate' as measure,
        shown.breakdown,
        shown.period,
        cast(year_complaints.complaints as double) as numerator,
        cast(shown.numerator as double) as denominator,
        case when shown.numerator > 0 then 1000.0 * year_complaints.complaints / shown.numerator end as value,
        'per_1000' as unit,
        cast(null as string) as variant,
        case when shown.numerator > 0 then 'computed' else 'not_available' end as status
    from shown
    inner join year_complaints
        on
            shown.authority = year_complaints.authority
            and shown.reporting_year = year_complaints.reporting_year
            and shown.period = year_complaints.period
            and coalesce(shown.service, '') = coalesce(year_complaints.service, '')
    where shown.extra is null

),

-- where complaints of an earlier year are only known as a prior figure, its rate uses that figure
prior_rates as (

    select
        shown.authority,
        shown.reporting_year,
        'new_complaints_rate' as measure,
        shown.breakdown,
        shown.period,
        cast(prior.value as double) as numerator,
        cast(shown.numerator as double) as denominator,
        case when shown.numerator > 0 then 1000.0 * prior.value / shown.numerator end as value,
        'per_1000' as unit,
        'earlier year as given by prior_figure' as variant,
        'prior' as status
    from shown
    inner join {{ ref('figures_prior') }} as prior
        on
            shown.authority = prior.authority
            and shown.reporting_year = prior.reporting_year
            and shown.period = prior.period
            and prior.measure = 'new_complaints'
            and prior.breakdown = case when shown.service is null then '' else 'service=' || shown.service end
    where shown.extra is null

),

-- a part of a population, where the whole was entered beside it
population_shares as (

    select
        parts.authority,
        parts.reporting_year,
        'activity_share' as measure,
        parts.breakdown,
        parts.period,
        cast(parts.numerator as double) as numerator,
        cast(wholes.numerator as double) as denominator,
        case when wholes.numerator > 0 then 100.0 * parts.numerator / wholes.numerator end as value,
        'percent' as unit,
        cast(null as string) as variant,
        case when wholes.numerator > 0 then 'computed' else 'not_available' end as status
    from shown as parts
    inner join shown as wholes
        on
            parts.authority = wholes.authority
            and parts.reporting_year = wholes.reporting_year
            and parts.period = wholes.period
            and parts.activity_measure = wholes.activity_measure
            and coalesce(parts.service, '') = coalesce(wholes.service, '')
            and wholes.extra is null
    where
        parts.extra is not null
        or exists (
            select 1
            from shown as others
            where
                others.authority = parts.authority
                and others.reporting_year = parts.reporting_year
                and others.period = parts.period
                and others.activity_measure = parts.activity_measure
                and coalesce(others.service, '') = coalesce(parts.service, '')
                and others.extra is not null
        )

),

final as (

    select
        authority,
        reporting_year,
        measure,
        breakdown,
        period,
        cast(numerator as double) as numerator,
        cast(null as double) as denominator,
        cast(numerator as double) as value,
        'count' as unit,
        cast(null as string) as variant,
        'computed' as status
    from shown

    union all

    select * from population_shares

    union all

    select * from rates

    union all

    select * from prior_rates
    where
        not exists (
            select 1
            from rates
            where
                rates.authority = prior_rates.authority
                and rates.reporting_year = prior_rates.reporting_year
                and rates.breakdown = prior_rates.breakdown
                and rates.period = prior_rates.period
        )

)

select * from final
