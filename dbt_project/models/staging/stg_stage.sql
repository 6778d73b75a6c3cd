with

source as (
    select * from {{ source('conformed', 'stage') }}
),

final as (
    select
        authority,
        stage_id,
        complaint_id,
        procedure,
        cast(stage as integer) as stage,
        cast(requested_date as date) as requested_date,
        request_decision,
        cast(statement_agreed_date as date) as statement_agreed_date,
        cast(investigator_appointed_date as date) as investigator_appointed_date,
        extension_agreed,
        extension_reason,
        cast(panel_date as date) as panel_date,
        cast(findings_date as date) as findings_date,
        cast(responded_date as date) as responded_date,
        cast(closed_date as date) as closed_date,
        closed_how,
        outcome,
        service,
        investigator_kind,
        complex,
        cast(cost_gbp as double) as cost_gbp,
        cast(paused_days as integer) as paused_days,
        pause_reason,
        response_in_target,
        reopened,
        extract_id,
        source_file,
        cast(source_row as integer) as source_row,
        cast(known_from as timestamp) as known_from
    from source
)

select * from final
