"""Great Expectations judges the checks; its results become checks that people can read.

An ephemeral context, suites built here, evaluation inside DuckDB through the project's own dialect. Great Expectations is
asked three things of every family: that each required check was made, that no line lacks a side, and that no line is
wrong. A family passes only by an answer to all three. An expectation that raised, that gave no result, or whose count
differs from the lines themselves makes an error of the whole family.
"""

from __future__ import annotations

import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations import dialect, equations
from expectations.equations import HOLDS, Family, Scratch, offline
from expectations.imported import great_expectations
from expectations.suites import tables
from expectations.words import MOST_EXAMPLES, number, sentence
from redress.base.check import Check, one_line

FAILING_ROWS_FILE = "failing_rows.parquet"

Owner = Callable[[str, str], str]


def run(
    database: Path,
    families: tuple[Family, ...],
    *,
    state: Path | None = None,
    contract: dict | None = None,
    owner: Owner,
    evidence: Path | None = None,
    judge: Callable[[Path, tuple[Family, ...]], dict] | None = None,
    prepared: tuple[tuple[str, str], ...] = equations.PREPARED,
) -> list[Check]:
    """Evaluate families of checks over a warehouse.

    Args:
        database: the warehouse's DuckDB file; nothing else in this process may hold it open for writing.
        families: what to evaluate, in the order of the checks.
        state: the folder of the parquet files that go with the database (default: its own folder).
        contract: the extract contract.
        owner: (authority, contract table) -> who can put it right.
        evidence: a folder for the rows behind each check, one parquet file per family.
        judge: evaluates the suites (default: Great Expectations).
        prepared: tables that the families' queries read.

    Returns:
        The checks, family by family. What could not be evaluated is among them as a check with verdict `error`.
    """
    if judge is None:
        # importing Great Expectations costs as much as everything else: do it while DuckDB counts
        threading.Thread(target=great_expectations, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="redress-checks-") as folder:
        try:
            dialect.connection_string(database)
            scratch = equations.build(
                database, Path(folder) / "checks.duckdb", families, state, contract, prepared
            )
        except (duckdb.Error, OSError) as error:
            return [
                Check.error(family.name, "warehouse-readable", f"The warehouse could not be read: {error}")
                for family in families
            ]
        counted = _count_lines(scratch, families, evidence)
        try:
            verdicts = (judge or judge_with_great_expectations)(scratch.path, families)
        except Exception as error:  # noqa: BLE001, it must fail the checks, never skip them
            verdicts = {"error": f"{type(error).__name__}: {error}"}
        return _checks(scratch, counted, families, verdicts, owner, evidence)


# What Great Expectations is asked of each family


def suite_of(family: Family) -> list[tuple[str, str]]:
    """(question, query for unexpected rows) of a family. `{batch}` is the table of lines."""
    name = family.name
    return [
        (
            "made",
            f"""
with l as (select * from {{batch}})
select r.prefix, r.authority, r.reporting_year from requirements as r
where r.family = '{name}' and not exists (
    select 1 from l
    where l.family = r.family and l.authority = r.authority and starts_with(l.check_id, r.prefix)
        and (l.reporting_year = r.reporting_year or l.reporting_year = '')
)
""",
        ),
        (
            "complete",
            (
                f"select check_id, line from {{batch}} where family = '{name}' "
                "and (expected is null or found is null)"
            ),
        ),
        ("holds", f"select authority, check_id, line from {{batch}} where family = '{name}' and not {HOLDS}"),
    ]


def judge_with_great_expectations(scratch: Path, families: tuple[Family, ...]) -> dict:
    """Validate every family's suite with Great Expectations over the scratch database.

    Args:
        scratch: database with tables lines and requirements.
        families: what to judge.

    Returns:
        {(family, question): number of unexpected rows, or the text of what went wrong}. Questions as in
        `suite_of`, and ('', 'not_empty') for the whole table. A question without a result has no entry.
    """
    gx = great_expectations()
    gxe = gx.expectations
    dialect.register()
    context = _context(gx)
    source = context.data_sources.add_sql(
        name="checks",
        connection_string=dialect.connection_string(scratch),
    )
    batch = source.add_table_asset(name="lines", table_name="lines").add_batch_definition_whole_table("all")
    asked = [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, meta={"family": "", "question": "not_empty"}),
        gxe.ExpectColumnValuesToNotBeNull(column="check_id", meta={"family": "", "question": "named"}),
    ]
    for family in families:
        for question, query in suite_of(family):
            asked.append(
                gxe.UnexpectedRowsExpectation(
                    unexpected_rows_query=query, meta={"family": family.name, "question": question}
                )
            )
    suite = gx.ExpectationSuite(name="checks", expectations=asked)
    try:
        outcome = batch.get_batch().validate(suite, result_format="SUMMARY")
    finally:
        source.get_engine().dispose()
        dialect.close_all()
    answers: dict = {}
    for result in outcome.results:
        meta = result.expectation_config.meta or {}
        if "question" in meta:
            answers[(meta["family"], meta["question"])] = _answer(result)
    return answers


def run_rules(database: Path, rules: tuple[tables.Rule, ...] = tables.RULES) -> list[Check]:
    """Evaluate rules of single tables with Great Expectations on the warehouse itself.

    Args:
        database: the warehouse's DuckDB file.
        rules: what must hold.

    Returns:
        One check per rule, of the family `table_rules`; a rule that raised, whose table is not there or that gave no
        result has the verdict `error`. A broken rule of figures has `figure_ids`: the first that break it.
    """
    try:
        answers = _judge_rules(database, rules)
    except Exception as error:  # noqa: BLE001, it must fail the rules, never skip them
        answers = {rule.name: f"{type(error).__name__}: {error}" for rule in rules}
    return [_check_of_rule(database, rule, answers.get(rule.name, "it has no result")) for rule in rules]


def _check_of_rule(database: Path, rule: tables.Rule, answer: int | str) -> Check:
    """Return the check of one rule from the rows that break it, or from what went wrong."""
    judged = not isinstance(answer, str)
    if not judged:
        said, verdict = f" Not evaluated: {one_line(answer)}", "error"
    else:
        said, verdict = (f" {answer} rows break it.", "fail") if answer else ("", "pass")
    return Check(
        check_id=f"table-rules:{rule.name}",
        family=tables.FAMILY,
        statement=rule.statement + said,
        expected="0",
        found=str(answer) if judged else "error",
        verdict=verdict,
        severity=rule.severity,
        figure_ids=tuple(_breaking(database, rule)) if judged and answer else (),
    )


def _breaking(database: Path, rule: tables.Rule, most: int = 20) -> list[str]:
    """The first figures that break a rule; none for rules of other tables, whose keys are those of cases."""
    if (rule.schema, rule.table) != ("figures", "figures"):
        return []
    keys = rule.arguments.get("column_list") or [rule.arguments.get("column")]
    if "unexpected_rows_query" in rule.arguments:
        query = rule.arguments["unexpected_rows_query"].format(batch="figures.figures")
    elif rule.expectation == "ExpectColumnValuesToNotBeNull":
        query = f"select figure_id from figures.figures where {keys[0]} is null"
    elif rule.expectation.endswith("Unique"):
        by = ", ".join(keys)
        query = f"select figure_id from figures.figures qualify count(*) over (partition by {by}) > 1"
    elif "value_set" in rule.arguments:
        words = ", ".join(f"'{word}'" for word in rule.arguments["value_set"])
        query = f"select figure_id from figures.figures where {keys[0]} not in ({words})"
    else:
        return []
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = offline(connection, database).execute(
                f"select distinct figure_id from ({query}) where figure_id is not null order by 1 limit {most}"
            )
            return [figure_id for (figure_id,) in found.fetchall()]
    except duckdb.Error:
        return []  # it says which figures; that some break the rule has been judged already


def _judge_rules(database: Path, rules: tuple[tables.Rule, ...]) -> dict:
    """{rule: rows that break it, or what went wrong}, table by table."""
    gx = great_expectations()
    gxe = gx.expectations
    dialect.register()
    context = _context(gx)
    source = context.data_sources.add_sql(
        name="warehouse",
        connection_string=dialect.connection_string(database),
    )
    answers: dict = {}
    try:
        for schema, table in dict.fromkeys((rule.schema, rule.table) for rule in rules):
            mine = [rule for rule in rules if (rule.schema, rule.table) == (schema, table)]
            asked = [
                getattr(gxe, rule.expectation)(**rule.arguments, meta={"question": rule.name})
                for rule in mine
            ]
            try:
                batch = source.add_query_asset(
                    name=f"{schema}.{table}", query=f"select * from {schema}.{table}"
                ).add_batch_definition_whole_table("all")
                suite = gx.ExpectationSuite(name=f"{schema}.{table}", expectations=asked)
                outcome = batch.get_batch().validate(suite, result_format="SUMMARY")
            except Exception as error:  # noqa: BLE001, a table that is not there fails its own rules
                answers.update({rule.name: f"{type(error).__name__}: {error}" for rule in mine})
                continue
            for result in outcome.results:
                answers[result.expectation_config.meta["question"]] = _answer(result)
    finally:
        source.get_engine().dispose()
        dialect.close_all()
    return answers


def _context(gx):
    """A context that keeps nothing and draws nothing."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


def _answer(result) -> int | str:
    """Unexpected rows counted by one result, or what went wrong. Silence is what went wrong."""
    trouble = _exception(result.exception_info)
    if trouble:
        return trouble
    kind = result.expectation_config.type
    found = result.result.get("unexpected_count")
    if kind in ("unexpected_rows_expectation", "expect_table_row_count_to_be_between"):
        found = result.result.get("observed_value")
    if result.success is None or found is None:
        return "Great Expectations gave no result"
    if kind == "expect_table_row_count_to_be_between":
        return 0 if result.success else 1
    if bool(result.success) != (int(found) == 0):
        return f"Great Expectations says success {result.success} with {found} unexpected rows"
    return int(found)


def _exception(info) -> str | None:
    """The first exception in a result's exception_info, whose shape has varied."""
    if not info:
        return None
    if "raised_exception" in info:
        return (
            (info.get("exception_message") or "an exception without a message")
            if info["raised_exception"]
            else None
        )
    for one in info.values():
        if isinstance(one, dict) and one.get("raised_exception", True):
            return one.get("exception_message") or "an exception without a message"
    return None


# Results to checks


@dataclass
class Counted:
    """What the scratch database holds, read before it is judged.

    Attributes:
        checks: the checks with their lines and terms, as `_by_check` gives them.
        wrong: {family: (lines that do not hold, lines that lack a side)}.
        unmet: (family, authority, reporting_year, prefix, rows behind it, reason) of checks that are missing.
        reports: number of reports.
    """

    checks: dict
    wrong: dict[str, tuple[int, int]]
    unmet: list[tuple]
    reports: int


def _count_lines(scratch: Scratch, families: tuple[Family, ...], evidence: Path | None) -> Counted:
    """Read the scratch database and write the evidence files."""
    connection = equations.offline(duckdb.connect(str(scratch.path), read_only=True), scratch.path)
    try:
        if evidence:
            _write_evidence(connection, families, evidence)
        return Counted(
            checks=_by_check(connection),
            wrong={
                family: (holds, complete)
                for family, holds, complete in connection.execute(
                    f"select family, count(*) filter (where not {HOLDS}), "
                    "count(*) filter (where expected is null or found is null) from lines group by family"
                ).fetchall()
            },
            unmet=connection.execute(
                """
select family, authority, reporting_year, prefix, rows_behind, reason from requirements as r
where not exists (
    select 1 from lines as l where l.family = r.family and l.authority = r.authority
        and starts_with(l.check_id, r.prefix)
        and (l.reporting_year = r.reporting_year or l.reporting_year = '')
) order by all
"""
            ).fetchall(),
            reports=_count(connection, "reports"),
        )
    finally:
        connection.close()


def _checks(
    scratch: Scratch,
    counted: Counted,
    families: tuple[Family, ...],
    verdicts: dict,
    owner: Owner,
    evidence: Path | None,
) -> list[Check]:
    """Return the checks of all families, in their order, those of the preparation first."""
    checks = [
        Check.error("preparation", problem.query, f"'{problem.query}' could not be read: {problem.message}")
        for problem in scratch.problems
        if not problem.family
    ]
    if not counted.reports:
        checks.append(
            Check.error("preparation", "reports", "There is no report to check: dim_report has no rows.")
        )
    for family in families:
        checks += [
            Check.error(
                family.name,
                problem.query.replace(" ", "-"),
                f"'{problem.query}' could not be evaluated: {problem.message}",
            )
            for problem in scratch.problems
            if problem.family == family.name
        ]
        unmet = [row for row in counted.unmet if row[0] == family.name]
        trouble = _trouble(family, verdicts, counted.wrong.get(family.name, (0, 0)), len(unmet))
        if trouble:
            checks.append(
                Check.error(family.name, "judged", f"{family.title} This was not evaluated: {trouble}")
            )
        checks += [_missing(family, *row[1:]) for row in unmet]
        keys = sorted(
            (key for key in counted.checks if key[0] == family.name), key=lambda key: tuple(map(str, key))
        )
        checks += [_check(key, counted.checks[key], family, trouble, owner, evidence) for key in keys]
    return checks


def _missing(family: Family, authority: str, year: str, prefix: str, rows: int, reason: str) -> Check:
    """Return the check that says that a required one could not be made."""
    prefix = prefix.rstrip(":=")
    many = f" ({rows})." if rows > 1 else "."
    return Check.missing(
        family.name,
        f"{prefix}:{year}",
        f"No check '{prefix}' could be made for {year}, although {reason}{many} {family.title}",
        authority=authority,
        reporting_year=year,
    )


def _trouble(family: Family, verdicts: dict, wrong: tuple[int, int], missing: int) -> str | None:
    """Why a family counts as not evaluated, if it does."""
    if "error" in verdicts:
        return verdicts["error"]
    for scope, question, counted in (
        ("", "not_empty", 0),
        ("", "named", 0),
        (family.name, "made", missing),
        (family.name, "complete", wrong[1]),
        (family.name, "holds", wrong[0]),
    ):
        answer = verdicts.get((scope, question))
        if answer is None:
            return f"the question '{question}' has no result"
        if isinstance(answer, str):
            return f"the question '{question}' raised: {answer}"
        if answer != counted:
            return f"the question '{question}' found {answer} rows where there are {counted}"
    return None


def _by_check(connection) -> dict[tuple[str, str, str, str], dict]:
    """{(family, authority, reporting_year, check_id): {heading, count, hold, lines}}.

    `count` and `hold` are of all its lines; `lines` are the few that its statement shows, with their terms: the
    first that do not hold, or else the one with the largest number.
    """
    checks: dict = {}
    for *key, count, hold in connection.execute(
        f"""
select family, authority, reporting_year, check_id, count(*), count(*) filter (where {HOLDS})
from lines group by family, authority, reporting_year, check_id
"""
    ).fetchall():
        checks[tuple(key)] = {"count": count, "hold": hold, "lines": {}}
    rows = connection.execute(
        f"""
with shown as (
    select family, authority, reporting_year, check_id, line from lines
    qualify row_number() over (
        partition by family, authority, reporting_year, check_id
        order by {HOLDS}, case when {HOLDS} then -abs(coalesce(found, 0)) end, line
    ) <= {MOST_EXAMPLES}
)
select family, authority, reporting_year, check_id, line, subject, severity, title, line_title, note, side,
    label,
    sign, value, op, expected, found, holds
from terms_of_lines
semi join shown using (family, authority, reporting_year, check_id, line)
order by family, authority, reporting_year, check_id, line, side, position, sign desc, label
"""
    ).fetchall()
    for family, authority, year, check_id, line, subject, severity, title, line_title, note, *rest in rows:
        side, label, sign, value, op, expected, found, holds = rest
        check = checks[(family, authority, year, check_id)]
        check.update(subject=subject, severity=severity, title=title)
        one = check["lines"].setdefault(
            line,
            {
                "title": line_title,
                "op": op,
                "expected": expected,
                "found": found,
                "holds": holds,
                "note": "",
                "sides": defaultdict(list),
            },
        )
        one["note"] = one["note"] or note or ""
        one["sides"][side].append((label, sign, value))
    return checks


def _check(
    key: tuple[str, str, str, str],
    counted: dict,
    family: Family,
    trouble: str | None,
    owner: Owner,
    evidence: Path | None,
) -> Check:
    """Return one check from its lines, as `_by_check` gives them."""
    _, authority, year, check_id = key
    lines = list(counted["lines"].values())
    count, hold = counted["count"], counted["hold"]
    if count == 1:
        expected, found = number(lines[0]["expected"]), number(lines[0]["found"])
    else:
        expected, found = str(count), str(hold)
    return Check(
        check_id=check_id,
        family=family.name,
        authority=authority,
        reporting_year=year,
        statement=sentence(counted["title"], lines, count, count - hold),
        expected=expected,
        found=found,
        verdict="error" if trouble else "pass" if hold == count else "fail",
        severity=counted["severity"],
        owner=owner(authority, counted["subject"]),
        evidence=f"checks_evidence/{family.name}.parquet" if evidence else "",
    )


def _count(connection, table: str) -> int:
    """Rows of a table of the scratch database; 0 where there is no such table."""
    try:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]
    except duckdb.Error:
        return 0


def _write_evidence(connection, families: tuple[Family, ...], folder: Path) -> None:
    """The rows behind the checks, without a value of any row of an extract.

    One parquet file per family: a row per number, with its line's two sides and whether the line holds; and
    `failing_rows.parquet`: a row per row of an extract that is behind a check that does not hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = str((folder / FAILING_ROWS_FILE).resolve()).replace("'", "''")
    connection.execute(f"copy (select * from failing_rows order by all) to '{rows}' (format parquet)")
    for family in families:
        target = str((folder / f"{family.name}.parquet").resolve()).replace("'", "''")
        connection.execute(
            f"""
copy (
    select authority, reporting_year, check_id, line, line_title, side, position, label, sign, value, op,
        expected,
        found, holds, note, coalesce(figure_id, '') as figure_id
    from terms_of_lines
    where family = '{family.name}'
    order by authority, reporting_year, check_id, line, side, position, sign desc, label
) to '{target}' (format parquet)
"""
        )
