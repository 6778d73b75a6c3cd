with

known as (
    {{ known_rows('stg_contact', 'received_date') }}
),

final as (
    select
        authority,
        reporting_year,
        contact_id,
        received_date,
        kind,
        coalesce(service, 'not_known') as service,
        coalesce(category, 'not_known') as category,
        coalesce(outcome, 'not_known') as outcome,
        refusal_reason,
        extract_id,
        source_row
    from known
)

select * from final
