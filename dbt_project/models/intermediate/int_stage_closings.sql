-- Rules 1, 6, 13 and 18. A stage closes on its own closing date; answered without one, on its response;
-- with neither, on the day the whole complaint was withdrawn or refused, if the stage had begun by then.
-- A closing before the request counts on the day of the request.
with

stages as (
    select * from {{ ref('int_stages_as_at') }}
),

whole_complaint as (
    select
        *,
        case when complaint_withdrawn_date >= requested_date then complaint_withdrawn_date end as withdrawn_date,
        case when complaint_refused_date >= requested_date then complaint_refused_date end as refused_date
    from stages
),

closings as (
    select
        *,
        case
            when source_closed_date is not null then 'stage_closed'
            when responded_date is not null then 'stage_responded'
            when withdrawn_date is not null and (refused_date is null or withdrawn_date <= refused_date)
                then 'complaint_withdrawn'
            when refused_date is not null then 'complaint_refused'
        end as closing_source
    from whole_complaint
),

dated as (
    select
        *,
        case closing_source
            when 'stage_closed' then source_closed_date
            when 'stage_responded' then responded_date
            when 'complaint_withdrawn' then withdrawn_date
            when 'complaint_refused' then refused_date
        end as closing_date
    from closings
),

final as (
    select
        authority,
        reporting_year,
        stage_id,
        closing_source,
        case when closing_date < requested_date then requested_date else closing_date end as closed_date,
        coalesce(closing_date < requested_date, false) as is_closed_before_request,
        case
            when closing_source is null then null
            when closing_source = 'complaint_withdrawn' then 'withdrawn'
            when closing_source = 'complaint_refused' then 'refused'
            when source_closed_how is not null then source_closed_how
            -- No reason was given: the one that its dates prove, else not known.
            when closing_date = withdrawn_date and (responded_date is null or responded_date < closing_date)
                then 'withdrawn'
            when closing_date = refused_date and (responded_date is null or responded_date < closing_date)
                then 'refused'
            when responded_date is not null then 'responded'
            else 'not_known'
        end as closed_how
    from dated
)

select * from final
