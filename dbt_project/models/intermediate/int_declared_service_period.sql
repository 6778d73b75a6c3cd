-- Every declared service with every period of its authority's reports: what lets a table print 0 for a team without complaints.
with

services as (

    select * from {{ ref('dim_service') }}

),

periods as (

    select * from {{ ref('dim_period') }}

),

final as (

    select distinct
        periods.authority,
        periods.reporting_year,
        periods.period,
        periods.period_kind,
        services.service,
        services.level as service_level
    from periods
    inner join services
        on periods.authority = services.authority
    where
        services.level not in ('undeclared', 'not_known')
        and coalesce(services.valid_from, periods.period_start) <= periods.period_end
        and coalesce(services.valid_to, periods.period_end) >= periods.period_start

)

select * from final
