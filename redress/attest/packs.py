"""The evidence pack: what a report said, from which files and cases, by which rules, and whether it held.

One folder and one zip per report, `build/evidence/<authority>-<year>`. Every byte depends only on the extracts, the
configuration, the key and the code, so that two runs over the same inputs give the same bytes. Restricted: the
figures in it are not protected, and it lists cases by pseudonym.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.attest import manifest, pages, signing
from redress.attest.words import Words, write_words
from redress.base.inert import inert_sql
from redress.base.settings import RunSettings
from redress.base.tables import read_csv, read_parquet, write_csv, write_rows
from redress.contract import figure_catalogue as catalogue
from redress.declared.model import DeclaredReport
from redress.declared.tables import PAGES
from redress.intake.ledger import in_force, read_ledger
from redress.reconcile import history
from redress.reconcile.families.words import what_to_do
from redress.signed import record as signed_record
from redress.signed.code import hashed_models, software
from redress.signed.record import signed_with
from redress.warehouse import exclusions
from redress.warehouse.cases import LINEAGE_COLUMNS
from redress.warehouse.connection import open_warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

write_columns = partial(write_csv, without_others=True)
METHOD = ("counting-rules.md", "method.md", "assumptions.md", "data-quality.md")
LEDGER_COLUMNS = (
    "extract_id",
    "source",
    "scope",
    "file_name",
    "sha256",
    "received_at",
    "bytes",
    "columns",
    "rows_received",
    "rows_conformed",
    "rows_quarantined",
    "status",
    "in_force",
    "supersedes",
    "superseded_by",
    "message",
)
TO_FIX_COLUMNS = (
    *("check_id", "owner", "severity", "verdict", "statement", "to_do", "failing_since"),
    *("accepted_since", "accepted_until", "accepted_by", "accepted_reason"),
)
PRINTED_COLUMNS = (
    *(
        "authority",
        "reporting_year",
        "finding_id",
        "severity",
        "refs",
        "family",
        "statement",
        "expected",
        "found",
    ),
)
EXCLUDED_ROWS_COLUMNS = ("extract_id", "file_name", "row", "table", "column", "code", "severity", "owner")
QUARANTINE_COLUMNS = (*(name for name in EXCLUDED_ROWS_COLUMNS if name != "row"), "problems", "records")
LEFT_OUT_COLUMNS = ("figure_id", "reason", "cases")
EXCLUDED_COLUMNS = ("measure", "kind", "thing", "belongs_to", "reason")
README = """Evidence for {name}, {year}, as at {as_at}
{underline}
What a report rests on. RESTRICTED: the figures here are not protected, and cases are listed by pseudonym. For use
inside the authority, and by those entitled to inspect it. State of the report: {state}.

Open index.html in a web browser. Nothing else is needed, and nothing is fetched from anywhere.

index.html, measures/       the pages: every figure, what is behind it, the checks on it
figures.csv                 every figure of the report, unrounded, with its rule
definitions.csv             what each measure means, its rule, its source in law or guidance, the model that makes it
cases/parts.csv.gz          for each figure, on what its numerator and its denominator rest, and whether that adds up
cases/members.csv.gz        what is in each of those sets: pseudonyms with their weights
cases/things.csv.gz         each pseudonym: its complaint's pseudonym, the file and the row that it came from
cases/MEASURE.html          the same as pages
cases/excluded.csv.gz       for each measure, what is in the data and not counted, with the reason
cases/left_out.csv.gz       for each figure, how many cases it leaves out, by what parts them from it; for the list,
                            with the reason of each:  redress explain FIGURE_ID --excluded --pack FOLDER
excluded_rows.csv           rows set aside before anything was counted, by file, row, column and reason
checks.csv                  every check that was run, expected against found
checked_figures.csv.gz      the lines of checks that each figure stands in
published_check.csv         each figure that was printed before, against the computed one
extracts.csv                every file received up to the report's date, by SHA-256, with its row counts
quarantine_summary.csv      what was set aside, by file and reason (counts only)
suppression.csv.gz          which counts are withheld from the public, and why (where any are)
to_fix.csv                  the checks that do not pass or are accepted: whose they are, what to do, since when
printed_findings.csv        what cannot be true in the report as it was printed, from its own figures alone
configuration/              the authority's folder as it was used; accepted faults with their owners are in it
configuration_report.csv    the report and the settings chosen for it
lineage.csv                 the columns each measure is made of, and the columns of the extracts behind these
sql/                        the statements that computed everything
method/                     counting rules, method, assumptions
models.csv, versions.csv    the SHA-256 of every model and seed; the software used
words.csv                   the council's own words: each section with its file, its SHA-256, author and approval (where any are)
words/                      these sections as they were written, with the numbers' names in place of numbers
bound_numbers.csv           each number in them: file and line, the figure, and what is printed
sign_off.json               who signed the report off, and who revised it why
manifest.json               the SHA-256 of each file here; manifest.sig is its signature, if the pack is signed

To verify, on any machine:  redress verify FOLDER_OR_ZIP --key PUBLIC_KEY
To repeat: with the same files, configuration and software, run
    redress build --authority {authority} --year {year} --as-at {as_at}
"""


def write_packs(settings: RunSettings, target: Path, councils: Collection[str] | None = None) -> list[Path]:
    """Write a pack for every report of the run.

    Args:
        settings: the run's; reads the candidate database, `.next/figures.csv`, `build/checks.csv`,
            `build/published_check.csv`, the ledger, the quarantine and the configuration tables.
        target: an empty folder that gets one folder and one zip per report.
        councils: whose reports; None for all.

    Returns:
        list[Path]: the packs' folders.

    Raises:
        ConfigurationProblem: the signing key cannot be used.
    """
    key = manifest.signing_key(settings)
    reports = [
        report
        for report in read_parquet(settings.state / "config", "config_report.parquet")
        if councils is None or report["authority"] in councils
    ]
    if not reports:
        return []
    with open_warehouse(settings.database) as connection:
        shared = _Shared(settings, connection)
        packs = [_write_pack(shared, report, target) for report in reports]
    for pack, report in zip(packs, reports, strict=True):
        about = {
            "authority": report["authority"],
            "reporting_year": report["reporting_year"],
            "as_at": str(report["as_at"]),
            "sign_off": signing.statement(settings, report["authority"], report["reporting_year"]),
        }
        manifest.write_manifest(pack, about, key)
        manifest.write_zip(pack, target / f"{pack.name}.zip")
    return packs


class _Shared:
    """What is read once for all reports of a run."""

    def __init__(self, settings: RunSettings, connection: DuckDBPyConnection):
        from redress.warehouse.dbt import dbt_folder

        self.settings = settings
        self.connection = connection
        self.query(
            "set threads = 1"
        )  # hundreds of small questions: threads cost a fifth more, and bring nothing
        self.tables = {
            "figures.csv": _grouped(read_csv(settings.next / "figures.csv")),
            "checks.csv": _grouped(read_csv(settings.build / "checks.csv")),
            "published_check.csv": _grouped(read_csv(settings.build / "published_check.csv")),
        }
        decided = settings.next / "suppression.csv"
        rows = read_csv(decided if decided.exists() else settings.build / "suppression.csv")
        self.suppressed = {row["figure_id"]: row for row in rows}
        self.printed = _grouped(read_csv(settings.build / "printed_findings.csv"))
        self.history = history.rows(settings)
        self.ledger = read_ledger(settings)
        self.quarantine = read_parquet(settings.state / "quarantine")
        self.chosen = read_parquet(settings.state / "config", "config_setting.parquet")
        self.pages = read_parquet(settings.state / "config", f"{PAGES}.parquet")
        self.names = {
            row["authority"]: row["name"]
            for row in read_parquet(settings.state / "config", "config_authority.parquet")
        }
        self.catalogue = catalogue.by_measure()
        self.statements = _statements(dbt_folder(settings) / "target" / "compiled", settings.state)
        self.lineage: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.query("select * from evidence.lineage"):
            self.lineage[row[0]].append(dict(zip(LINEAGE_COLUMNS, row, strict=True)))
        self.models = hashed_models(settings)
        self.versions = software(settings)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the warehouse."""
        return self.connection.execute(sql, list(values)).fetchall()

    def copy(self, sql: str, target: Path) -> None:
        """Write the rows of a query as CSV within gzip, texts inert; equal rows give equal bytes.

        Args:
            sql: the query; its rows are ordered by all columns.
            target: the file.
        """
        columns = [row[:2] for row in self.query(f"describe {sql}")]
        shown = ", ".join(
            f"{inert_sql(_name(name))} as {_name(name)}" if kind == "VARCHAR" else _name(name)
            for name, kind in columns
        )
        self.connection.execute(
            f"copy (select {shown} from ({sql}) order by all) to '{_quoted(target)}' "
            "(format csv, header true, compression gzip)"
        )


def _write_pack(shared: _Shared, report: Mapping[str, Any], target: Path) -> Path:
    """Write everything of one report but the manifest; return the pack's folder."""
    authority, year = key = (report["authority"], report["reporting_year"])
    pack = target / f"{authority}-{year}"
    (pack / "cases").mkdir(parents=True)
    tables = {
        name: _of_report(groups, key, general=name == "checks.csv") for name, groups in shared.tables.items()
    }
    for name, rows in tables.items():
        write_columns(pack / name, list(rows[0]) if rows else ("authority", "reporting_year"), rows)
    figures, checks = tables["figures.csv"], tables["checks.csv"]
    suppressed = _write_suppressed(shared, figures, pack)
    to_fix = _to_fix(shared, checks, report)
    write_columns(pack / "to_fix.csv", TO_FIX_COLUMNS, to_fix)
    printed = _of_report(shared.printed, key, general=False)
    write_columns(pack / "printed_findings.csv", PRINTED_COLUMNS, printed)
    extracts = _extracts(shared, report)
    write_columns(pack / "extracts.csv", LEDGER_COLUMNS, extracts)
    _write_set_aside(shared, extracts, pack)
    chosen = _chosen(shared, report)
    write_columns(pack / "configuration_report.csv", ("setting", "value"), chosen)
    definitions = _write_definitions(shared, figures, pack)
    parts, members = _cases(shared, key, pack / "cases")
    checked = _checked(shared, key, pack / "checked_figures.csv.gz")
    excluded = _excluded(shared, key)
    write_gz(pack / "cases" / "excluded.csv.gz", EXCLUDED_COLUMNS, excluded)
    left_out = exclusions.counts(shared.connection, authority, year)
    write_gz(pack / "cases" / "left_out.csv.gz", LEFT_OUT_COLUMNS, left_out)
    state = _write_origin(shared, authority, year, pack)
    words = _write_words(shared, key, pack)
    title = _write_readme(shared, report, state, pack)
    walk = pages.Walk(
        report=pack.name,
        title=title,
        state=state,
        figures=figures,
        definitions=definitions,
        lineage=shared.lineage,
        parts=parts,
        members=members,
        excluded=excluded,
        left_out=left_out,
        checks=checks,
        checked=checked,
        published=tables["published_check.csv"],
        suppressed=suppressed,
        extracts=extracts,
        settings=chosen,
        versions=shared.versions,
        to_fix=to_fix,
        printed=printed,
        accepted=read_csv(pack / "configuration" / "accepted_faults.csv"),
        words=words,
    )
    pages.write(pack, walk)
    return pack


def _extracts(shared: _Shared, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the files that a report knows of, each with whether it is in force and what superseded it."""
    authority = report["authority"]
    files = [row for row in shared.ledger if row["authority"] == authority and _known(row, report)]
    only = signed_with(shared.settings, authority, report["reporting_year"])
    forced = {row["extract_id"] for row in in_force(files, authority, report["as_at"], only)}
    followed = {row["supersedes"]: row["extract_id"] for row in files if row["supersedes"]}
    return [
        {
            **row,
            "in_force": "yes" if row["extract_id"] in forced else "no",
            "superseded_by": followed.get(row["extract_id"], ""),
        }
        for row in files
    ]


def _write_suppressed(
    shared: _Shared, figures: Sequence[Mapping[str, str]], pack: Path
) -> list[dict[str, str]]:
    """Write which of a report's figures are withheld, where any are; return their rows."""
    rows = [shared.suppressed[row["figure_id"]] for row in figures if row["figure_id"] in shared.suppressed]
    if rows:
        names = tuple(rows[0])
        write_gz(pack / "suppression.csv.gz", names, ([row[name] for name in names] for row in rows))
    return rows


def _write_set_aside(shared: _Shared, extracts: Sequence[Mapping[str, Any]], pack: Path) -> None:
    """Write which rows of the files were set aside, one by one and summed up."""
    known = {row["extract_id"] for row in extracts}
    aside = [row for row in shared.quarantine if row["extract_id"] in known]
    write_columns(pack / "quarantine_summary.csv", QUARANTINE_COLUMNS, _quarantine_summary(aside))

    def place(row: Any) -> list[str | int]:
        texts = [str(row.get(name) or "") for name in ("extract_id", "table", "code")]
        return [*texts, int(row.get("row") or 0), str(row.get("column") or "")]

    write_columns(pack / "excluded_rows.csv", EXCLUDED_ROWS_COLUMNS, sorted(aside, key=place))


def _chosen(shared: _Shared, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a report is and the settings chosen for it, one row each."""
    settings = sorted(
        (row["setting"], row["value"]) for row in shared.chosen if row["authority"] == report["authority"]
    )
    return [{"setting": name, "value": value} for name, value in [*sorted(report.items()), *settings]]


def _write_definitions(
    shared: _Shared, figures: Sequence[Mapping[str, str]], pack: Path
) -> list[dict[str, Any]]:
    """Write what each measure of a report means and the columns that it is made of; return the definitions."""
    counts = Counter(row["measure"] for row in figures)
    definitions = [_definition(shared, measure, counts[measure]) for measure in sorted(counts)]
    columns = list(definitions[0]) if definitions else ("measure",)
    write_columns(pack / "definitions.csv", columns, definitions)
    lineage = [row for measure in sorted(counts) for row in shared.lineage.get(measure, [])]
    write_columns(pack / "lineage.csv", LINEAGE_COLUMNS, lineage)
    return definitions


def _write_origin(shared: _Shared, authority: str, year: str, pack: Path) -> str:
    """Write what made the report (configuration, statements, method, software) and who signed it; return its state."""
    settings = shared.settings
    signed_record.copy_configuration(settings, authority, pack / "configuration")
    for place, statement in shared.statements.items():
        (pack / "sql" / place).parent.mkdir(parents=True, exist_ok=True)
        (pack / "sql" / place).write_bytes(statement)
    for name in METHOD:
        if (settings.root / "docs" / name).exists():
            _copy(settings.root / "docs" / name, pack / "method" / name)
    write_columns(pack / "models.csv", ("unique_id", "sha256"), shared.models)
    write_columns(pack / "versions.csv", ("name", "version"), shared.versions)
    signed = signing.statement(settings, authority, year)
    (pack / "sign_off.json").write_text(
        json.dumps(signed, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return str(signed["state"])


def _write_words(shared: _Shared, report: tuple[str, str], pack: Path) -> Words:
    """Write the council's own words, as the report is published; return their rows."""
    rows = [row for row in shared.pages if (row["authority"], row["reporting_year"]) == report]
    waiting = shared.settings.next / "protected"
    protected = waiting if waiting.exists() else shared.settings.state / "protected"
    return write_words(shared.settings, DeclaredReport.from_rows(*report, rows), protected, pack)


def _write_readme(shared: _Shared, report: Mapping[str, Any], state: str, pack: Path) -> str:
    """Write what is in the pack, in words; return its title."""
    authority, year, as_at = report["authority"], report["reporting_year"], report["as_at"]
    name = shared.names.get(authority, authority)
    title = f"Evidence for {name}, {year}, as at {as_at}"
    words = {"name": name, "year": year, "as_at": as_at, "authority": authority, "state": state}
    (pack / "README.txt").write_text(README.format(**words, underline="-" * len(title)), encoding="utf-8")
    return title


def _cases(
    shared: _Shared, report: tuple[str, str], folder: Path
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Write parts, members and things by pseudonym; return the rows of the first two."""
    here = "where authority = '{}' and reporting_year = '{}'".format(*report)
    parts = (
        "select figure_id, part, amount, basis, coalesce(left(set_id, 16), '') as set_id, things, total, "
        "case when agrees then 'yes' else 'no' end as agrees, array_to_string(figures, ' ') as figures "
        f"from evidence.parts {here}"
    )
    members = (
        "select left(set_id, 16) as set_id, coalesce(names.pseudonym, members.thing) as thing, weight "
        "from evidence.members as members left join "
        f"(select thing, any_value(pseudonym) as pseudonym from evidence.things {here} group by thing) as names "
        f"using (thing) {here}"
    )
    things = (
        "select distinct pseudonym as thing, kind, belongs_to, extract_id, source_row as row "
        f"from evidence.things {here}"
    )
    rows = {}
    for name, sql in (("parts", parts), ("members", members), ("things", things)):
        shared.query(f"create or replace temp table packed as {sql}")
        shared.copy("select * from packed", folder / f"{name}.csv.gz")
        rows[name] = [] if name == "things" else shared.query("select * from packed order by all")
    return rows["parts"], rows["members"]


def _to_fix(
    shared: _Shared, checks: Sequence[Mapping[str, str]], report: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the checks of a report that do not pass or are accepted: whose they are, what to do, and since when.

    Of the history of a check this is what stays the same from one night to the next while nothing changes, so that
    equal inputs go on giving equal packs; the moments of each run are in the journal of runs.
    """
    found = []
    for row in checks:
        past = shared.history.get((row["authority"], row["reporting_year"], row["check_id"]), {})
        if row["verdict"] != "pass" or past.get("accepted_by"):
            found.append(
                {
                    **{name: past.get(name, "") for name in TO_FIX_COLUMNS if name.startswith("accepted")},
                    **row,
                    "to_do": what_to_do(row),
                    "failing_since": (past.get("first_failed_at") or "")[:10],
                }
            )
    return found


def _excluded(shared: _Shared, report: tuple[str, str]) -> list[tuple[Any, ...]]:
    """Return what is in no figure of a measure for the year: measure, kind, pseudonym, that of its complaint, reason."""
    here = "authority = '{}' and reporting_year = '{}'".format(*report)
    return shared.query(
        "select excluded.measure, split_part(excluded.thing, ':', 1), names.pseudonym, names.belongs_to, "
        "excluded.reason from evidence.excluded as excluded inner join (select thing, any_value(pseudonym) as "
        "pseudonym, coalesce(any_value(belongs_to), '') as belongs_to from evidence.things "
        f"where {here} group by thing) as names using (thing) where {here} order by 1, 2, 5, 3"
    )


def _checked(shared: _Shared, report: tuple[str, str], target: Path) -> list[tuple[Any, ...]]:
    """Write the lines of checks that each figure stands in; return for each how many, and those that do not hold."""
    index = shared.settings.build / "checked_figures.parquet"
    if not index.exists():
        return []
    here = "from read_parquet('{}') where authority = '{}' and reporting_year = '{}'".format(
        _quoted(index), *report
    )
    shared.copy(f"select figure_id, check_id, line_title as line, holds {here}", target)
    return shared.query(
        "select figure_id, count(*), coalesce(string_agg(check_id || ' ' || line_title, '; ' order by check_id, "
        f"line_title) filter (not holds), '') {here} group by figure_id order by figure_id"
    )


def _definition(shared: _Shared, measure: str, figures: int) -> dict[str, Any]:
    """Return what a measure means, by which rule and source, and the model that makes it."""
    ending = next(
        (suffix for suffix in ("_change_points", "_change_pct", "_change") if measure.endswith(suffix)), ""
    )
    base = shared.catalogue.get(measure.removesuffix(ending), {})
    known = shared.catalogue.get(measure) or shared.catalogue.get(f"*{ending}", {})
    title = known.get("title", measure.replace("_", " "))
    return {
        "measure": measure,
        "title": f"{base.get('title', '')}: {title}" if ending and base else title,
        "plain_words": known.get("plain_words", ""),
        "rule": known.get("rule", ""),
        "source": known.get("source") or base.get("source", ""),
        "unit": known.get("unit", ""),
        "model": shared.lineage[measure][0]["model"] if measure in shared.lineage else "figures_prior",
        "figures": figures,
    }


def _name(column: str) -> str:
    """Return a column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'


def _quoted(path: Path) -> str:
    """Return a path within quotes in SQL."""
    return str(path).replace("'", "''")


def _grouped(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return rows by authority and reporting year, in their order."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row.get("authority") or "", row.get("reporting_year") or ""].append(row)
    return groups


def _of_report(
    groups: Mapping[tuple[Any, ...], list[dict[str, Any]]], key: tuple[str, str], general: bool
) -> list[dict[str, Any]]:
    """Return the rows of one report; with `general` also those of no authority or of no year."""
    authority, year = key
    wanted = [("", ""), (authority, ""), ("", year), key] if general else [key]
    return [row for report in wanted for row in groups.get(report, [])]


def _known(row: Mapping[str, Any], report: Mapping[str, Any]) -> bool:
    """Return whether a file had been received by the end of the report's as-at day."""
    return str(row["received_at"])[:10] <= str(report["as_at"])[:10]


def _quarantine_summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Counts of problems and of records by file, table, column, code; never a value of a record."""
    keys = QUARANTINE_COLUMNS[:-2]
    problems = Counter(tuple(str(row.get(key) or "") for key in keys) for row in rows)
    records: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        records.setdefault(tuple(str(row.get(key) or "") for key in keys), set()).add(row["row"])
    return [
        {**dict(zip(keys, group, strict=True)), "problems": count, "records": len(records[group] - {None})}
        for group, count in sorted(problems.items())
    ]


def _statements(compiled: Path, state: Path) -> dict[Path, bytes]:
    """Return the compiled statements by their place below `models`, without the name of this machine's folders."""
    own = re.escape(os.fsencode(state.resolve().parent))
    here = re.compile(own + rb"(/[^'\"\s]+?)?/state\b")  # its own, or that of a workshop within
    return {
        Path(*path.parts[path.parts.index("models") + 1 :]): here.sub(b"<state>", path.read_bytes())
        for path in sorted(compiled.rglob("*.sql"))
        if "models" in path.parts
    }


def _copy(source: Path, target: Path) -> None:
    """Copy a file into a folder that may not be there yet."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


def write_gz(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as CSV within gzip; equal rows give equal bytes."""
    text = io.StringIO()
    write_rows(text, columns, rows)
    path.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), compresslevel=4, mtime=0))
