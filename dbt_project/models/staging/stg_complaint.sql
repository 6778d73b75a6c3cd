with

source as (
    select * from {{ source('conformed', 'complaint') }}
),

final as (
    select
        authority,
        complaint_id,
        cast(received_date as date) as received_date,
        cast(acknowledged_date as date) as acknowledged_date,
        cast(accepted_date as date) as accepted_date,
        procedure,
        channel,
        theme,
        complainant_role,
        behalf,
        advocate_kind,
        complainant_id as complainant_key,
        sex,
        cast(age_at_receipt as integer) as age_at_receipt,
        age_band,
        ethnicity,
        disability,
        child_looked_after,
        cast(withdrawn_date as date) as withdrawn_date,
        cast(refused_date as date) as refused_date,
        refusal_reason,
        cast(closed_date as date) as closed_date,
        accepted_out_of_time,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
