with

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

cohorts as (
    select * from {{ ref('int_complaint_cohorts') }}
),

child_status as (
    select * from {{ ref('int_complaint_child_status') }}
),

service_counts as (
    select
        authority,
        reporting_year,
        complaint_id,
        count(distinct service) as service_count
    from {{ ref('bridge_complaint_service') }}
    where service != 'not_known'
    group by authority, reporting_year, complaint_id
),

final as (
    select
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        complaints.received_date,
        complaints.acknowledged_date,
        complaints.accepted_date,
        complaints.procedure,
        complaints.procedure != 'informal' as is_formal,
        coalesce(complaints.channel, 'not_known') as channel,
        coalesce(complaints.complainant_role, 'not_known') as complainant_role,
        coalesce(complaints.behalf, 'not_known') as behalf,
        coalesce(complaints.advocate_kind, 'not_known') as advocate_kind,
        complaints.complainant_key,
        coalesce(complaints.sex, 'not_known') as sex,
        complaints.age_at_receipt,
        case
            when complaints.age_at_receipt is null then coalesce(complaints.age_band, 'not_known')
            else {{ age_band_of('complaints.age_at_receipt') }}
        end as age_band,
        coalesce(complaints.ethnicity, 'not_known') as ethnicity,
        coalesce(complaints.disability, 'not_known') as disability,
        child_status.child_looked_after,
        complaints.withdrawn_date,
        complaints.refused_date,
        complaints.refusal_reason,
        complaints.closed_date,
        complaints.accepted_out_of_time,
        cast(coalesce(service_counts.service_count, 0) as integer) as service_count,
        cohorts.is_new_in_year,
        cohorts.cohort,
        complaints.extract_id,
        complaints.source_row
    from complaints
    inner join cohorts
        on complaints.authority = cohorts.authority
        and complaints.reporting_year = cohorts.reporting_year
        and complaints.complaint_id = cohorts.complaint_id
    inner join child_status
        on complaints.authority = child_status.authority
        and complaints.reporting_year = child_status.reporting_year
        and complaints.complaint_id = child_status.complaint_id
    left join service_counts
        on complaints.authority = service_counts.authority
        and complaints.reporting_year = service_counts.reporting_year
        and complaints.complaint_id = service_counts.complaint_id
)

select * from final
