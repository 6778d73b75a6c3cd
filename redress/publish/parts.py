"""The parts of the website: one for each council, and one of the pages about all reports.

A part is made of the rows that its pages may read (`batches`), by the program that renders and the code of this package.
Where all these are those of an earlier run, so would be every byte: what was made then is used again, with what was read of
its pages.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from redress.declared.model import DeclaredReport
from redress.protect.streams import write_stream
from redress.publish import batches, open_data, page_tables, program, whole_report
from redress.publish.cover import cover_of
from redress.publish.kept import Kept, Result, code_digest, files_digest, question_of
from redress.publish.pages import Read, keep, relative_files
from redress.publish.parallel import side_by_side

LOGOS = "logos"
"""Below the site's root: the councils' logos, as `<authority>.<kind>`."""


@dataclass(frozen=True)
class Part:
    """The pages and files of one council, or those that are about all reports.

    Attributes:
        council: whose they are; None for those about all.
        batch: the rows that its pages may read, as `batches.write_batches` says it.
        question: of all that the part depends on.
        kept: what an earlier run made of the same; None where the part has to be made.
    """

    council: str | None
    batch: dict
    question: str
    kept: Result | None

    def pages(self) -> dict[str, Read]:
        """Return what the pages of a part that was kept are judged by; only pages without faults are kept."""
        pages = self.kept.notes["pages"] if self.kept else {}
        return {name: Read(page["links"], set(page["anchors"]), []) for name, page in pages.items()}


@dataclass
class Made:
    """What was made in this run.

    Attributes:
        files: the paths of the files of each part, from the site's root.
        downloads: rows of `open_data.FILES`, of each part.
        documents: questions of the documents of each part.
    """

    files: dict[str | None, set[str]] = field(default_factory=dict)
    downloads: dict[str | None, list[dict]] = field(default_factory=dict)
    documents: dict[str | None, list[str]] = field(default_factory=dict)

    def pages(self) -> list[str]:
        """Return the pages among the files."""
        return sorted(name for files in self.files.values() for name in files if name.endswith(".html"))


def parts_of_site(protected_dir: Path, data: Path, compiled: Result, kept: Kept) -> list[Part]:
    """Write the rows of each part, and find which parts were made of the same before.

    Args:
        protected_dir: the folder of Arrow streams that `redress.protect.export` wrote.
        data: a new folder, for `batches.write_batches`.
        compiled: the program that renders.
        kept: the parts of earlier runs.

    Returns:
        The parts, the most work first.
    """
    listed = batches.write_batches(protected_dir, data)
    chromium = whole_report.find_chromium()
    version = whole_report.chromium_version(chromium) if chromium else ""
    makers = [compiled.question, code_digest(), version]
    shared = files_digest(data, (batches.SITE, batches.COUNCILS))
    parts = []
    for batch in listed:
        # The pages about all reports tell of everything that is there.
        rows = files_digest(data / batch["folder"]) if batch["council"] else files_digest(data)
        question = question_of("part", batch["council"] or "", *makers, shared, rows)
        parts.append(Part(batch["council"], batch, question, kept.find(question)))
    return parts


def make_parts(
    parts: Collection[Part],
    protected_dir: Path,
    project: Path,
    compiled: Result,
    work: Path,
    site: Path,
    kept: Kept,
) -> Made:
    """Make the parts that were not kept.

    Args:
        parts: all parts of the site.
        protected_dir: see `parts_of_site`.
        project: the Evidence project, for its packages.
        compiled: the program that renders.
        work: the folder with the rows of the parts in `data`; what is made on the way is left in it.
        site: a new folder, for the finished parts.
        kept: the documents of earlier runs.

    Raises:
        GateFailed: a query or a page is wrong, or a report could not be printed.
    """
    waiting = [part for part in parts if part.kept is None]
    councils = {part.council for part in waiting}
    made = Made()
    program.set_up(compiled, project, work)
    # Beside the pages until they are built: a build that fails leaves nothing in the site's folder.
    made.downloads = _write_open_data(protected_dir, work, parts)
    write_logos(protected_dir, work / "build" / LOGOS)
    batches.write_list(
        work / "data", [part.batch for part in waiting], [part.council for part in parts if part.council]
    )
    # A process takes as long to start as to render a hundred pages: the pages about all reports get none of their own.
    processes = min(side_by_side(), max(1, len(waiting) - 1))
    program.render(work, sum(len(part.batch["reports"]) for part in waiting), processes)
    used = keep(work / "build", site)
    shutil.copytree(work / "open", site, dirs_exist_ok=True)
    made.documents = finish(protected_dir, site, councils, kept)
    made.files = _files_by_part(site, used, councils)
    return made


def _write_open_data(
    protected_dir: Path, work: Path, parts: Collection[Part]
) -> dict[str | None, list[dict]]:
    """Write the open data of the parts to be made, and the table `downloads` that their pages read; return its rows by part."""
    waiting = {part.council for part in parts if part.kept is None}
    files: dict[str | None, list[dict]] = {
        part.council: list(part.kept.notes["downloads"]) if part.kept else [] for part in parts
    }
    for row in open_data.write_open_data(protected_dir, work / "open", waiting).to_pylist():
        files[row["authority"]].append(row)
    for part in parts:
        if part.kept is None:
            rows = files[part.council] if part.council else [row for rows in files.values() for row in rows]
            table = pa.Table.from_pylist(rows, schema=open_data.FILES)
            write_stream(table, work / "data" / part.batch["folder"] / "downloads.arrow")
    return files


def finish(
    protected_dir: Path, site: Path, councils: Collection[str | None], kept: Kept | None = None
) -> dict[str | None, list[str]]:
    """Make what is made from the finished pages: each report in one file, the files of their tables, data about data.

    Args:
        protected_dir: the protected export, for the names of the reports.
        site: the folder of the pages; changed in place.
        councils: whose pages are there.
        kept: the documents of earlier runs.

    Returns:
        The questions of the documents of each council.

    Raises:
        GateFailed: a report could not be printed.
    """
    reports = open_data.read_stream(protected_dir / "reports.arrow").to_pylist()
    folders = {
        f"{row['authority']}/{row['reporting_year']}": row for row in reports if row["authority"] in councils
    }
    pages = rows_of_pages(protected_dir)
    papers = {folder: _paper(row, pages.get(folder, [])) for folder, row in folders.items()}
    written = whole_report.write_whole_reports(site, papers, kept)
    for folder in folders:
        _describe_data(site / folder / open_data.FOLDER)
    about = {folder: open_data.cover(row) for folder, row in folders.items()}
    page_tables.add_downloads(site, about, whole_report.FOLDER)
    documents: dict[str | None, list[str]] = {}
    for folder, questions in written.items():
        documents.setdefault(folders[folder]["authority"], []).extend(questions)
    return documents


def _files_by_part(
    site: Path, used: Mapping[str, Iterable[str]], councils: Collection[str | None]
) -> dict[str | None, set[str]]:
    """Return which files belong to which of the parts that were made; one that several use belongs to each.

    Args:
        site: the folder, with nothing but these parts.
        used: of each page the files that it fetches.
        councils: whose parts were made.
    """
    files: dict[str | None, set[str]] = {council: set() for council in councils}

    def part(name: str) -> str | None:
        first = name.split("/")[0]
        return first if first in councils else None

    fetched = set().union(*used.values())
    for name in relative_files(site):
        if name not in fetched:
            files[part(name)].add(name)
    for page, names in used.items():
        files[part(page)].update(names)
    return files


def keep_parts(kept: Kept, parts: Iterable[Part], site: Path, made: Made, read: Mapping[str, Read]) -> None:
    """Keep the parts that were made in this run, and forget those that the site does not consist of any more.

    Args:
        kept: where they are kept.
        parts: all parts of the site.
        site: the finished site.
        made: what was made.
        read: what each page is judged by.
    """
    for part in parts:
        if part.kept is None:
            names = made.files[part.council]
            pages = {
                name: {"links": read[name].links, "anchors": sorted(read[name].anchors)}
                for name in sorted(names & read.keys())
            }
            notes = {"pages": pages, "downloads": made.downloads[part.council]}
            kept.keep(part.question, site, names, notes, made.documents.get(part.council, ()))
    kept.forget_others()


def write_logos(protected_dir: Path, folder: Path) -> None:
    """Write the logos of the export as `<authority>.<kind>`, for pages to show."""
    for row in open_data.read_stream(protected_dir / "reports.arrow").to_pylist():
        if row.get("logo"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{row['authority']}.{row['logo_kind']}").write_bytes(base64.b64decode(row["logo"]))


def _describe_data(folder: Path) -> None:
    """Put the schema.org description of a report's data into the head of the page that offers them."""
    page = folder / "index.html"
    content = (folder / "dataset.json").read_text(encoding="utf-8").replace("<", "\\u003c")
    html = page.read_text(encoding="utf-8")
    block = f'<script type="application/ld+json">{content}</script>\n\t</head>'
    page.write_text(html.replace("</head>", block, 1), encoding="utf-8")


def declared_pages(protected_dir: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the declared pages of each report (`authority/year`): place below its folder and title, in their order."""
    return {folder: _places(rows) for folder, rows in rows_of_pages(protected_dir).items()}


def _places(pages: Iterable[dict]) -> list[tuple[str, str]]:
    return [(f"{row['page']}/" if row["page"] else "", row["title"]) for row in pages]


def rows_of_pages(protected_dir: Path) -> dict[str, list[dict]]:
    """Return the rows of each report (`authority/year`) in the table `pages`, in their order."""
    pages: dict[str, list[dict]] = {}
    for row in open_data.read_stream(protected_dir / "pages.arrow").sort_by("position").to_pylist():
        pages.setdefault(f"{row['authority']}/{row['reporting_year']}", []).append(row)
    return pages


def _paper(report: dict, pages: list[dict]) -> whole_report.Paper:
    """Return what the documents of a report are made of."""
    declared = DeclaredReport.from_rows(report["authority"], report["reporting_year"], pages)
    return whole_report.Paper(_places(pages), cover_of(report, pages), declared)
