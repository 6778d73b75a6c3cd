-- The measures that reports share, side by side. Every number is the figure of that identity: nothing is computed here but
-- which caveats, from the council's configuration and the coverage of its figures, stand beside it.
with

reports as (

    select * from {{ ref('dim_report') }}

),

measures as (

    select * from {{ ref('comparison_measures') }}

),

settings as (

    select
        authority,
        max(case when setting = 'outcome_share_withdrawn' then value end) as withdrawn_choice,
        max(case when setting = 'outcome_share_direct' then value end) as direct_choice
    from {{ ref('stg_config_setting') }}
    group by authority

),

timescales as (

    select * from {{ ref('dim_timescale') }}

),

services as (

    select * from {{ ref('dim_service') }} where is_latest

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

figures as (

    select
        *,
        case when measure = 'new_complaints_rate' then regexp_extract(breakdown, 'activity=([^;]*)', 1) end as activity,
        case
            when measure = 'new_complaints_rate' and breakdown like '%service=%' then regexp_extract(breakdown, 'service=([^;]*)', 1)
        end as service
    from {{ ref('figures') }}
    where period = reporting_year

),

-- of a service within another with a rate of the same population, only the wider is compared
inner_rates as (

    select distinct figures.figure_id
    from figures
    inner join figures as wider
        on {{ report_key('figures', 'wider') }}
        and figures.measure = wider.measure
        and figures.activity = wider.activity
        and coalesce(figures.service, '') != coalesce(wider.service, '')
    left join ancestors
        on figures.authority = ancestors.authority
        and figures.service = ancestors.service
        and wider.service = ancestors.ancestor_service
    where
        figures.service is not null
        and (wider.service is null or ancestors.service is not null)

),

compared as (

    select
        figures.*,
        measures.position
    from measures
    inner join figures
        on measures.measure = figures.measure
        and {{ matches_breakdown('figures.breakdown', 'measures.breakdown') }}
    left join inner_rates
        on figures.figure_id = inner_rates.figure_id
    where inner_rates.figure_id is null

),

-- whether the report's data hold the matter at all: what is not recorded is told apart from what did not occur
held as (

    select distinct
        figures.authority,
        figures.reporting_year,
        measures.position
    from measures
    inner join figures
        on measures.needs_measure = figures.measure
        and {{ matches_breakdown('figures.breakdown', 'measures.needs_breakdown') }}
        and figures.breakdown not like '%=not\_known%' escape '\'
        and figures.status != 'not_available'

),

covered as (

    select
        authority,
        reporting_year,
        {{ sorted_join("replace(breakdown, 'procedure=', '')", ' and ') }} as procedures
    from figures
    where
        measure = 'new_complaints'
        and breakdown in ('procedure=statutory', 'procedure=corporate')
        and value > 0
    group by
        authority,
        reporting_year

),

years as (

    select count(distinct reporting_year) as reporting_years
    from reports

),

in_force as (

    select
        reports.authority,
        reports.reporting_year,
        timescales.procedure,
        timescales.stage,
        timescales.valid_from,
        'Counted from '
        || case timescales.clock_start
            when 'accepted' then 'the day the complaint was accepted'
            when 'statement_agreed' then 'the day the statement of complaint was agreed'
            when 'investigator_appointed' then 'the day the investigator was appointed'
            else case when timescales.stage = 1 then 'the day the complaint was received' else 'the day the stage was asked for' end
        end
        || case timescales.clock_end when 'closed_date' then ' to the day it was closed' else ' to the day of the answer' end
        || case timescales.day_count when 'count_start_day' then '; that day is day 1. ' else '; the next working day is day 1. ' end
        || case
            when timescales.extended_working_days is null
                then 'Limit: ' || cast(timescales.standard_working_days as string)
            else
                'Limits: ' || cast(timescales.standard_working_days as string)
                || ' and ' || cast(timescales.extended_working_days as string)
        end
        || ' working days.' as words
    from timescales
    inner join reports
        on timescales.authority = reports.authority
        and coalesce(timescales.valid_from, reports.period_end) <= reports.period_end
        and coalesce(timescales.valid_to, reports.period_start) >= reports.period_start
        and coalesce(timescales.next_valid_from, cast('9999-12-31' as date)) > reports.period_start

),

clocks as (

    select
        authority,
        reporting_year,
        procedure,
        stage,
        max_by(words, coalesce(valid_from, cast('1900-01-01' as date)))
        || case when count(distinct words) > 1 then ' The rule changed during the year.' else '' end as words
    from in_force
    group by
        authority,
        reporting_year,
        procedure,
        stage

),

rows_of_reports as (

    select
        reports.authority,
        reports.reporting_year,
        measures.position,
        measures.section,
        measures.heading,
        measures.plain_words,
        measures.measure,
        coalesce(compared.breakdown, measures.breakdown, '') as breakdown,
        compared.figure_id,
        compared.numerator,
        compared.denominator,
        compared.value,
        compared.unit,
        compared.rule,
        coalesce(compared.status, 'not_available') as status,
        case
            when compared.value is not null then null
            when held.position is null then measures.if_no_data
            else measures.if_no_base
        end as missing_reason,
        case
            when compared.activity is not null
                then
                    replace(compared.activity, '_', ' ')
                    || case
                        when compared.service is null then ''
                        else ' of ' || coalesce(services.label, compared.service)
                    end
        end as population,
        case
            when years.reporting_years > 1
                then 'For ' || replace(reports.reporting_year, '-', '/') || '; not every report here is for that year.'
        end as year_words,
        case
            when measures.caveats like '%coverage%' and covered.procedures is not null
                then case covered.procedures
                    when 'corporate and statutory' then 'Statutory and corporate complaints together.'
                    else 'This report holds ' || covered.procedures || ' complaints only.'
                end
        end as coverage_words,
        case when measures.caveats like '%clock%' then clocks.words end as clock_words,
        case
            when measures.caveats like '%variants%'
                then
                    'Withdrawn issues are '
                    || case coalesce(settings.withdrawn_choice, 'excluding') when 'including' then 'counted in' else 'left out' end
                    || '; issues sent straight to the next stage are '
                    || case coalesce(settings.direct_choice, 'including') when 'including' then 'counted in' else 'left out' end
                    || '.'
        end as variant_words,
        case
            when measures.caveats like '%follow\_up%' escape '\'
                then
                    'Followed for ' || cast({{ day_difference('reports.period_end', 'reports.as_at') }} as string)
                    || ' days after the year ended.'
        end as follow_up_words
    from reports
    cross join measures
    cross join years
    left join compared
        on {{ report_key('reports', 'compared') }}
        and measures.position = compared.position
    left join held
        on {{ report_key('reports', 'held') }}
        and measures.position = held.position
    left join services
        on compared.authority = services.authority
        and compared.service = services.service
    left join covered
        on {{ report_key('reports', 'covered') }}
    left join settings
        on reports.authority = settings.authority
    left join clocks
        on {{ report_key('reports', 'clocks') }}
        and measures.breakdown = 'procedure=' || clocks.procedure || ';stage=' || cast(clocks.stage as string)

),

-- a caveat on which reports differ says so, among those with a number to compare
judged as (

    select
        *,
        {%- for words in ['coverage', 'clock', 'variant', 'follow_up'] %}
        min(case when value is not null then {{ words }}_words end) over (partition by position)
        != max(case when value is not null then {{ words }}_words end) over (partition by position) as is_{{ words }}_different,
        {%- endfor %}
        min(case when value is not null then regexp_extract(breakdown, 'activity=([^;]*)', 1) end) over (partition by position)
        != max(case when value is not null then regexp_extract(breakdown, 'activity=([^;]*)', 1) end) over (partition by position)
            as is_population_different
    from rows_of_reports

),

final as (

    select
        authority,
        reporting_year,
        position,
        section,
        heading,
        plain_words,
        measure,
        breakdown,
        figure_id,
        numerator,
        denominator,
        value,
        unit,
        rule,
        status,
        population,
        case
            when value is not null
                then nullif(trim(
                    coalesce(year_words || ' ', '')
                    || case
                        when population is null then ''
                        when is_population_different then 'Others here are for every 1,000 of another population. '
                        else ''
                    end
                    {%- for words, differs in [
                        ('coverage', 'Other reports here cover other procedures.'),
                        ('clock', 'Not every council here counts days this way.'),
                        ('variant', 'Not every council here chose the same.'),
                        ('follow_up', 'Others here were followed for another time.'),
                    ] %}
                    || coalesce(
                        {{ words }}_words || ' ' || case when is_{{ words }}_different then '{{ differs }} ' else '' end,
                        ''
                    )
                    {%- endfor %}
                ), '')
        end as caveats,
        case
            when value is null then null
            when unit = 'percent' and denominator < {{ var('small_base') }}
                then 'Of fewer than {{ var("small_base") }}: one more or less changes it by {{ (100 / var("small_base")) | int }} percentage points or more.'
            when unit = 'working_days' and denominator < {{ var('small_base') }}
                then 'Over fewer than {{ var("small_base") }} answers: a single one can change it much.'
            when unit = 'per_1000' and numerator < {{ var('small_base') }}
                then 'From fewer than {{ var("small_base") }} complaints: a few more or less change it much.'
        end as base_caveat,
        missing_reason
    from judged

)

select * from final
