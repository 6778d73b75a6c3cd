-- An authority's own rows replace the law's for the same procedure and stage while they are in force: until the first of them
-- begins, between them and after the last of them ends, the law's holds.
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

-- Both as spans of days. Where two rows of one side overlap, the one that begins later holds from its first day.
own_spans as (
    select
        authority,
        procedure,
        stage,
        coalesce(valid_from, cast('1900-01-01' as date)) as first_day,
        lead(coalesce(valid_from, cast('1900-01-01' as date))) over (
            partition by authority, procedure, stage
            order by coalesce(valid_from, cast('1900-01-01' as date))
        ) as next_first_day,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)),
            lead(coalesce(valid_from, cast('1900-01-01' as date)) - 1, 1, cast('9999-12-31' as date)) over (
                partition by authority, procedure, stage
                order by coalesce(valid_from, cast('1900-01-01' as date))
            )
        ) as last_day
    from own
),

national_spans as (
    select
        *,
        coalesce(valid_from, cast('1900-01-01' as date)) as first_day,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)),
            lead(coalesce(valid_from, cast('1900-01-01' as date)) - 1, 1, cast('9999-12-31' as date)) over (
                partition by procedure, stage
                order by coalesce(valid_from, cast('1900-01-01' as date))
            )
        ) as last_day
    from national
),

procedures_and_stages as (
    select distinct
        authorities.authority,
        national.procedure,
        national.stage
    from authorities
    cross join national
),

-- The days on which an authority has no row of its own: before the first, and from the end of each to the next.
gaps as (
    select
        procedures_and_stages.authority,
        procedures_and_stages.procedure,
        procedures_and_stages.stage,
        cast('1900-01-01' as date) as first_day,
        coalesce(min(own_spans.first_day) - 1, cast('9999-12-31' as date)) as last_day
    from procedures_and_stages
    left join own_spans
        on procedures_and_stages.authority = own_spans.authority
        and procedures_and_stages.procedure = own_spans.procedure
        and procedures_and_stages.stage = own_spans.stage
    group by procedures_and_stages.authority, procedures_and_stages.procedure, procedures_and_stages.stage
    union all
    select
        authority,
        procedure,
        stage,
        last_day + 1 as first_day,
        coalesce(next_first_day - 1, cast('9999-12-31' as date)) as last_day
    from own_spans
    where last_day < cast('9999-12-31' as date)
),

inherited as (
    select
        gaps.authority,
        national_spans.procedure,
        national_spans.stage,
        national_spans.standard_working_days,
        national_spans.extended_working_days,
        national_spans.clock_start,
        national_spans.clock_end,
        national_spans.day_count,
        case
            when national_spans.first_day >= gaps.first_day then national_spans.valid_from else gaps.first_day
        end as valid_from,
        case
            when national_spans.last_day <= gaps.last_day then national_spans.valid_to else gaps.last_day
        end as valid_to,
        national_spans.source
    from gaps
    inner join national_spans
        on gaps.procedure = national_spans.procedure
        and gaps.stage = national_spans.stage
        and gaps.first_day <= national_spans.last_day
        and gaps.last_day >= national_spans.first_day
        and gaps.first_day <= gaps.last_day
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
