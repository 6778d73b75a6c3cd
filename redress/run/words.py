"""The words of reports, held against figures: by `redress check` against those of the last build, by a build against its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redress.authority.model import Authority
from redress.base.blame import damaged, explained
from redress.base.errors import GateFailed, RedressError
from redress.base.files import sha256
from redress.base.settings import ROOT, Settings
from redress.base.versions import program_hash
from redress.declared.model import DeclaredReport
from redress.declared.standing import own_sections

if TYPE_CHECKING:
    from redress.narrative.finding import Finding
    from redress.run.context import Context

FIGURES = "figures.arrow"
Rows = list[Mapping[str, Any]]
LAST_BUILD, PRINTED, NONE = "the figures of the last build", "the numbers printed before", "no figures"


def require_sound_words(context: Context, protected: Path) -> None:
    """Raise GateFailed where the words of a report to be published say what its figures do not, or what may not be said.

    Reports that were signed off before stay as they were signed.

    Args:
        context: of the run; gets as warnings what stops nothing.
        protected: the folder of the protected export that this run has made.
    """
    signed = {(record.authority, record.reporting_year) for record in context.signed_before}
    by_slug = {authority.slug: authority for authority in context.chosen}
    reports = [
        report
        for report in context.chosen_declarations
        if (report.authority, report.year) not in signed and any(own_sections(report))
    ]
    if not reports:
        return
    figures = _exported(protected)
    findings: list[Finding] = []
    councils: set[str] = set()
    for report in reports:
        found = _review(report, by_slug[report.authority], _of_report(figures, report), context.settings)
        findings += found
        if any(finding.severity == "error" for finding in found):
            councils.add(report.authority)
    context.warnings += [str(finding) for finding in findings if finding.severity == "warning"]
    refuse(findings, councils)


def check_words(
    settings: Settings, authority: Authority, reports: Iterable[DeclaredReport]
) -> tuple[list[Finding], list[str]]:
    """Return what is wrong with the words of an authority's reports, and for each year what they were held against.

    What was found is kept with a digest of all that it was found from, and told again where that is the same.
    """
    from redress.base import kept
    from redress.narrative.finding import Finding

    own = [report for report in reports if any(own_sections(report))]
    if not own:
        return [], []
    folder, name, question = settings.state / "words", authority.slug, _question(settings, authority, own)
    if question and (answer := kept.read(folder, name, question)):
        return [Finding(**found) for found in answer["findings"]], answer["against"]
    findings, against = _hold_against_figures(settings, authority, own)
    if question and settings.state.is_dir():
        kept.write(
            folder, name, question, {"findings": [asdict(found) for found in findings], "against": against}
        )
    return findings, against


def _hold_against_figures(
    settings: Settings, authority: Authority, reports: Sequence[DeclaredReport]
) -> tuple[list[Finding], list[str]]:
    findings: list[Finding] = []
    against: list[str] = []
    figures = _exported(settings.state / "protected")
    for report in reports:
        rows, says = _of_report(figures, report), LAST_BUILD
        if not rows:
            rows = _printed(authority, report.year)
            says = PRINTED if rows else NONE
        found = _review(report, authority, rows, settings)
        findings += found
        errors = sum(finding.severity == "error" for finding in found)
        against.append(
            f"{report.year}: words held against {says}: {errors} to put right, {len(found) - errors} to look at"
        )
    return findings, against


def _question(settings: Settings, authority: Authority, reports: Sequence[DeclaredReport]) -> str:
    """Return a digest of all that is looked at where words are held against figures, and of the program that looks.

    It is blank where that cannot be told, because a file of the authority's folder cannot be read or is very large.
    """
    from redress.authority.folder import fingerprint

    of_folder = fingerprint(authority.folder, settings.reference)
    if of_folder is None:
        return ""
    files = list(_looked_at(settings))
    key = ""
    # whoever only writes the words need not have the key
    if any(path.suffix == ".parquet" for path in files):
        from redress.intake.pseudonyms import key_mark

        key = key_mark(authority, settings)
    program = program_hash(ROOT, ("redress",))
    digest = hashlib.sha256(f"{of_folder} {key} {program}\n".encode())
    for report in reports:
        digest.update(json.dumps([report.year, report.rows()]).encode())
    for path in files:
        digest.update(f"{path.name} {sha256(path)}\n".encode())
    return digest.hexdigest()


def _looked_at(settings: Settings) -> Iterator[Path]:
    """Yield the files beside an authority's folder and the program that decide what is found of its words."""
    yield from sorted(path for path in settings.reference.rglob("*") if path.is_file())
    yield from sorted((settings.state / "conformed" / "name").rglob("*.parquet"))
    figures = settings.state / "protected" / FIGURES
    if figures.exists():
        yield figures


def refuse(findings: Iterable[Finding], councils: Iterable[str] = ()) -> None:
    """Raise GateFailed with every finding that is an error, of these councils; nothing where there is none."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise GateFailed(
            f"The words of a report cannot be published as they are: {len(errors)} to put right.",
            ", ".join(sorted({finding.owner for finding in errors})),
            [str(finding) for finding in errors],
            councils,
        )


def _review(report: DeclaredReport, authority: Authority, rows: Rows, settings: Settings) -> list[Finding]:
    from redress.narrative.book import Book
    from redress.narrative.review import review

    return review(report, Book(rows, authority, report.year), _names_of(authority, settings))


def _names_of(authority: Authority, settings: Settings) -> Callable[[str], bool]:
    """Return what says whether a text holds a name of the council's extracts; never, where none can be read."""
    from redress.contract.contract import load_contract
    from redress.intake.names import digester
    from redress.intake.pseudonyms import key_for
    from redress.intake.quotes import names_somebody
    from redress.intake.store import Store

    known: Collection[str] = Store(settings.state, load_contract(settings.reference)).names(authority.slug)
    if not known:
        return lambda text: False
    try:
        digest = digester(key_for(authority, settings), authority)
    except RedressError:  # whoever only writes the words need not have the key
        return lambda text: False
    return lambda text: names_somebody(text, known, digest)


def _exported(folder: Path) -> Rows:
    """Return the figures of a protected export; none where there is no export.

    Raises:
        DamagedFile: the export cannot be read.
    """
    from pyarrow import ArrowInvalid

    from redress.publish.open_data import read_stream

    path = folder / FIGURES
    try:
        return read_stream(path).to_pylist() if path.exists() else []
    except (ArrowInvalid, OSError) as problem:
        raise (explained(problem, path) or damaged(path)) from problem


def _of_report(figures: Rows, report: DeclaredReport) -> Rows:
    return [
        row
        for row in figures
        if row["authority"] == report.authority and row["reporting_year"] == report.year
    ]


def _printed(authority: Authority, year: str) -> Rows:
    """Return the numbers that a council printed of a year, as figures."""
    return [
        {
            "measure": row["figure_measure"],
            "breakdown": row["figure_breakdown"],
            "period": row["figure_period"],
            "value": row["value"] if _is_number(row["value"]) else None,
            "unit": row["unit"],
            "status": "prior" if _is_number(row["value"]) else "not_available",
        }
        for row in authority.published.get(year, ())
        if row["figure_measure"]
    ]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
