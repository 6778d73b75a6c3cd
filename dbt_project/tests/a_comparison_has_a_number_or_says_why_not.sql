-- Every report has each compared measure: with a number, or with the reason why there is none.
with

reports as (

    select * from {{ ref('dim_report') }}

),

measures as (

    select * from {{ ref('comparison_measures') }}

),

comparison as (

    select * from {{ ref('comparison') }}

)

select
    reports.authority,
    reports.reporting_year,
    measures.position,
    comparison.value,
    comparison.missing_reason
from reports
cross join measures
left join comparison
    on {{ report_key('reports', 'comparison') }}
    and measures.position = comparison.position
where (comparison.value is null) = (comparison.missing_reason is null)
