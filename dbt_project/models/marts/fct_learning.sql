with

known as (
    {{ known_rows('stg_learning', 'sent_date') }}
),

final as (
    select
        authority,
        reporting_year,
        learning_id,
        complaint_id,
        ombudsman_id,
        coalesce(service, 'not_known') as service,
        sent_date,
        {{ known_date('returned_date') }} as returned_date,
        category,
        case when implemented_date is null or implemented_date <= as_at then action_status end as action_status,
        {{ known_date('implemented_date') }} as implemented_date,
        extract_id,
        source_row
    from known
)

select * from final
