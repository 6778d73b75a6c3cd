-- An authority's own rows replace the national rows of the same procedure and stage; the others are the law's.
with

own as (
    select * from {{ ref('stg_config_timescale') }}
),

authorities as (
    select * from {{ ref('dim_authority') }}
),

national as (
    select * from {{ ref('statutory_timescales') }}
),

overridden as (
    select distinct
        authority,
        procedure,
        stage
    from own
),

inherited as (
    select
        authorities.authority,
        national.procedure,
        national.stage,
        national.standard_working_days,
        national.extended_working_days,
        national.clock_start,
        national.clock_end,
        national.day_count,
        national.valid_from,
        national.valid_to,
        national.source
    from authorities
    cross join national
    left join overridden
        on authorities.authority = overridden.authority
        and national.procedure = overridden.procedure
        and national.stage = overridden.stage
    where overridden.authority is null
),

rows_of_both as (
    select
        *,
        false as is_national
    from own
    union all
    select
        *,
        true as is_national
    from inherited
),

final as (
    select
        authority,
        procedure,
        stage,
        standard_working_days,
        extended_working_days,
        coalesce(clock_start, 'requested') as clock_start,
        coalesce(clock_end, 'responded_date') as clock_end,
        coalesce(day_count, 'exclude_start_day') as day_count,
        valid_from,
        valid_to,
        -- Where two rows overlap, the one that begins later holds from its first day.
        lead(valid_from) over (
            partition by authority, procedure, stage
            order by coalesce(valid_from, cast('1900-01-01' as date))
        ) as next_valid_from,
        source,
        is_national
    from rows_of_both
)

select * from final
