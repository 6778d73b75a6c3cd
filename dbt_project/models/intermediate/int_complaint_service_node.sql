-- The nodes of the service tree that a complaint touches: its services and everything above them on the day of receipt, under
-- the complaint's own procedure and also under each procedure that it ran there (rule 3: `any_procedure` is never less than
-- `procedure`).
-- An informal complaint stays under `informal`, whatever its services say: it is never inside a formal procedure.
with

complaints as (

    select * from {{ ref('fct_complaints') }}

),

complaint_services as (

    select * from {{ ref('bridge_complaint_service') }}

),

ancestors as (

    select * from {{ ref('bridge_service_ancestor') }}

),

under_each_procedure as (

    select
        complaint_services.authority,
        complaint_services.reporting_year,
        complaint_services.complaint_id,
        complaint_services.service,
        complaint_services.procedure,
        complaints.received_date
    from complaint_services
    inner join complaints
        on {{ report_key('complaint_services', 'complaints') }}
        and complaint_services.complaint_id = complaints.complaint_id
    where complaints.is_formal

    union

    select
        complaint_services.authority,
        complaint_services.reporting_year,
        complaint_services.complaint_id,
        complaint_services.service,
        complaints.procedure,
        complaints.received_date
    from complaint_services
    inner join complaints
        on {{ report_key('complaint_services', 'complaints') }}
        and complaint_services.complaint_id = complaints.complaint_id

),

final as (

    select distinct
        under_each_procedure.authority,
        under_each_procedure.reporting_year,
        under_each_procedure.complaint_id,
        ancestors.ancestor_service as service,
        ancestors.ancestor_level as service_level,
        ancestors.valid_from as tree_from,
        under_each_procedure.procedure as any_procedure
    from under_each_procedure
    inner join ancestors
        on under_each_procedure.authority = ancestors.authority
        and under_each_procedure.service = ancestors.service
        and {{ in_tree_on('under_each_procedure.received_date') }}

)

select * from final
