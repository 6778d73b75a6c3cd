-- The facts of the warehouse for one report, written by hand for DuckDB: what the dbt build is measured against.
-- Variables: conformed (folder of parquet), config (folder), holidays (CSV).
set threads to 2;

create table calendar as
with days as (
    select cast(day as date) as day from generate_series(timestamp '2010-01-01', timestamp '2035-12-31', interval 1 day) as s (day)
)
select
    day,
    isodow(day) < 6 and h.date is null as works,
    cast(sum(cast(isodow(day) < 6 and h.date is null as integer)) over (order by day) as integer) as number
from days
left join (select date from read_csv(getvariable('holidays')) where division = 'england-and-wales') as h on h.date = day;

create table report as select * from read_parquet(getvariable('config') || '/config_report.parquet');

create table periods as
with months as (
    select authority, reporting_year, period_start, period_end, cast(m as date) as month
    from report, unnest(generate_series(period_start - interval 1 year, period_end, interval 1 month)) as s (m)
),
named as (
    select *, month >= period_start as own,
        year(month) - cast(month(month) < 4 as integer) as first
    from months
)
select authority, reporting_year, first || '-' || right(cast(first + 1 as varchar), 2) as period, 'year' as kind,
    make_date(first, 4, 1) as starts, make_date(first + 1, 3, 31) as ends from named group by all
union all
select authority, reporting_year, first || '-' || right(cast(first + 1 as varchar), 2) || '-Q'
    || ((quarter(month) + 2) % 4 + 1), 'quarter', min(month), last_day(max(month)) from named group by authority, reporting_year, first, quarter(month)
union all
select authority, reporting_year, strftime(month, '%Y-%m'), 'month', month, last_day(month) from named where own;

create table timescales as
select procedure, stage, standard_working_days, extended_working_days, clock_start from read_parquet(getvariable('config') || '/config_timescale.parquet')
union all
select * from (values ('statutory', 1, 10, 20, 'requested'), ('statutory', 2, 25, 65, 'requested'), ('statutory', 3, 50, null, 'requested'));

create table complaints as
select c.*, r.as_at, r.reporting_year, r.period_start, r.period_end
from read_parquet(getvariable('conformed') || '/complaint/*.parquet') as c
inner join report as r on c.authority = r.authority and c.received_date <= r.as_at;

create table bridge_complaint_service as
select distinct c.authority, c.reporting_year, c.complaint_id, coalesce(s.service, 'not_known') as service, coalesce(s.procedure, c.procedure) as procedure
from complaints as c
left join read_parquet(getvariable('conformed') || '/complaint_service/*.parquet') as s using (authority, complaint_id);

create table bridge_complaint_child as
select distinct c.authority, c.reporting_year, c.complaint_id, k.child_id, coalesce(k.ethnicity, 'not_known') as ethnicity,
    coalesce(c.child_looked_after, k.child_looked_after, 'not_known') as child_looked_after
from complaints as c
inner join read_parquet(getvariable('conformed') || '/complaint_child/*.parquet') as k using (authority, complaint_id);

create table bridge_complaint_theme as
select authority, reporting_year, complaint_id, theme from complaints where theme is not null
union
select c.authority, c.reporting_year, c.complaint_id, t.theme
from complaints as c
inner join read_parquet(getvariable('conformed') || '/complaint_theme/*.parquet') as t using (authority, complaint_id);

create table fct_stages as
with stages as (
    select
        s.authority, c.reporting_year, s.stage_id, s.complaint_id, s.procedure, s.stage, coalesce(s.service, 'not_known') as service,
        s.requested_date, s.extension_agreed, s.source_row, s.extract_id,
        case when s.responded_date <= c.as_at then s.responded_date end as responded_date,
        case when s.responded_date <= c.as_at then s.outcome end as outcome,
        case when s.closed_date <= c.as_at then s.closed_date end as source_closed_date,
        case when s.closed_date is null or s.closed_date <= c.as_at then s.closed_how end as source_closed_how,
        case when c.withdrawn_date <= c.as_at and c.withdrawn_date >= s.requested_date then c.withdrawn_date end as withdrawn_date,
        case when s.stage = 1 then c.received_date else s.requested_date end as request_clock,
        case when s.stage = 1 and c.accepted_date <= c.as_at then c.accepted_date end as accepted_date,
        c.received_date, c.period_start, c.period_end
    from read_parquet(getvariable('conformed') || '/stage/*.parquet') as s
    inner join complaints as c using (authority, complaint_id)
    where s.requested_date <= c.as_at
),
closed as (
    select *, coalesce(source_closed_date, responded_date, withdrawn_date) as closing_date,
        case when closing_date < requested_date then requested_date else closing_date end as closed_date,
        case
            when coalesce(source_closed_date, responded_date) is not null then
                coalesce(source_closed_how,
                    case when source_closed_date = withdrawn_date and (responded_date is null or responded_date < source_closed_date) then 'withdrawn'
                        when responded_date is not null then 'responded' else 'not_known' end)
            when withdrawn_date is not null then 'withdrawn'
        end as closed_how
    from stages
),
clocked as (
    select closed.*, coalesce(case when t.clock_start = 'accepted' then accepted_date end, request_clock) as clock_start_date,
        t.standard_working_days as standard_limit, coalesce(t.extended_working_days, t.standard_working_days) as extended_limit
    from closed
    left join timescales as t on closed.procedure = t.procedure and closed.stage = t.stage
),
reached as (select distinct complaint_id, procedure, stage - 1 as stage from stages)
select clocked.*, responded_date < clock_start_date as is_end_before_start,
    case when responded_date >= clock_start_date then e.number - s.number end as working_days,
    case when responded_date >= clock_start_date then responded_date - clock_start_date end as calendar_days,
    case when responded_date >= clock_start_date then e.number - s.number <= standard_limit end as is_within_standard,
    case when responded_date >= clock_start_date then e.number - s.number <= extended_limit end as is_within_extended,
    case when responded_date >= clock_start_date then
        e.number - s.number <= case when extension_agreed = 'yes' then extended_limit else standard_limit end end as is_within_agreed,
    r.complaint_id is not null as has_reached_next_stage
from clocked
left join calendar as s on clock_start_date = s.day
left join calendar as e on responded_date = e.day
left join reached as r on clocked.complaint_id = r.complaint_id and clocked.procedure = r.procedure and clocked.stage = r.stage;

create table cohorts as
with of_stages as (
    select complaint_id,
        bool_or(requested_date < period_start and (closed_date is null or closed_date >= period_start)) as open_at_start,
        bool_or(coalesce(closed_date < period_start, false)) as closed_before,
        bool_or(requested_date between period_start and period_end) as requested_in
    from fct_stages group by complaint_id
)
select c.complaint_id,
    case when received_date > period_end then 'later' when received_date >= period_start then 'new'
        when open_at_start then 'brought_forward' when requested_in and closed_before then 'reopened'
        when requested_in then 'late_entered' else 'earlier' end as cohort
from complaints as c
left join of_stages using (complaint_id);

create table fct_complaints as
with services as (
    select complaint_id, count(distinct service) as service_count from bridge_complaint_service where service != 'not_known' group by complaint_id
),
children as (
    select complaint_id, max(child_looked_after = 'yes') as any_yes, max(child_looked_after = 'no') as any_no from bridge_complaint_child group by complaint_id
)
select c.authority, c.reporting_year, c.complaint_id, c.received_date, c.acknowledged_date, c.accepted_date, c.procedure,
    c.procedure != 'informal' as is_formal, coalesce(channel, 'not_known') as channel, coalesce(complainant_role, 'not_known') as complainant_role,
    c.complainant_id, coalesce(sex, 'not_known') as sex, age_at_receipt, coalesce(ethnicity, 'not_known') as ethnicity,
    coalesce(disability, 'not_known') as disability,
    coalesce(c.child_looked_after, case when any_yes then 'yes' when any_no then 'no' else 'not_known' end) as child_looked_after,
    case when withdrawn_date <= as_at then withdrawn_date end as withdrawn_date, coalesce(service_count, 0) as service_count,
    cohort, c.extract_id, c.source_row
from complaints as c
inner join cohorts using (complaint_id)
left join services using (complaint_id)
left join children using (complaint_id);

create table fct_timeliness as select * from fct_stages where responded_date is not null;

create table fct_flow as
with by_day as (
    select authority, reporting_year, procedure, stage, service, date_trunc('month', requested_date) as requested, date_trunc('month', closed_date) as closed,
        closed_how, count(*) as stages from fct_stages group by all
)
select p.authority, p.reporting_year, p.period, procedure, stage, service,
    coalesce(sum(stages) filter (requested < starts and (closed is null or closed >= starts)), 0) as brought_forward,
    coalesce(sum(stages) filter (requested between starts and ends), 0) as entered,
    coalesce(sum(stages) filter (closed between starts and ends and closed_how = 'responded'), 0) as closed_responded,
    coalesce(sum(stages) filter (closed between starts and ends and closed_how = 'withdrawn'), 0) as closed_withdrawn,
    coalesce(sum(stages) filter (closed between starts and ends and closed_how = 'not_known'), 0) as closed_not_known,
    coalesce(sum(stages) filter (closed between starts and ends), 0) as closed,
    coalesce(sum(stages) filter (requested <= ends and (closed is null or closed > ends)), 0) as carried_forward
from by_day inner join periods as p using (authority, reporting_year)
group by all;

create table issue_outcomes as
select o.* from read_parquet(getvariable('conformed') || '/issue_outcome/*.parquet') as o
inner join report as r on o.authority = r.authority and o.decided_date <= r.as_at;

create table fct_issues as
with outcomes as (
    select issue_id, max(outcome) filter (stage = 1) as stage_1_outcome, max(outcome) filter (stage = 2) as stage_2_outcome,
        max(outcome) filter (stage = 3) as stage_3_outcome from issue_outcomes group by issue_id
)
select i.authority, r.reporting_year, i.issue_id, i.complaint_id, i.raised_date, i.service, i.category, i.sub_category,
    coalesce(i.procedure, c.procedure) as procedure, c.child_looked_after, c.cohort, coalesce(o.stage_1_outcome, 'open') as stage_1_outcome,
    o.stage_2_outcome, o.stage_3_outcome, i.extract_id, i.source_row
from read_parquet(getvariable('conformed') || '/issue/*.parquet') as i
inner join report as r on i.authority = r.authority and i.raised_date <= r.as_at
inner join fct_complaints as c on i.authority = c.authority and i.complaint_id = c.complaint_id
left join outcomes as o on i.issue_id = o.issue_id;

create table fct_issues_by_quarter as
select i.authority, i.reporting_year, p.period, procedure, service, category, sub_category, count(*) as issues
from fct_issues as i
inner join periods as p on i.authority = p.authority and i.reporting_year = p.reporting_year and p.kind = 'quarter' and raised_date between starts and ends
group by all;

create table fct_outcomes as
select i.authority, i.reporting_year, 'issue' as unit, o.issue_id as outcome_id, i.complaint_id, i.procedure, o.stage, i.service, i.category,
    i.sub_category, i.child_looked_after, o.outcome, o.decided_date
from issue_outcomes as o inner join fct_issues as i on o.authority = i.authority and o.issue_id = i.issue_id
union all
select s.authority, s.reporting_year, 'complaint', s.stage_id, s.complaint_id, s.procedure, s.stage, s.service, null, null, c.child_looked_after,
    coalesce(s.outcome, 'not_known'), s.responded_date
from fct_stages as s inner join fct_complaints as c on s.complaint_id = c.complaint_id where s.responded_date is not null;

create table fct_ombudsman as
with services as (
    select ombudsman_id, string_agg(service, ' + ' order by service) as service_set
    from read_parquet(getvariable('conformed') || '/ombudsman_service/*.parquet') group by ombudsman_id
)
select o.*, coalesce(s.service_set, 'not_known') as service_set,
    case when o.decided_date <= r.as_at then coalesce(o.decision, 'not_known') else 'not_yet_decided' end as decision_known
from read_parquet(getvariable('conformed') || '/ombudsman/*.parquet') as o
inner join report as r on o.authority = r.authority and o.received_date <= r.as_at
left join services as s using (ombudsman_id);

create table fct_compliments as
select c.* from read_parquet(getvariable('conformed') || '/compliment/*.parquet') as c
inner join report as r on c.authority = r.authority and c.received_date <= r.as_at;

create table fct_contacts as
select c.* from read_parquet(getvariable('conformed') || '/contact/*.parquet') as c
inner join report as r on c.authority = r.authority and c.received_date <= r.as_at;

create table fct_learning as
select l.* from read_parquet(getvariable('conformed') || '/learning/*.parquet') as l
inner join report as r on l.authority = r.authority and l.sent_date <= r.as_at;
