-- For each report, which services had become one by the last day of its year: renamed, merged or taken in by another. What
-- happened later is not in it, so that an earlier report stays as it was. A service that nothing went into has no row.
with

reports as (

    select * from {{ ref('dim_report') }}

),

services as (

    select
        authority,
        service,
        max(successor_service) as successor_service,
        min(coalesce(valid_from, cast('1900-01-01' as date))) as valid_from,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as valid_to
    from {{ ref('dim_service') }}
    group by authority, service

),

-- the successors that had taken over by then, by doubling: one step, then two, four and eight
chain_1 as (

    select
        reports.authority,
        reports.reporting_year,
        services.service,
        coalesce(successors.service, services.service) as reached
    from reports
    inner join services
        on reports.authority = services.authority
    left join services as successors
        on services.authority = successors.authority
        and services.successor_service = successors.service
        and (services.valid_to < reports.period_end or services.valid_to = cast('9999-12-31' as date))
        and successors.valid_from <= reports.period_end

),
{% for doubled in [2, 4, 8] %}
chain_{{ doubled }} as (

    select
        nearer.authority,
        nearer.reporting_year,
        nearer.service,
        coalesce(further.reached, nearer.reached) as reached
    from chain_{{ doubled // 2 }} as nearer
    left join chain_{{ doubled // 2 }} as further
        on {{ report_key('nearer', 'further') }}
        and nearer.reached = further.service

),
{% endfor %}
counted as (

    select
        *,
        count(*) over (partition by authority, reporting_year, reached) as services
    from chain_8

),

final as (

    select
        authority,
        reporting_year,
        service,
        reached as merged_service
    from counted
    where services > 1

)

select * from final
