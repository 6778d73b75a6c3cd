with

reports as (
    select * from {{ ref('stg_config_report') }}
),

extracts as (
    select * from {{ ref('stg_extract') }}
    where status = 'loaded'
),

-- A signed-off report knows the files it was signed with, and no other.
signed_extracts as (
    select * from {{ ref('stg_config_signed_extract') }}
),

signed_reports as (
    select distinct
        authority,
        reporting_year
    from signed_extracts
),

-- Of files received at one moment, those that another of them replaces.
replaced as (
    select distinct
        authority,
        supersedes as extract_id,
        received_at
    from extracts
    where supersedes is not null
),

-- Only the authority's own extracts: reports and extracts are never multiplied across authorities.
candidates as (
    select
        reports.authority,
        reports.reporting_year,
        reports.period_start,
        reports.period_end,
        reports.as_at,
        extracts.extract_id,
        extracts.source,
        coalesce(extracts.scope, '') as scope,
        extracts.received_at,
        row_number() over (
            partition by
                reports.authority, reports.reporting_year, extracts.source, coalesce(extracts.scope, '')
            order by
                extracts.received_at desc,
                case when replaced.extract_id is null then 0 else 1 end,
                extracts.extract_id desc
        ) as recency
    from reports
    inner join extracts
        on reports.authority = extracts.authority
        and cast(extracts.received_at as date) <= reports.as_at
    left join signed_reports
        on reports.authority = signed_reports.authority
        and reports.reporting_year = signed_reports.reporting_year
    left join signed_extracts
        on reports.authority = signed_extracts.authority
        and reports.reporting_year = signed_extracts.reporting_year
        and extracts.sha256 = signed_extracts.sha256
    left join replaced
        on extracts.authority = replaced.authority
        and extracts.extract_id = replaced.extract_id
        and extracts.received_at = replaced.received_at
    where signed_reports.reporting_year is null or signed_extracts.sha256 is not null
),

final as (
    select
        authority,
        reporting_year,
        period_start,
        period_end,
        as_at,
        extract_id,
        source,
        scope,
        received_at
    from candidates
    where recency = 1
)

select * from final
