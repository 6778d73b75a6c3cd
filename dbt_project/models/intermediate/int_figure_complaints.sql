-- Complaints received, once in each period that holds the day, informal ones included and marked.
with

complaints as (

    select * from {{ ref('fct_complaints') }}

),

periods as (

    select * from {{ ref('dim_period') }}

),

statuses as (

    select * from {{ ref('int_complaint_status') }}

),

final as (

    select
        complaints.authority,
        complaints.reporting_year,
        periods.period,
        periods.period_kind,
        complaints.complaint_id,
        complaints.is_formal,
        'all' as formality,
        complaints.procedure,
        complaints.channel,
        complaints.complainant_role,
        complaints.behalf,
        complaints.advocate_kind,
        complaints.sex,
        complaints.age_band,
        complaints.ethnicity,
        complaints.disability,
        complaints.child_looked_after,
        complaints.accepted_out_of_time,
        complaints.complainant_key,
        statuses.highest_stage,
        statuses.status
    from complaints
    inner join periods
        on {{ in_period('received_date', 'complaints', 'periods') }}
    inner join statuses
        on {{ report_key('complaints', 'statuses') }}
        and complaints.complaint_id = statuses.complaint_id

)

select * from final
