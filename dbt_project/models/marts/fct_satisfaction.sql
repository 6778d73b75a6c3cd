with

known as (
    {{ known_rows('stg_satisfaction', 'answered_date') }}
),

final as (
    select
        authority,
        reporting_year,
        satisfaction_id,
        complaint_id,
        answered_date,
        question,
        answer,
        extract_id,
        source_row
    from known
)

select * from final
