"""The report of problems: one CSV of all batches, and a workbook per authority and batch.

Everything that comes from data is made inert: a text that a spreadsheet would take for a formula gets an
apostrophe before it. Long cells are cut. Personal values never get here (`problems.NOT_SHOWN`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from redress.base.errors import RedressError
from redress.base.files import replace_file, sha256
from redress.base.inert import NUMBER, RISKY
from redress.base.printable import SHOWN_CHARACTERS
from redress.base.settings import Settings
from redress.base.tables import read_json
from redress.base.workbooks import CONTROL, add_table, content
from redress.contract.contract import load_contract
from redress.intake.problems import CODE_WORDS, NOTHING_TO_REPAIR, QUARANTINE, QUARANTINE_SCHEMA, REJECT, WARN
from redress.intake.store import Store

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

WITHHELD = "words-withheld.csv"
"""Beside `quarantine/`, the words that are not published because they seem to name somebody, each with why.

It lies with what is for use inside, as `figures.csv` does: owners of files are sent `quarantine/`, and need no names from it."""
MOST_ROWS_SHOWN = 20_000
_SEVERITY_WORDS = {
    REJECT: "the file is rejected",
    QUARANTINE: "the record is set aside",
    WARN: "loaded; please check",
}
_WIDE = {"What is wrong", "What happened", "Example", "Found", "Expected", "Meaning"}
_ORDER = {REJECT: 0, QUARANTINE: 1, WARN: 2}


def inert(name: str, is_cut: bool = True) -> pl.Expr:
    """Return a text column as a spreadsheet may safely open it: long cells cut, formulas made plain text."""
    text = pl.col(name).str.replace_all(CONTROL, "?")
    if is_cut:
        is_long = text.str.len_chars() > SHOWN_CHARACTERS + 60
        cut = pl.concat_str([text.str.slice(0, SHOWN_CHARACTERS), pl.lit(" ... (cut here)")])
        text = pl.when(is_long).then(cut).otherwise(text)
    quoted = pl.concat_str([pl.lit("'"), text])
    is_risky = text.str.contains(RISKY) & ~text.str.contains(NUMBER)
    return pl.when(is_risky).then(quoted).otherwise(text).alias(name)


def _inert_problems(problems: pl.DataFrame) -> pl.DataFrame:
    """Return all texts inert; messages and lists of expected words are ours and may be long."""
    texts = [name for name, kind in QUARANTINE_SCHEMA.items() if kind == pl.String()]
    return problems.with_columns([inert(name, name not in ("message", "expected")) for name in texts])


def write_quarantine(settings: Settings) -> Path:
    """Write `<build>/quarantine/` (`quarantine.csv` and a workbook per authority and batch) and `<build>/words-withheld.csv`.

    The CSV has the columns of `QUARANTINE_SCHEMA`, one row per problem. Workbooks of batches that no longer
    have problems are removed. What was written of the same problems by the same program is left as it is.

    Returns:
        The folder.
    """
    folder = settings.build / "quarantine"
    mark = settings.state / "quarantine-report.json"
    question = _question(settings)
    with contextlib.suppress(RedressError, OSError, ValueError):
        if read_json(mark) == {"made_of": question, "files": _digests(folder, settings)}:
            return folder
    _write_report(settings, folder)
    with replace_file(mark) as temporary:
        temporary.write_text(
            json.dumps({"made_of": question, "files": _digests(folder, settings)}), encoding="utf-8"
        )
    return folder


def words_withheld(settings: Settings, slugs: Collection[str]) -> int:
    """Return how many words of these authorities seem to name somebody and are not published."""
    why = Store(settings.state, load_contract(settings.reference)).why_withheld()
    return why.filter(pl.col("authority").is_in(list(slugs))).select("authority", "word").unique().height


def _question(settings: Settings) -> str:
    """Return a digest of what the report is made of: problems, ledger and program."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for folder in (
        settings.state / "quarantine",
        settings.state / "conformed" / "extract",
        settings.state / "conformed" / "word_why",
        here,
        here.parent / "base",
    ):
        for path in sorted([*folder.glob("*.parquet"), *folder.glob("*.py")]):
            digest.update(f"{path.name} {sha256(path)}\n".encode())
    return digest.hexdigest()


def _digests(folder: Path, settings: Settings) -> dict[str, str]:
    files = [*(folder.iterdir() if folder.is_dir() else ()), settings.build / WITHHELD]
    return {path.name: sha256(path) for path in sorted(files) if path.exists()}


def _write_report(settings: Settings, folder: Path) -> None:
    store = Store(settings.state, load_contract(settings.reference))
    problems = _inert_problems(store.problems()).sort(
        "authority",
        "received_at",
        "file_name",
        pl.col("row").is_not_null(),
        "row",
        "code",
        "column",
        maintain_order=True,
    )
    ledger = store.ledger()
    with replace_file(folder / "quarantine.csv") as temporary:
        problems.write_csv(temporary, datetime_format="%Y-%m-%dT%H:%M:%S")
    with replace_file(settings.build / WITHHELD) as temporary:
        why = store.why_withheld().with_columns(inert(name) for name in ("column", "word", "why"))
        why.sort("authority", "column", "word").write_csv(temporary)
    written = set()
    batches = problems.with_columns(received_on=pl.col("received_at").dt.date())
    for (authority, received_on), part in batches.group_by("authority", "received_on", maintain_order=True):
        path = folder / f"{authority}-{received_on}.xlsx"
        files = ledger.filter(
            (pl.col("authority") == authority) & (pl.col("received_at").dt.date() == received_on)
        )
        book = workbook(str(authority), str(received_on), part.drop("received_on"), files)
        with replace_file(path) as temporary:
            temporary.write_bytes(book)
        written.add(path)
    for path in folder.glob("*.xlsx"):
        if path not in written:
            path.unlink()


def workbook(authority: str, received_on: str, problems: pl.DataFrame, files: pl.DataFrame) -> bytes:
    """Return the workbook of one batch: sheets Summary, By rule and Rows.

    Args:
        authority, received_on: for the heading.
        problems: problems of the batch, already inert.
        files: ledger rows of the batch.
    """
    import openpyxl

    book = openpyxl.Workbook()
    to_repair = problems.filter(~pl.col("code").is_in(NOTHING_TO_REPAIR))
    book.active.title = "Summary"
    _fill_summary(book.active, f"{authority} received on {received_on}", to_repair, files)
    _fill_rules(book.create_sheet("By rule"), problems)
    _fill_rows(book.create_sheet("Rows"), to_repair)
    return content(book, received_on)


def _fill_summary(sheet: Worksheet, of_what: str, to_repair: pl.DataFrame, files: pl.DataFrame) -> None:
    """Write what became of each file, and who has how many problems to repair."""
    sheet.append([f"Problems in the files of {of_what}"])
    sheet.append(["Every record received is one of three: received = loaded + left out by rule + set aside."])
    sheet.append([])
    add_table(
        sheet,
        ["File", "Outcome", "Records received", "Loaded", "Left out by rule", "Set aside", "What happened"],
        files.sort("file_name")
        .select(
            inert("file_name"),
            "status",
            "rows_received",
            "rows_conformed",
            "rows_left_out",
            "rows_quarantined",
            inert("message", False),
        )
        .rows(),
        _WIDE,
    )
    sheet.append([])
    by_owner = to_repair.group_by("owner", "severity").agg(pl.len().alias("problems"))
    add_table(
        sheet,
        ["Who can put it right", "Effect", "Problems"],
        [
            (owner, _SEVERITY_WORDS[severity], count)
            for owner, severity, count in sorted(
                by_owner.rows(), key=lambda row: (row[0] or "", _ORDER[row[1]])
            )
        ],
        _WIDE,
    )


def _fill_rules(sheet: Worksheet, problems: pl.DataFrame) -> None:
    """Write the problems of each rule, file and column, with an example."""
    by_rule = problems.group_by("severity", "code", "file_name", "column").agg(
        pl.len().alias("problems"), pl.col("message").first(), pl.col("owner").first()
    )
    add_table(
        sheet,
        ["Effect", "Rule", "Meaning", "File", "Column", "Problems", "Example", "Who can put it right"],
        [
            (
                _SEVERITY_WORDS[row["severity"]],
                row["code"],
                CODE_WORDS.get(row["code"], row["code"]),
                row["file_name"],
                row["column"],
                row["problems"],
                row["message"],
                row["owner"],
            )
            for row in sorted(
                by_rule.iter_rows(named=True),
                key=lambda row: (_ORDER[row["severity"]], row["code"], row["file_name"], row["column"]),
            )
        ],
        _WIDE,
    )


_COLUMNS_OF_ROWS = {
    "File": "file_name",
    "Row": "row",
    "Key": "record_key",
    "Column": "column",
    "Rule": "code",
    "Effect": "severity",
    "What is wrong": "message",
    "Found": "found",
    "Expected": "expected",
    "Who can put it right": "owner",
}


def _fill_rows(sheet: Worksheet, to_repair: pl.DataFrame) -> None:
    """Write each problem that somebody can repair, as many as a workbook may show."""
    shown = to_repair.head(MOST_ROWS_SHOWN)
    severity = pl.col("severity").replace_strict(_SEVERITY_WORDS, return_dtype=pl.String)
    add_table(
        sheet,
        list(_COLUMNS_OF_ROWS),
        shown.with_columns(severity).select(_COLUMNS_OF_ROWS.values()).rows(),
        _WIDE,
    )
    if to_repair.height > shown.height:
        sheet.append(
            [f"The first {shown.height:,} of {to_repair.height:,} problems; all are in quarantine.csv."]
        )
