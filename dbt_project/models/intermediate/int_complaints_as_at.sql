with

known as (
    {{ known_rows('stg_complaint', 'received_date') }}
),

final as (
    select
        authority,
        reporting_year,
        as_at,
        complaint_id,
        received_date,
        {{ known_date('acknowledged_date') }} as acknowledged_date,
        {{ known_date('accepted_date') }} as accepted_date,
        procedure,
        channel,
        theme,
        complainant_role,
        behalf,
        advocate_kind,
        complainant_key,
        sex,
        age_at_receipt,
        age_band,
        ethnicity,
        disability,
        child_looked_after,
        {{ known_date('withdrawn_date') }} as withdrawn_date,
        {{ known_date('refused_date') }} as refused_date,
        case when refused_date is null or refused_date <= as_at then refusal_reason end as refusal_reason,
        {{ known_date('closed_date') }} as closed_date,
        accepted_out_of_time,
        extract_id,
        source_row
    from known
)

select * from final
