with

children as (
    select * from {{ ref('int_complaint_children') }}
),

final as (
    select
        authority,
        reporting_year,
        complaint_id,
        child_key,
        ethnicity,
        child_looked_after
    from children
)

select * from final
