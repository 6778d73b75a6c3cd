-- From what each figure counted (temporary table `collected`) to the tables of the schema `evidence`.
-- Numbers agree when they differ by less than a millionth.

create temp table hashed as
select
    *,
    case
        when things is not null
            then md5(authority || '|' || reporting_year || '|' || things::varchar)
    end as set_id
from collected;

-- equal lists are kept once: the whole of a share is the same for each of its parts
create table evidence.members as
with

sets as (
    select
        set_id,
        any_value(authority) as authority,
        any_value(reporting_year) as reporting_year,
        any_value(things) as things
    from hashed
    where len(things) > 0
    group by set_id
),

singles as (
    select
        set_id,
        authority,
        reporting_year,
        unnest(things, recursive := true)
    from sets
)

select
    set_id,
    authority,
    reporting_year,
    thing,
    sum(weight) as weight
from singles
group by all
having sum(weight) != 0 or count(*) = 1
order by set_id, thing;

create temp table sums as
select
    set_id,
    sum(weight) as total,
    count(*) as things
from evidence.members
group by set_id;

-- a change is computed from two figures, and must be what they make
create temp table changes as
with

changed as (
    select
        *,
        regexp_replace(measure, '_change(_points|_pct)?$', '') as base,
        cast(cast(left(period, 4) as integer) - 1 as varchar) || '-' || substr(period, 3, 2) as earlier_year,
        measure like '%\_change\_pct' escape '\' as is_percent
    from figures.figures
    where regexp_matches(measure, '_change(_points|_pct)?$')
),

paired as (
    select
        changed.*,
        later.figure_id as later_id,
        later.value as later_value,
        earlier.figure_id as earlier_id,
        earlier.value as earlier_value
    from changed
    left join figures.figures as later
        on changed.authority = later.authority
        and changed.reporting_year = later.reporting_year
        and changed.base = later.measure
        and changed.breakdown = later.breakdown
        and changed.period = later.period
    left join figures.figures as earlier
        on changed.authority = earlier.authority
        and changed.reporting_year = earlier.reporting_year
        and changed.base = earlier.measure
        and changed.breakdown = earlier.breakdown
        and changed.earlier_year = earlier.period
)

select
    authority,
    reporting_year,
    figure_id,
    'numerator' as part,
    numerator as amount,
    case when is_percent then later_value - earlier_value else later_value end as total,
    case when is_percent then [later_id, earlier_id] else [later_id] end as figures
from paired

union all

select
    authority,
    reporting_year,
    figure_id,
    'denominator' as part,
    denominator as amount,
    earlier_value as total,
    [earlier_id] as figures
from paired;

-- themes that are among the first five of two years: counted by rank from figures, out of a fixed five
create temp table repeated_themes as
with

ranked as (
    select
        *,
        cast(left(period, 4) as integer) as year
    from figures.figures
    where
        measure = 'complaints_upheld_or_partly'
        and breakdown like 'stage=1;theme=%'
        and breakdown != 'stage=1;theme=not_known'
        and value > 0
        and length(period) = 7
    qualify rank() over (partition by authority, reporting_year, period order by value desc) <= 5
),

again as (
    select
        later.authority,
        later.reporting_year,
        count(*) as themes,
        list_sort(list_concat(list(later.figure_id), list(earlier.figure_id))) as figures
    from ranked as later
    inner join ranked as earlier
        on later.authority = earlier.authority
        and later.reporting_year = earlier.reporting_year
        and later.breakdown = earlier.breakdown
        and later.period = later.reporting_year
        and later.year = earlier.year + 1
    group by all
)

select
    stated.authority,
    stated.reporting_year,
    stated.figure_id,
    stated.numerator,
    stated.denominator,
    coalesce(again.themes, 0) as themes,
    coalesce(again.figures, []) as figures
from figures.figures as stated
left join again using (authority, reporting_year)
where stated.measure = 'leading_themes_again';

create table evidence.parts as
select
    hashed.authority,
    hashed.reporting_year,
    hashed.figure_id,
    hashed.part,
    hashed.amount,
    case when hashed.set_id is null then 'unexplained' else 'cases' end as basis,
    hashed.set_id,
    coalesce(sums.things, 0) as things,
    coalesce(sums.total, 0) as total,
    cast([] as varchar[]) as figures,
    hashed.set_id is not null and abs(coalesce(sums.total, 0) - hashed.amount) < 1e-6 as agrees
from hashed
left join sums using (set_id)

union all

select
    authority,
    reporting_year,
    figure_id,
    part,
    amount,
    'figures' as basis,
    null as set_id,
    0 as things,
    total,
    figures,
    coalesce(abs(total - amount) < 1e-6, false) as agrees
from changes
where amount is not null

union all

select
    authority,
    reporting_year,
    figure_id,
    'numerator' as part,
    numerator as amount,
    'figures' as basis,
    null as set_id,
    0 as things,
    themes as total,
    figures,
    themes = numerator as agrees
from repeated_themes

union all

select
    authority,
    reporting_year,
    figure_id,
    'denominator' as part,
    denominator as amount,
    'fixed' as basis,
    null as set_id,
    0 as things,
    5 as total,
    [] as figures,
    denominator = 5 as agrees
from repeated_themes
order by authority, reporting_year, figure_id, part;

-- a figure is complete when every number of it is explained; one that is not available has nothing to explain
create view evidence.complete as
with

needed as (
    select
        authority,
        reporting_year,
        figure_id,
        measure,
        unnest([
            {'part': 'numerator', 'amount': numerator},
            {'part': 'denominator', 'amount': denominator},
            {'part': 'value', 'amount': case when numerator is null then value end}
        ], recursive := true)
    from figures.figures
)

select
    needed.authority,
    needed.reporting_year,
    needed.figure_id,
    any_value(needed.measure) as measure,
    bool_and(needed.amount is null or coalesce(parts.agrees, false)) as is_complete
from needed
left join evidence.parts as parts using (figure_id, part)
group by needed.authority, needed.reporting_year, needed.figure_id;
