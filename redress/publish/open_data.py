"""Open data: the figures of each report as files that a program or a spreadsheet can read.

For a report: every protected figure as CSV, Parquet and an OpenDocument workbook, what each measure means as CSV, a
Frictionless data package that describes them (https://specs.frictionlessdata.io/data-package/) and schema.org Dataset
metadata (https://schema.org/Dataset). For all reports together: CSV, Parquet and a data package.

Everything is read from the protected export. A figure that may not be shown has `[c]` in the value's place in CSV and
ODS, declared as a missing value in the data package, and null in Parquet; its `status` says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from redress.base.tables import write_csv
from redress.publish.page_tables import SHORTHAND
from redress.publish.workbook import MOST_ROWS, Sheet, write_workbook

FOLDER = "data"
"""Below a report's folder, and below the site's root: the open data."""

FIELDS: dict[str, tuple[str, str]] = {
    "authority": ("string", "The council, as in the addresses of its pages."),
    "reporting_year": ("string", "The report that the figure belongs to, 1 April to 31 March."),
    "as_at": ("string", "The day whose knowledge the figure is counted from."),
    "figure_id": ("string", "The figure's stable name; its row on the website has it as its anchor."),
    "measure": ("string", "What is counted, as a name; the measures file says what it means."),
    "title": ("string", "The measure in words."),
    "breakdown": ("string", "What the figure is narrowed to: `key=value;key=value`, keys sorted; empty for the total."),
    "period": ("string", "The year, quarter or month measured, such as 2023-24, 2023-24-Q1 or 2023-04."),
    "numerator": ("number", "What was counted or summed."),
    "denominator": ("number", "What it is a part of, in shares, rates, averages and changes."),
    "value": ("number", "The figure, not rounded; percentages lie between 0 and 100, changes may lie outside."),
    "unit": ("string", "What one is: complaints, issues, percent, working_days, gbp and so on."),
    "rule": ("string", "The counting rule."),
    "status": ("string", "How the figure stands: computed, prior (as published then), revised (since it was signed off), suppressed and so on."),
}  # fmt: skip
"""Columns of the figures file: type in the data package, and meaning."""

_MEASURES = ("measure", "title", "plain_words", "unit", "rule", "source")
_NUMBERS = ("numerator", "denominator", "value")
_ROWS_AT_ONCE = 50_000
"""Of all reports together: as Python's own numbers and texts, a million rows would take gigabytes."""
_SIGN = {"suppressed": "[c]", "confidential": "[c]", "not_applicable": "[z]", "not_available": "[x]"}
_MEDIA = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".json": "application/json",
}
FILES = pa.schema(
    [
        ("authority", pa.string()),
        ("reporting_year", pa.string()),
        ("file", pa.string()),
        ("format", pa.string()),
    ]
    + [("bytes", pa.int64()), ("rows", pa.int64())]
)
"""One row per file, for the pages that offer them; no authority for the files of all reports."""


def write_open_data(protected_dir: Path, target: Path, of: Collection[str | None] | None = None) -> pa.Table:
    """Write the open data of every report and of all together.

    Args:
        protected_dir: the folder of Arrow streams that `redress.protect.export` wrote.
        target: where the site's own folders begin: `<authority>/<year>/data/` and `data/` are made below it.
        of: councils whose reports are written, and None for the files of all together; everything unless given.

    Returns:
        What was written, with the columns of `FILES`.
    """
    reports, figures, catalogue = _read_export(protected_dir)
    written: list[dict[str, Any]] = []
    for report in reports:
        if of is None or report["authority"] in of:
            folder = target / report["authority"] / report["reporting_year"] / FOLDER
            written += _write_report(folder, report, figures, catalogue)
    if of is None or None in of:
        written += _write_all(target / FOLDER, reports, figures, catalogue)
    return pa.Table.from_pylist(written, schema=FILES)


def write_report(protected_dir: Path, folder: Path, authority: str, year: str) -> None:
    """Write the open data of one report into a folder, byte for byte as `write_open_data` does."""
    reports, figures, catalogue = _read_export(protected_dir)
    [report] = [row for row in reports if (row["authority"], row["reporting_year"]) == (authority, year)]
    _write_report(folder, report, figures, catalogue)


def _read_export(protected_dir: Path) -> tuple[list[dict], pa.Table, list[dict]]:
    """The reports, the figures with the columns of `FIELDS`, and the catalogue of an export."""
    figures = read_stream(protected_dir / "figures.arrow")
    catalogue = read_stream(protected_dir / "figure_catalogue.arrow").to_pylist()
    reports = read_stream(protected_dir / "reports.arrow").to_pylist()
    moments = {(row["authority"], row["reporting_year"]): row["as_at"] for row in reports}
    return reports, _selected(figures, moments), catalogue


def read_stream(path: Path) -> pa.Table:
    """A table of the protected export."""
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_stream(file).read_all()


def _selected(figures: pa.Table, moments: dict[tuple[str, str], str]) -> pa.Table:
    """The figures with the columns of `FIELDS`, in that order."""
    keys = zip(figures["authority"].to_pylist(), figures["reporting_year"].to_pylist(), strict=True)
    figures = figures.append_column("as_at", pa.array([moments.get(key) for key in keys], pa.string()))
    return figures.select(list(FIELDS)).replace_schema_metadata(None)


def _write_report(folder: Path, report: dict, figures: pa.Table, catalogue: list[dict]) -> list[dict]:
    folder.mkdir(parents=True, exist_ok=True)
    figures = figures.filter(
        pc.and_(
            pc.equal(figures["authority"], report["authority"]),
            pc.equal(figures["reporting_year"], report["reporting_year"]),
        )
    )
    used = set(figures["measure"].to_pylist())
    measures = [row for row in catalogue if row["measure"] in used]
    title = f"{report['title']}: {report['name']}"
    rows = as_rows(figures)
    _write_csv(folder / "figures.csv", list(FIELDS), rows)
    _write_csv(
        folder / "measures.csv", _MEASURES, ([row.get(c) or "" for c in _MEASURES] for row in measures)
    )
    _write_parquet(folder / "figures.parquet", figures)
    sizes = {"figures.csv": len(rows), "measures.csv": len(measures), "figures.parquet": len(rows)}
    if len(rows) < MOST_ROWS - 10:
        write_workbook(
            folder / "figures.ods", title, cover(report), list(SHORTHAND.items()), _sheets(rows, measures)
        )
        sizes["figures.ods"] = len(rows)
    described = _described(folder, sizes)
    package = _package(
        f"{report['authority']}-{report['reporting_year']}", title, described, [_licence(report)]
    )
    package["temporal"] = {"start": report["period_start"], "end": report["period_end"]}
    package["version"] = report["as_at"]
    _write_json(folder / "datapackage.json", package)
    _write_json(folder / "dataset.json", dataset(report, described))
    place = {"authority": report["authority"], "reporting_year": report["reporting_year"]}
    return [place | row for row in _listed(folder, sizes)]


def _write_all(folder: Path, reports: list[dict], figures: pa.Table, catalogue: list[dict]) -> list[dict]:
    folder.mkdir(parents=True, exist_ok=True)
    pieces = (figures.slice(start, _ROWS_AT_ONCE) for start in range(0, len(figures), _ROWS_AT_ONCE))
    _write_csv(folder / "figures.csv", list(FIELDS), (row for piece in pieces for row in as_rows(piece)))
    _write_csv(
        folder / "measures.csv", _MEASURES, ([row.get(c) or "" for c in _MEASURES] for row in catalogue)
    )
    _write_parquet(folder / "figures.parquet", figures)
    sizes = {"figures.csv": len(figures), "measures.csv": len(catalogue), "figures.parquet": len(figures)}
    title = "Complaints and compliments about children's services: every figure of every report"
    _write_json(
        folder / "datapackage.json",
        _package("complaints-reports", title, _described(folder, sizes), _distinct(map(_licence, reports))),
    )
    place = {"authority": None, "reporting_year": None}
    return [place | row for row in _listed(folder, sizes)]


def as_rows(figures: pa.Table) -> list[list[Any]]:
    """Figures as the rows of a file: a number that is not shown, or not there, as its sign; whole numbers whole."""
    columns = {name: figures[name].to_pylist() for name in FIELDS}
    status = columns["status"]
    for name in _NUMBERS:
        nothing = "[z]" if name == "denominator" else "[x]"
        columns[name] = [
            _SIGN.get(state, nothing) if value is None else int(value) if float(value).is_integer() else value
            for value, state in zip(columns[name], status, strict=True)
        ]
    return [list(row) for row in zip(*columns.values(), strict=True)]


def cover(report: dict) -> list[str]:
    """The sentences of a workbook's cover: what, of when, by whom."""
    lines = [
        f"{report['name']}, {report['period_start']} to {report['period_end']}.",
        f"Counted from what was known on {report['as_at']}.",
    ]
    if report.get("is_synthetic"):
        lines.append(
            "Made-up cases: made so that counting them gives what the council printed. No real person is in them."
        )
    lines += [f"Published {report['published_on']}."] if report.get("published_on") else []
    lines += [f"Next release: {report['next_release']}."] if report.get("next_release") else []
    lines += [f"Contact: {report['contact']}."] if report.get("contact") else []
    return [*lines, f"Licence: {_licence(report)['title']}."]


def _licence(report: dict) -> dict[str, str]:
    """The licence of a report's data, as a data package names it."""
    return {"title": report["licence_title"], "path": report["licence_path"]}


def _distinct(licences: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [dict(pairs) for pairs in sorted({tuple(sorted(one.items())) for one in licences})]


def _sheets(rows: list[list[Any]], measures: list[dict]) -> list[Sheet]:
    return [
        Sheet(
            "Figures",
            "Every figure of the report",
            list(FIELDS),
            ([("all" if c == "" else c) for c in row] for row in rows),
            ["One row for each figure. Shorthand in the numbers is explained on the sheet Notes."],
        ),
        Sheet(
            "Measures",
            "What each measure counts",
            _MEASURES,
            [[row.get(column) or "[z]" for column in _MEASURES] for row in measures],
        ),
        Sheet("Columns", "What each column of the figures holds", ("column", "type", "meaning"),
              [[name, kind, meaning] for name, (kind, meaning) in FIELDS.items()]),
    ]  # fmt: skip


def _described(folder: Path, sizes: dict[str, int]) -> list[dict[str, Any]]:
    """The files as resources of a data package."""
    resources = []
    for name in sizes:
        content = (folder / name).read_bytes()
        stem, ending = name.split(".")
        resource: dict[str, Any] = {
            "name": stem if ending == "csv" else f"{stem}-{ending}",
            "path": name,
            "format": ending,
            "mediatype": _MEDIA[f".{ending}"],
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        if ending == "csv":
            resource |= {
                "type": "table",
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": _schema(stem),
            }
        else:  # the same rows in another format, described by the CSV's schema
            resource |= {"type": "file", "profile": "data-resource"}
        resources.append(resource)
    return resources


def _schema(stem: str) -> dict[str, Any]:
    """The Table Schema of a CSV file."""
    if stem == "measures":
        fields = [{"name": name, "type": "string"} for name in _MEASURES]
        return {"fields": fields, "primaryKey": ["measure"]}
    fields = [
        {"name": name, "type": kind, "description": meaning}
        | (
            {"constraints": {"required": True}}
            if name in ("authority", "figure_id", "measure", "status")
            else {}
        )
        for name, (kind, meaning) in FIELDS.items()
    ]
    return {
        "fields": fields,
        "primaryKey": ["figure_id"],
        "missingValues": ["", "[c]", "[x]", "[z]"],
        "foreignKeys": [
            {"fields": ["measure"], "reference": {"resource": "measures", "fields": ["measure"]}}
        ],
    }


def _package(name: str, title: str, resources: list[dict], licences: list[dict]) -> dict[str, Any]:
    return {
        "profile": "data-package",
        "name": name,
        "title": title,
        "licenses": licences,
        "keywords": ["complaints", "compliments", "children's social care", "Local Government and Social Care Ombudsman"],
        "resources": resources,
    }  # fmt: skip


def dataset(report: dict, resources: Sequence[dict]) -> dict[str, Any]:
    """schema.org Dataset metadata of a report's open data; addresses are relative to its folder."""
    made_up = " The cases are made up." if report.get("is_synthetic") else ""
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"{report['title']}: {report['name']}",
        "description": (
            f"Every figure of the annual report on complaints, representations and compliments about children's services "
            f"of {report['name']}, {report['period_start']} to {report['period_end']}, with how each was counted.{made_up}"
        ),
        "temporalCoverage": f"{report['period_start']}/{report['period_end']}",
        "spatialCoverage": {"@type": "Place", "name": report["name"]},
        "creator": {"@type": "Organization", "name": report["name"]},
        "isAccessibleForFree": True,
        "inLanguage": "en-GB",
        "license": {
            "@type": "CreativeWork",
            "name": _licence(report)["title"],
            "url": _licence(report)["path"],
        },
        "dateModified": report["as_at"],
        **({"datePublished": report["published_on"]} if report.get("published_on") else {}),
        "measurementTechnique": "Counted from cases by published rules, after disclosure control",
        "distribution": [
            {
                "@type": "DataDownload",
                "name": resource["path"],
                "contentUrl": resource["path"],
                "encodingFormat": resource["mediatype"],
                "contentSize": f"{resource['bytes']} B",
                "sha256": resource["hash"].removeprefix("sha256:"),
            }
            for resource in resources
        ],
    }


def _listed(folder: Path, sizes: dict[str, int]) -> list[dict[str, Any]]:
    names = [*sizes, *(file.name for file in sorted(folder.glob("*.json")))]
    return [
        {
            "file": name,
            "format": name.rsplit(".", 1)[1],
            "bytes": (folder / name).stat().st_size,
            "rows": sizes.get(name),
        }
        for name in names
    ]


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    write_csv(path, columns, rows, line_end="\r\n")


def _write_parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, compression="zstd", store_schema=False)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
