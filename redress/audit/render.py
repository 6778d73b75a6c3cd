"""The result for people: a table in the terminal, a CSV file, a page."""

from __future__ import annotations

import html
from pathlib import Path

from redress.audit.model import FINDING_COLUMNS, SEVERITIES, AuditResult, Row
from redress.base.printable import show_text
from redress.base.tables import write_csv as write_table

HEADINGS = {
    "contradiction": ("These cannot all be true", "At least one of the numbers in each of these is wrong."),
    "rounding": (
        "Rounded in an unusual way",
        (
            "The number follows from the others, but was cut off or rounded to the nearest "
            "half instead of rounded."
        ),
    ),
    "label": (
        "Labels that do not fit",
        "A period, a date or a name that does not exist or does not fit its place.",
    ),
    "cannot_check": (
        "Worth a look",
        "These would be wrong only if something is so that the report does not say.",
    ),
}


def write_csv(result: AuditResult, path: Path) -> None:
    """Findings as CSV with the columns FINDING_COLUMNS."""
    write_table(Path(path), FINDING_COLUMNS, (finding.record() for finding in result.findings))


def summary(result: AuditResult) -> str:
    """Return one sentence on what was checked and what came of it."""
    found = ", ".join(
        f"{len(result.of(severity))} {severity.replace('_', ' ')}"
        for severity in SEVERITIES
        if result.of(severity)
    )
    tied = sum(1 for ties in result.coverage.values() if ties)
    return (
        f"{result.rows} rows, {result.numbers} with a number; {tied} tied to others by at least one relation. "
        f"{sum(result.held.values())} relations hold, {sum(result.failed.values())} do not, "
        f"{sum(result.unchecked.values())} cannot be told. Findings: {found or 'none'}."
    )


def terminal(result: AuditResult, rows: list[Row], name: str) -> None:
    """Print the findings as a table, most severe first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    where = {row.ref: row.locator for row in rows}
    if result.findings:
        table = Table(title=Text(show_text(f"What does not fit in {name}")), show_lines=True, expand=True)
        for heading, ratio in (("", None), ("severity", None), ("what", 3), ("where", 1)):
            table.add_column(heading, ratio=ratio, overflow="fold", vertical="top")
        for finding in result.findings:
            places = list(dict.fromkeys(where.get(ref, "") for ref in finding.refs))
            shown = "; ".join(places[:4]) + (f"; and {len(places) - 4} more" if len(places) > 4 else "")
            told, place = Text(show_text(finding.statement)), Text(show_text(shown))
            table.add_row(show_text(finding.finding_id), finding.severity.replace("_", " "), told, place)
        console.print(table)
    console.print(Text(summary(result)))


def write_page(result: AuditResult, rows: list[Row], name: str, path: Path) -> None:
    """Return a page that stands alone: no script, nothing loaded, readable on a phone and on paper."""
    by_ref = {row.ref: row for row in rows}
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>What does not fit in {html.escape(name)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>What does not fit in {html.escape(name)}</h1>",
        f"<p>{html.escape(_lead(result))}</p>",
    ]
    for severity in SEVERITIES:
        found = result.of(severity)
        if not found:
            continue
        heading, lead = HEADINGS[severity]
        parts += [
            f'<section aria-labelledby="{severity}">',
            f'<h2 id="{severity}">{heading} ({len(found)})</h2>',
            f"<p>{lead}</p>",
        ]
        for finding in found:
            parts += [
                f'<article id="{finding.finding_id}">',
                f"<h3>{finding.finding_id}: {html.escape(finding.family)}</h3>",
                f"<p>{html.escape(finding.statement)}</p>",
                _numbers(finding, by_ref),
                "</article>",
            ]
        parts.append("</section>")
    parts += [_checked(result), "</main>", "</body>", "</html>"]
    Path(path).write_text("\n".join(parts) + "\n", encoding="utf-8")


def _lead(result: AuditResult) -> str:
    if result.contradicts:
        n = len(result.of("contradiction"))
        first = f"{n} {'contradiction was' if n == 1 else 'contradictions were'} found."
    else:
        first = "No contradiction was found."
    return first + " " + summary(result)


def _numbers(finding, by_ref: dict[str, Row]) -> str:
    lines = [
        '<div class="scroll" tabindex="0" role="region" aria-label="The numbers">',
        "<table>",
        f"<caption>The numbers of {finding.finding_id}</caption>",
        "<thead><tr>",
    ]
    lines += [f'<th scope="col">{heading}</th>' for heading in ("Where", "What", "For", "Printed", "Row")]
    lines.append("</tr></thead><tbody>")
    for ref in finding.refs:
        row = by_ref[ref]
        what = row.measure.replace("_", " ")
        inside = row.breakdown.replace("_", " ").replace("=", ": ").replace(";", ", ")
        mark = " <strong>likely error</strong>" if ref == finding.likely else ""
        cells = (row.locator, f"{what} ({inside})" if inside else what, row.period)
        lines.append(
            "<tr>"
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            + f'<td class="number">{html.escape(row.value)} {html.escape(row.unit.replace("_", " "))}{mark}</td>'
            + f"<td>{html.escape(ref)}</td></tr>"
        )
    lines.append("</tbody></table></div>")
    return "".join(lines)


def _checked(result: AuditResult) -> str:
    families = sorted(set(result.held) | set(result.failed) | set(result.unchecked))
    lines = [
        '<section aria-labelledby="checked">',
        '<h2 id="checked">What was checked</h2>',
        "<table>",
        "<caption>Relations between the printed numbers</caption><thead><tr>",
    ]
    lines += [f'<th scope="col">{heading}</th>' for heading in ("Kind", "Hold", "Do not", "Cannot be told")]
    lines.append("</tr></thead><tbody>")
    for family in families:
        counts = (result.held[family], result.failed[family], result.unchecked[family])
        lines.append(
            f'<tr><th scope="row">{html.escape(family)}</th>'
            + "".join(f'<td class="number">{n}</td>' for n in counts)
            + "</tr>"
        )
    untied = sum(1 for ties in result.coverage.values() if not ties)
    lines.append(
        f"</tbody></table><p>{untied} of {result.rows} rows are tied to nothing else that is printed: whether they "
        "are right cannot be told from the report.</p></section>"
    )
    return "".join(lines)


_STYLE = """
:root{color-scheme:light}body{margin:0;font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff}
main{max-width:60rem;margin:0 auto;padding:1rem}h1{font-size:1.6rem;line-height:1.2}h2{margin-top:2.5rem;font-size:1.3rem}
h3{font-size:1.05rem;margin:0 0 .25rem}article{border-left:.3rem solid #8a1538;padding:.25rem 0 .25rem 1rem;margin:1.5rem 0}
p{max-width:45rem;overflow-wrap:anywhere}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
caption{text-align:left;color:#505050;font-size:.9rem}th,td{border-bottom:1px solid #b8b8b8;padding:.3rem .6rem .3rem 0;
text-align:left;vertical-align:top}.number{text-align:right;font-variant-numeric:tabular-nums}
@media print{article{break-inside:avoid}.scroll{overflow:visible}}
""".strip()
