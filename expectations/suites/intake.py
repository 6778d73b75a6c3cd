"""Checks of what intake promises: nothing received is lost, nobody's details pass, every reference resolves.

The rows are counted in the parquet files on disk and in staging; what they are compared with is the ledger of
files received and the quarantine.
"""

from __future__ import annotations

from expectations.equations import Family, Query, Requirement

TABLES = (
    "complaint",
    "complaint_child",
    "complaint_service",
    "complaint_theme",
    "stage",
    "issue",
    "issue_outcome",
    "mediation",
    "remedy",
    "learning",
    "action",
    "compliment",
    "compliment_category",
    "ombudsman",
    "ombudsman_service",
    "contact",
    "satisfaction",
    "activity",
    "prior_figure",
)


# (table, column, table it refers to, column there): references of the extract contract that must lead somewhere.
REFERENCES = (
    ("complaint_child", "complaint_id", "complaint", "complaint_id"),
    ("complaint_service", "complaint_id", "complaint", "complaint_id"),
    ("complaint_theme", "complaint_id", "complaint", "complaint_id"),
    ("stage", "complaint_id", "complaint", "complaint_id"),
    ("issue", "complaint_id", "complaint", "complaint_id"),
    ("issue_outcome", "issue_id", "issue", "issue_id"),
    ("mediation", "complaint_id", "complaint", "complaint_id"),
    ("remedy", "complaint_id", "complaint", "complaint_id"),
    ("remedy", "ombudsman_id", "ombudsman", "ombudsman_id"),
    ("learning", "complaint_id", "complaint", "complaint_id"),
    ("learning", "ombudsman_id", "ombudsman", "ombudsman_id"),
    ("compliment_category", "compliment_id", "compliment", "compliment_id"),
    ("ombudsman", "complaint_id", "complaint", "complaint_id"),
    ("ombudsman_service", "ombudsman_id", "ombudsman", "ombudsman_id"),
    ("satisfaction", "complaint_id", "complaint", "complaint_id"),
)


def _disk(table: str, columns: str) -> str:
    """A select over the parquet files of one contract table."""
    return (
        f"select {columns} from read_parquet(getvariable('state') || '/conformed/{table}/*.parquet', "
        "union_by_name = true)"
    )


_ON_DISK = "\nunion all\n".join(
    _disk(table, f"'{table}' as table_name, authority, extract_id, source_row") for table in TABLES
)

RECEIVED = Query(
    "every row received is conformed, left out by rule or set aside",
    """
with disk as (
    select extract_id, source_row, coalesce(records, 1) as records
    from (select extract_id, source_row from checks.on_disk group by all)
    left join checks.gathered using (extract_id, source_row)
), aside as (
    select extract_id, source_row from checks.quarantine
    where severity = 'quarantine_row' and source_row is not null
    group by all
), ledger as (
    select *, 'received-accounted-for:' || substr(extract_id, length(authority) + 2) || ':'
        || strftime(received_at, '%Y-%m-%d') as check_id,
        source || coalesce(' ' || nullif(scope, ''), '') || ' received '
            || ltrim(strftime(received_at, '%d %B %Y'), '0') as named
    from warehouse.staging.stg_extract
), counted as (
    select ledger.*, (select coalesce(sum(records), 0)::bigint from disk where disk.extract_id = ledger.extract_id)
            as conformed,
        (select count(*) from aside where aside.extract_id = ledger.extract_id) as set_aside,
        (select count(distinct left_out.source_row) from checks.left_out as left_out
            where left_out.extract_id = ledger.extract_id) as left_out
    from ledger
)
select authority, '' as reporting_year, check_id, 'default' as subject,
    named as title, unnest(['found', 'found', 'expected']) as side, unnest([0, 1, 2]) as position,
    unnest(['rows taken in', 'rows set aside', 'rows received']) as label,
    unnest([conformed, set_aside, rows_received]) as value
from counted where status = 'loaded'
union all
select authority, '', check_id, 'default', named, 'found', 3, 'rows left out by rule', left_out
from counted where status = 'loaded' and left_out > 0
union all
select authority, '', check_id, 'default', named || ', rejected whole',
    unnest(['found', 'expected']), unnest([0, 1]), unnest(['rows of it taken in', 'rows that may be']),
        unnest([conformed, 0])
from counted where status != 'loaded'
""",
)

LEDGER = Query(
    "the ledger says what lies on disk",
    """
with disk as (
    select extract_id, sum(coalesce(records, 1))::bigint as rows_on_disk
    from (select extract_id, source_row from checks.on_disk group by all)
    left join checks.gathered using (extract_id, source_row)
    group by all
)
select ledger.authority, '' as reporting_year, 'default' as subject,
    'rows-on-disk:' || substr(ledger.extract_id, length(ledger.authority) + 2) || ':'
        || strftime(ledger.received_at, '%Y-%m-%d') as check_id,
    ledger.source || coalesce(' ' || nullif(ledger.scope, ''), '') || ' received '
        || ltrim(strftime(ledger.received_at, '%d %B %Y'), '0') || ': rows kept' as title,
    ledger.rows_conformed as expected, 'by the ledger' as expected_label,
    coalesce(disk.rows_on_disk, 0) as found, 'counted in the files' as found_label
from warehouse.staging.stg_extract as ledger
left join disk using (extract_id)
where ledger.status = 'loaded'
""",
    pair=True,
)

_STAGED = "\nunion all\n".join(
    f"select '{table}' as table_name, authority, extract_id, source_row from warehouse.staging.stg_{table}"
    for table in TABLES
)

STAGED = Query(
    "staging holds what lies on disk",
    """
with disk as (
    select authority, table_name, count(*) as number from checks.on_disk group by all
), staged as (
    select authority, table_name, count(*) as number from checks.staged group by all
)
select coalesce(disk.authority, staged.authority) as authority, '' as reporting_year,
    coalesce(disk.table_name, staged.table_name) as subject,
    'staged:' || coalesce(disk.table_name, staged.table_name) as check_id,
    'Rows of ' || replace(coalesce(disk.table_name, staged.table_name), '_', ' ')
        || ', every version received' as title,
    coalesce(disk.number, 0) as expected, 'in the conformed files' as expected_label,
    coalesce(staged.number, 0) as found, 'in staging' as found_label
from disk
full join staged on disk.authority = staged.authority and disk.table_name = staged.table_name
""",
    pair=True,
)

IN_FORCE = Query(
    "rows in force",
    """
with staged as (
    select extract_id, sum(coalesce(records, 1))::bigint as number
    from (select extract_id, source_row from checks.staged group by all)
    left join checks.gathered using (extract_id, source_row)
    group by all
)
select in_force.authority, in_force.reporting_year, 'default' as subject,
    'rows-in-force:' || in_force.reporting_year as check_id,
    'Rows of the ' || count(*) || ' extracts in force on ' || ltrim(strftime(any_value(in_force.as_at),
        '%d %B %Y'), '0') as title,
    sum(ledger.rows_conformed) as expected, 'taken in by the ledger' as expected_label,
    sum(coalesce(staged.number, 0)) as found, 'counted in staging' as found_label
from checks.in_force as in_force
inner join warehouse.staging.stg_extract as ledger using (extract_id)
left join staged using (extract_id)
group by in_force.authority, in_force.reporting_year
""",
    pair=True,
)

PERSONAL_COLUMNS = Query(
    "columns that name people",
    """
with here as (
    -- dim_authority: the columns of the files are the same for every authority that has rows in them
    select distinct authority from warehouse.staging.stg_extract
), on_disk as (
    select distinct split_part(replace(file_name, getvariable('state') || '/conformed/', ''), '/', 1)
        as table_name, name
    from parquet_schema(getvariable('state') || '/conformed/*/*.parquet')
    where num_children is null or num_children = 0
), conformed as (
    select on_disk.* from on_disk semi join checks.contract_tables as contract using (table_name)
), judged as (
    select conformed.table_name, conformed.name,
        coalesce(fields.personal in ('drop', 'age'), false)
            or (fields.name is null and conformed.name not in ('authority', 'extract_id', 'source_file',
                'source_row',
                'known_from', 'age_at_receipt', 'reopened', 'procedure', 'figure_year')) as is_personal
    from conformed
    left join checks.contract_fields as fields
        on conformed.table_name = fields.table_name and conformed.name = fields.name
)
select here.authority, '' as reporting_year, 'default' as subject, 'no-personal-column' as check_id,
    'Columns of the ' || (select count(distinct table_name) from judged) || ' kinds of rows taken in ('
        || (select count(*) from judged) || ' columns)' as title,
    case when (select count(*) from judged) > 0 then 0 end as expected, 'allowed' as expected_label,
    (select count(*) from judged where is_personal) as found, 'personal or undeclared' as found_label,
    coalesce((select string_agg(table_name || '.' || name, ', ' order by table_name, name) from judged
        where is_personal), '') as note
from here
""",
    pair=True,
)

PERSONAL_VALUES = Query(
    "values that name people",
    """
with judged as (
    select authority, 'complaint' as subject, 'complainants' as what, count(complainant_key) as number,
        count(*) filter (where not regexp_full_match(complainant_key, '[0-9a-f]{32}')) as bare
    from warehouse.staging.stg_complaint group by all
    union all
    select authority, 'complaint_child', 'children', count(child_key),
        count(*) filter (where not regexp_full_match(child_key, '[0-9a-f]{32}'))
    from warehouse.staging.stg_complaint_child group by all
    union all
    select authority, 'compliment', 'quotes', count(quote),
        count(*) filter (where quote is not null and coalesce(quote_approved, 'no') != 'yes')
    from warehouse.staging.stg_compliment group by all
    union all
    select authority, 'action', 'words', count(coalesce(said, agreed, reason, owner)),
        count(coalesce(said, agreed, reason, owner)) filter (where coalesce(words_approved, 'no') != 'yes')
    from warehouse.staging.stg_action group by all
)
select authority, '' as reporting_year, subject, 'no-personal-value:' || what as check_id,
    case what when 'quotes' then 'Quotes in compliments (' || number || ')'
        when 'words' then 'Actions with words (' || number || ')'
        else 'References to ' || what || ' (' || number || ')' end as title,
    0 as expected, 'allowed' as expected_label,
    bare as found, case when what in ('quotes', 'words') then 'kept without approval' else 'other than a pseudonym' end
        as found_label
from judged
""",
    pair=True,
    rows="""
select authority, '' as reporting_year, 'no-personal-value:complainants' as check_id, source_file as file,
    source_row as row, 'the reference to the complainant is no pseudonym' as what
from warehouse.staging.stg_complaint where not regexp_full_match(complainant_key, '[0-9a-f]{32}')
union all
select authority, '', 'no-personal-value:children', source_file, source_row,
    'the reference to the child is no pseudonym'
from warehouse.staging.stg_complaint_child where not regexp_full_match(child_key, '[0-9a-f]{32}')
union all
select authority, '', 'no-personal-value:quotes', source_file, source_row, 'a quote is kept without approval'
from warehouse.staging.stg_compliment where quote is not null and coalesce(quote_approved, 'no') != 'yes'
union all
select authority, '', 'no-personal-value:words', source_file, source_row, 'words are kept without approval'
from warehouse.staging.stg_action
where coalesce(said, agreed, reason, owner) is not null and coalesce(words_approved, 'no') != 'yes'
""",
)

_RESOLVED = "\nunion all\n".join(
    f"""
select f.authority, f.reporting_year, '{child}' as subject, '{child}' as child, '{column}' as column_name,
    '{parent}' as parent, count(c.{column}) as number,
    count(c.{column}) filter (where not exists (
        select 1 from warehouse.staging.stg_{parent} as p
        inner join checks.in_force as pf on pf.extract_id = p.extract_id
        where pf.authority = f.authority and pf.reporting_year = f.reporting_year
            and p.authority = f.authority and p.{parent_column} = c.{column}
    )) as orphans
from checks.in_force as f
inner join warehouse.staging.stg_{child} as c on f.authority = c.authority and f.extract_id = c.extract_id
group by f.authority, f.reporting_year
"""
    for child, column, parent, parent_column in REFERENCES
)

_ORPHANS = "\nunion all\n".join(
    f"""
select f.authority, f.reporting_year,
    'references-resolve:{child}.{column}:' || f.reporting_year as check_id,
    c.source_file as file, c.source_row as row, 'its {column} is that of no {parent} row in force' as what
from checks.in_force as f
inner join warehouse.staging.stg_{child} as c on f.authority = c.authority and f.extract_id = c.extract_id
where c.{column} is not null and not exists (
    select 1 from warehouse.staging.stg_{parent} as p
    inner join checks.in_force as pf on pf.extract_id = p.extract_id
    where pf.authority = f.authority and pf.reporting_year = f.reporting_year
        and p.authority = f.authority and p.{parent_column} = c.{column}
)
"""
    for child, column, parent, parent_column in REFERENCES
)

RESOLVED = Query(
    "references",
    f"""
select authority, reporting_year, subject,
    'references-resolve:' || child || '.' || column_name || ':' || reporting_year as check_id,
    'References of ' || replace(child, '_', ' ') || ' rows to a ' || replace(parent, '_', ' ') || ' ('
        || number || ')' as title,
    0 as expected, 'allowed' as expected_label, orphans as found, 'lead nowhere' as found_label
from ({_RESOLVED})
where number > 0
""",
    pair=True,
    rows=_ORPHANS,
)

FAMILIES: tuple[Family, ...] = (
    Family(
        "intake",
        "Every row received was taken in or set aside, nobody's details passed, every reference resolves.",
        (RECEIVED, LEDGER, STAGED, IN_FORCE, PERSONAL_COLUMNS, PERSONAL_VALUES, RESOLVED),
        (
            Requirement("received-accounted-for:"),
            Requirement("rows-on-disk:"),
            Requirement("staged:complaint"),
            Requirement("rows-in-force:"),
            Requirement("no-personal-column"),
            Requirement("no-personal-value:complainants", "stg_complaint"),
            Requirement("no-personal-value:children", "stg_complaint_child"),
            Requirement("no-personal-value:quotes", "stg_compliment"),
            Requirement("no-personal-value:words", "stg_action"),
            Requirement("references-resolve:stage.", "stg_stage"),
            Requirement("references-resolve:issue.", "stg_issue"),
            Requirement("references-resolve:issue_outcome.", "stg_issue_outcome"),
        ),
        (("on_disk", _ON_DISK), ("staged", _STAGED)),
    ),
)
