with

measured as (
    {{ measured_rows() }}
),

parts as (
    select
        authority,
        reporting_year,
        breakdown,
        period,
        sum(case when measure = 'actions_agreed' then value else 0 end) as agreed,
        sum(case when measure in ('actions_done', 'actions_not_done', 'actions_open') then value else 0 end) as parts
    from measured
    where
        measure in ('actions_agreed', 'actions_done', 'actions_not_done', 'actions_open')
        and keys not like '%progress%'
    group by authority, reporting_year, breakdown, period
)

select *
from parts
where agreed != parts
