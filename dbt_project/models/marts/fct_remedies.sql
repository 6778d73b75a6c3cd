-- Rule 19: a remedy is dated by its agreement; without one it belongs to no period and is flagged.
with

known as (
    {{ known_rows('stg_remedy', 'agreed_date') }}
),

final as (
    select
        authority,
        reporting_year,
        remedy_id,
        complaint_id,
        ombudsman_id,
        agreed_date,
        agreed_date is null as is_undated,
        kind,
        amount_gbp,
        extract_id,
        source_row
    from known
)

select * from final
