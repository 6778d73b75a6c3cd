"""The lines in which `redress check SLUG` tells what a run would take from a drop folder (`intake.trial`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from redress.authority.model import Authority
from redress.base.printable import shorten
from redress.contract import figure_catalogue
from redress.contract.values import fold
from redress.declared.asked import asked
from redress.declared.language import base_of
from redress.declared.model import DeclaredReport
from redress.intake.problems import CODE_WORDS, NOT_SHOWN, NOTHING_TO_REPAIR, QUARANTINE, WARN
from redress.intake.trial import Trial, TriedFile

_MOST_EXAMPLES, _MOST_WORDS, _MOST_SECTIONS = 3, 12, 4


def lines(authority: Authority, trial: Trial, reports: Iterable[DeclaredReport]) -> list[str]:
    """Return what a trial found, a line each: of every file, of words withheld, and of tables of which nothing would come."""
    return [*_of_files(trial), *_of_withheld(trial), *_of_sections(authority, trial, reports)]


def _of_files(trial: Trial) -> Iterator[str]:
    if not trial.files:
        yield "  No files to read yet: put them into <reporting year>/<date of receipt>/ of the folder named below."
    else:
        beside = f", beside {trial.earlier:,} received before" if trial.earlier else ""
        yield f"  What a run would take from the drop folder{beside} (nothing is taken in now):"
    yield from (f"    {message}" for message in trial.messages)
    for file in trial.files:
        yield from _of_file(file)
    yield from (f"    to look at: {message}" for message in trial.gaps)


def _of_file(file: TriedFile) -> Iterator[str]:
    """Yield what would become of one file: its records, what sets some aside and where, and what is not read of it."""
    result, problems = file.result, file.problems
    if result.status != "loaded":
        yield f"    {file.shown_as}: would be {result.message}"
        return
    superseded = _records(problems, pl.col("code").is_in(NOTHING_TO_REPAIR))
    numbers = {
        "left out by rule": result.left_out,
        "superseded": superseded,
        "set aside": result.quarantined - superseded,
    }
    parts = [
        f"{result.conformed:,} loaded",
        *(f"{number:,} {what}" for what, number in numbers.items() if number),
    ]
    yield f"    {file.shown_as}: {result.received:,} records: {', '.join(parts)}"
    for rule, number in file.left_out.group_by("rule", maintain_order=True).agg(pl.len()).iter_rows():
        yield f"      {number:,} × left out by rule: {rule}"
    aside = problems.filter(pl.col("severity") == QUARANTINE)
    merged = {
        fold(column): message
        for column, message in problems.filter(code="merged_cells").select("column", "message").rows()
    }
    told_with: set[str] = set()
    for (code, column), rows in aside.group_by("code", "column", maintain_order=True):
        cause = _cause(str(code), str(column), rows, result.columns)
        if code == "missing_required" and fold(str(column)) in merged:
            told_with.add(str(column))
            cause += f" {merged[fold(str(column))]}"
        yield f"      {cause}"
    is_told = (pl.col("code") == "merged_cells") & pl.col("column").is_in(list(told_with))
    warned = problems.filter((pl.col("severity") == WARN) & (pl.col("code") != "word_withheld") & ~is_told)
    unread = warned.filter(pl.col("code") == "extra_column")["column"].to_list()
    if unread:
        yield f"      columns that are not read: {', '.join(unread)}"
    warned = warned.filter(pl.col("code") != "extra_column")
    for (code, column), rows in warned.group_by("code", "column", maintain_order=True):
        yield f"      to look at: {_cause(str(code), str(column), rows, result.columns)}"


def _cause(code: str, column: str, rows: pl.DataFrame, columns: Mapping[str, str]) -> str:
    """Return one cause with how many records it has, and the values or the cells that show it."""
    letters = columns.get(fold(column), "")
    where = f", column {column}" + (f" ({letters})" if letters else "") if column else ""
    numbers = rows["row"].drop_nulls().unique(maintain_order=True)
    count = f"{len(numbers):,} × " if len(numbers) else ""
    told = f"{count}{code}{where}: {CODE_WORDS.get(code, code)}"
    if code in NOTHING_TO_REPAIR:
        return told
    if not len(numbers):
        return f"{told}. {rows['message'][0]}"
    if code == "unknown_word":
        met = rows.filter(pl.col("found") != NOT_SHOWN).unique(["row", "found"])["found"].value_counts()
        words = [
            f"`{shorten(word)}` {times:,}"
            for word, times in met.sort("count", "found", descending=[True, False]).rows()
        ]
        more = f" and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
        if words:
            return f"{told}: {', '.join(words[:_MOST_WORDS])}{more}; first in row {numbers[0]}"
    shown = rows.unique("row", keep="first", maintain_order=True).head(_MOST_EXAMPLES)
    examples = [
        f"{letters}{row}" + (f" `{shorten(found)}`" if found and found != NOT_SHOWN else "")
        if letters
        else f"row {row}"
        for row, found in shown.select("row", "found").rows()
    ]
    more = " ..." if len(numbers) > _MOST_EXAMPLES else ""
    return f"{told}: {', '.join(examples)}{more}. {shown['message'][0]}"


def _records(problems: pl.DataFrame, condition: pl.Expr) -> int:
    """Return how many records are set aside for these problems and for no other."""
    aside = problems.filter(pl.col("severity") == QUARANTINE).drop_nulls("row")
    chosen = aside.group_by("row").agg(condition.all().alias("all"))
    return int(chosen["all"].sum())


def _of_withheld(trial: Trial) -> Iterator[str]:
    count = trial.withheld["word"].n_unique() if trial.withheld.height else 0
    if not count:
        return
    words = (
        "1 word seems to name somebody and is"
        if count == 1
        else f"{count:,} words seem to name somebody and are"
    )
    yield (
        f"  {words} not published (`Name withheld` stands in its place). A run lists them, with why, in "
        "words-withheld.csv; declare those that are the council's own, or correct them:"
    )
    for (column, why), rows in trial.withheld.group_by("column", "why", maintain_order=True):
        yield f"    {column}: {rows.height:,}: {why}"


def _of_sections(authority: Authority, trial: Trial, reports: Iterable[DeclaredReport]) -> Iterator[str]:
    """Yield the tables and columns of which nothing would come though sections ask for them, and what to declare then.

    What is declared already, and what was printed and typed in, is asked for by nobody.
    """
    if not trial.files:
        return
    needs_of = figure_catalogue.tables_of()
    declared = set(authority.profile.not_held)
    answered = declared | {row["figure_measure"] for rows in authority.published.values() for row in rows}
    asking: dict[str, set[str]] = {}
    for report in reports:
        for page in report.pages:
            for section in page.sections:
                alone = replace(report, pages=[replace(page, sections=[section])])
                for measure in {base_of(figures.measure) for figures in asked(alone)} - answered:
                    needs = needs_of.get(measure, frozenset())
                    if not declared & {*needs, *map(_table_of, needs)}:
                        for need in needs - trial.holds:
                            asking.setdefault(need, set()).add(section.name)
    asking = {
        need: names
        for need, names in asking.items()
        if need == _table_of(need) or _table_of(need) not in asking
    }
    if not asking:
        return
    yield "  Nothing would come of these tables and columns, so sections that ask for them say that nothing is recorded:"
    for need, sections in sorted(asking.items()):
        listed = sorted(sections)
        more = f" and {len(listed) - _MOST_SECTIONS} more" if len(listed) > _MOST_SECTIONS else ""
        lacks = "no value" if "." in need else "no row"
        yield f"    {need}: {lacks}; asked for by {', '.join(listed[:_MOST_SECTIONS])}{more}"
    line = ", ".join(sorted({*declared, *asking}))
    yield f"    If the council does not record them, put this line into profile.yml: not_held: [{line}]"


def _table_of(need: str) -> str:
    """Return the table of a table or of a column (`table.column`)."""
    return need.partition(".")[0]
