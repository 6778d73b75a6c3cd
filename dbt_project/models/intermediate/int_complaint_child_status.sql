-- Rule 15 for the complaint: its own word; where it has none, yes if any of its children is looked after.
with

complaints as (
    select * from {{ ref('int_complaints_as_at') }}
),

children as (
    select
        authority,
        reporting_year,
        complaint_id,
        max(case when child_looked_after = 'yes' then 1 else 0 end) as any_yes,
        max(case when child_looked_after = 'no' then 1 else 0 end) as any_no
    from {{ ref('int_complaint_children') }}
    group by authority, reporting_year, complaint_id
),

final as (
    select
        complaints.authority,
        complaints.reporting_year,
        complaints.complaint_id,
        case
            when complaints.child_looked_after is not null then complaints.child_looked_after
            when children.any_yes = 1 then 'yes'
            when children.any_no = 1 then 'no'
            else 'not_known'
        end as child_looked_after
    from complaints
    left join children
        on complaints.authority = children.authority
        and complaints.reporting_year = children.reporting_year
        and complaints.complaint_id = children.complaint_id
)

select * from final
