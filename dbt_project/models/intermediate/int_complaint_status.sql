-- What became of a complaint as at the report, by the stages of its own procedure: how far it went, and how it stands there. A
-- withdrawal comes before an outcome (answered and then withdrawn is withdrawn); an outcome without a response is none.
with

complaints as (

    select * from {{ ref('fct_complaints') }}

),

stages as (

    select * from {{ ref('fct_stages') }}

),

-- the last row of the highest stage
ranked as (

    select
        *,
        row_number() over (
            partition by authority, reporting_year, complaint_id, procedure
            order by stage desc, requested_date desc, stage_id desc
        ) as place
    from stages

),

final as (

    select
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        coalesce(cast(ranked.stage as string), 'none') as highest_stage,
        case
            when complaints.withdrawn_date is not null or ranked.closed_how = 'withdrawn' then 'withdrawn'
            when complaints.refused_date is not null or ranked.closed_how = 'refused' then 'refused'
            when ranked.stage_id is not null and ranked.closed_date is null then 'open'
            when ranked.stage_id is null and complaints.closed_date is null then 'open'
            when ranked.responded_date is not null and ranked.outcome is not null then ranked.outcome
            else 'not_known'
        end as status
    from complaints
    left join ranked
        on complaints.authority = ranked.authority
        and complaints.reporting_year = ranked.reporting_year
        and complaints.complaint_id = ranked.complaint_id
        and complaints.procedure = ranked.procedure
        and ranked.place = 1

)

select * from final
