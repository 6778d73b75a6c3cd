"""The pages of an evidence pack: HTML that opens from the folder, without script and without a network.

`index.html` says what the report rests on; `measures/<measure>.html` has every figure of a measure and the checks that
it stands in; `cases/<measure>.html` the cases in its numerator and denominator, and what was left out and why. All
that lists cases is in `cases/`, so that a retention rule can remove that folder and leave the proofs. Written with plain string
functions: a report has tens of thousands of figures, and a template engine takes ten times as long.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

STYLE = """
:root { --ink: #0b0c0c; --quiet: #484f55; --line: #b1b4b6; --link: #1a4f7f; --cream: #fff4d6; --focus: #ffdd00; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff; font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, Arial, sans-serif; }
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 0 1rem; }
.skip { position: absolute; left: -999rem; } .skip:focus { position: static; display: block; padding: .75rem 1rem; }
a { color: var(--link); } :focus-visible { outline: 3px solid var(--focus); outline-offset: 0; box-shadow: 0 0 0 5px var(--ink); }
.restricted { background: var(--cream); border: 1px solid var(--line); padding: .5rem 1rem; margin: 1rem 0; font-weight: 600; }
.wide { overflow-x: auto; margin: 1rem 0; } table { border-collapse: collapse; min-width: 20rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); }
td.n { text-align: right; font-variant-numeric: tabular-nums; } dt { font-weight: 600; } dd { margin: 0 0 .5rem 0; }
.cases { font-family: ui-monospace, monospace; font-size: .8125rem; overflow-wrap: anywhere; color: var(--quiet); }
section.set { border-top: 1px solid var(--line); padding: .25rem 0; } section.set h3 { font-size: 1rem; margin: .25rem 0; }
:target { background: var(--cream); }
@media print { .wide { overflow: visible; } a { color: inherit; } }
""".strip()

RESTRICTED = (
    "Restricted: figures are unprotected and cases are listed by pseudonym. For use inside the authority, and by "
    "those entitled to inspect it."
)
FINDING = (
    "Find a figure by its measure below; each has its definition, its rule and legal source, the cases behind it, and "
    'the checks it stands in. The files that these pages are made of are listed in <a href="README.txt">README.txt</a>; '
    'the statements that computed them are in <a href="sql/">sql</a>.'
)
SUBJECTS = {
    "cases": "cases",
    "figures": "other figures",
    "fixed": "a fixed number",
    "unexplained": "NOT EXPLAINED",
}


@dataclass(frozen=True)
class Walk:
    """What the pages show: rows as they stand in the pack's files, for one report."""

    title: str
    state: str
    figures: Sequence[Mapping[str, str]]
    definitions: Sequence[Mapping[str, Any]]
    lineage: Mapping[str, Sequence[Mapping[str, str]]]
    parts: Sequence[tuple]
    members: Sequence[tuple]
    excluded: Sequence[tuple]
    checks: Sequence[Mapping[str, str]]
    checked: Sequence[tuple]
    published: Sequence[Mapping[str, str]]
    suppressed: Sequence[Mapping[str, str]]
    extracts: Sequence[Mapping[str, Any]]
    settings: Sequence[Mapping[str, Any]]
    versions: Sequence[Mapping[str, str]]
    accepted: Sequence[Mapping[str, str]]


def write(pack: Path, walk: Walk) -> int:
    """Write the pages into a pack; returns how many."""
    (pack / "style.css").write_text(STYLE + "\n", encoding="utf-8")
    figures = defaultdict(list)
    for row in walk.figures:
        figures[row["measure"]].append(row)
    view = _View(walk)
    page(pack / "index.html", walk.title, "", _index(walk, view))
    (pack / "measures").mkdir()
    for one in walk.definitions:
        body, cases = _measure(one, figures[one["measure"]], walk, view)
        page(pack / "measures" / f"{one['measure']}.html", f"{one['title']}: {walk.title}", "../", body)
        page(pack / "cases" / f"{one['measure']}.html", f"{one['title']}, cases: {walk.title}", "../", cases)
    return 1 + 2 * len(walk.definitions)


class _View:
    """The pack's rows by figure and by set."""

    def __init__(self, walk: Walk):
        self.parts: dict[str, dict[str, tuple]] = defaultdict(dict)
        for figure, part, *rest in walk.parts:
            self.parts[figure][part] = tuple(rest)
        self.members: dict[str, list[tuple]] = defaultdict(list)
        for set_id, thing, weight in walk.members:
            self.members[set_id].append((thing, weight))
        self.checked = {figure: (lines, failing) for figure, lines, failing in walk.checked}
        self.published: dict[str, list[Mapping]] = defaultdict(list)
        for row in walk.published:
            self.published[row.get("figure_id", "")].append(row)
        self.suppressed = {row.get("figure_id", ""): row for row in walk.suppressed}
        self.measure_of = {row["figure_id"]: row["measure"] for row in walk.figures}
        self.excluded: dict[str, list[tuple]] = defaultdict(list)
        for measure, *rest in walk.excluded:
            self.excluded[measure].append(tuple(rest))

    def is_complete(self, row: Mapping[str, str]) -> bool:
        """Whether every number of a figure is explained."""
        mine = self.parts.get(row["figure_id"], {})
        needed = [part for part in ("numerator", "denominator") if row[part] != ""]
        if row["numerator"] == "" and row["value"] != "":
            needed.append("value")
        return all(part in mine and mine[part][5] == "yes" for part in needed)


def _index(walk: Walk, view: _View) -> str:
    """The first page."""
    verdicts = Counter((row["family"], row["verdict"]) for row in walk.checks)
    families = sorted({family for family, _ in verdicts})
    whole = Counter(row["measure"] for row in walk.figures if view.is_complete(row))
    printed = Counter(row["verdict"] for row in walk.published)
    failing = [row for row in walk.checks if row["verdict"] != "pass"]
    return "".join(
        [
            "<h2>The report</h2><dl>",
            f"<dt>State</dt><dd>{escape(walk.state)}</dd>",
            f"<dt>Figures with complete evidence</dt><dd>{sum(whole.values()):,} of {len(walk.figures):,}</dd>",
            f"<dt>Checks passed</dt><dd>{len(walk.checks) - len(failing):,} of {len(walk.checks):,}</dd>",
            f"</dl><p>{FINDING}</p>",
            table(
                "What was measured",
                ("Measure", "Means", "Source", "Figures", "With complete evidence"),
                (
                    (
                        _link(f"measures/{one['measure']}.html", one["title"]),
                        escape(one["plain_words"]),
                        escape(one["source"]),
                        int(one["figures"]),
                        whole[one["measure"]],
                    )
                    for one in walk.definitions
                ),
            ),
            table(
                "The files it was computed from",
                (
                    "File",
                    "Received",
                    "SHA-256",
                    "Rows",
                    "Conformed",
                    "Set aside",
                    "Status",
                    "In force",
                    "Superseded by",
                ),
                (
                    (
                        escape(str(row["file_name"])),
                        str(row["received_at"])[:16],
                        f'<span class="cases">{row["sha256"]}</span>',
                        row["rows_received"],
                        row["rows_conformed"],
                        row["rows_quarantined"],
                        escape(str(row["status"])),
                        row["in_force"],
                        escape(str(row["superseded_by"] or "")),
                    )
                    for row in walk.extracts
                ),
            ),
            table(
                "Checks, by family",
                ("Family", "Passed", "Failed", "Could not be evaluated"),
                (
                    (
                        escape(family.replace("_", " ")),
                        verdicts[family, "pass"],
                        verdicts[family, "fail"],
                        verdicts[family, "error"],
                    )
                    for family in families
                ),
            ),
            table(
                "Checks that did not pass",
                ("Check", "Statement", "Expected", "Found", "Severity", "Owner"),
                (
                    tuple(
                        escape(row[name])
                        for name in ("check_id", "statement", "expected", "found", "severity", "owner")
                    )
                    for row in failing
                ),
            )
            if failing
            else "<p>Every check passed.</p>",
            table(
                "Accepted faults",
                ("Check", "Reason", "Owner", "Until"),
                (
                    tuple(escape(row.get(name) or "") for name in ("check_id", "reason", "owner", "expires"))
                    for row in walk.accepted
                ),
            )
            if walk.accepted
            else "<p>No fault is accepted.</p>",
            table(
                "Figures printed before, by verdict",
                ("Verdict", "Figures"),
                ((escape(verdict.replace("_", " ")), count) for verdict, count in sorted(printed.items())),
            )
            if printed
            else "",
            f"<p>{len(walk.suppressed):,} figures are withheld from the public: suppression.csv.</p>"
            if walk.suppressed
            else "",
            table(
                "Settings",
                ("Setting", "Value"),
                ((escape(str(row["setting"])), escape(str(row["value"]))) for row in walk.settings),
            ),
            table(
                "Software",
                ("Name", "Version"),
                ((escape(row["name"]), escape(row["version"])) for row in walk.versions),
            ),
        ]
    )


def _measure(
    one: Mapping[str, Any], figures: Sequence[Mapping[str, str]], walk: Walk, view: _View
) -> tuple[str, str]:
    """The page of one measure, and the page of the cases behind it."""
    columns = walk.lineage.get(one["measure"], [])
    out = [
        f'<p><a href="../index.html">All measures</a></p><h2>{escape(one["title"])}</h2><dl>',
        f"<dt>Means</dt><dd>{escape(one['plain_words'])}</dd>" if one["plain_words"] else "",
        f"<dt>Rule</dt><dd>{escape(one['rule'])}</dd>" if one["rule"] else "",
        f"<dt>Source in law or guidance</dt><dd>{escape(one['source'] or 'none given')}</dd>",
        "<dt>Statement</dt><dd>"
        + _link(f"../sql/figures/{one['model']}.sql", f"sql/figures/{one['model']}.sql")
        + "</dd></dl>",
        table(
            "Columns it is made of",
            ("Part", "Column", "From the extracts by way of"),
            (
                (
                    "counted or added up" if row["part"] == "counted" else "decides what counts",
                    escape(f"{row['table']}.{row['column']}"),
                    escape(row["staging"]),
                )
                for row in columns
            ),
        ),
    ]
    sets: dict[str, None] = {}
    rows = []
    for row in figures:
        identifier = row["figure_id"]
        mine = view.parts.get(identifier, {})
        for part in mine.values():
            if part[2]:
                sets.setdefault(part[2])
        numbers = [
            f'<td class="n">{escape(row[name])}</td>' for name in ("numerator", "denominator", "value")
        ]
        rows.append(
            f'<tr id="{escape(identifier)}"><th scope="row">{escape(row["breakdown"] or "all")}</th>'
            f"<td>{escape(row['period'])}</td>{''.join(numbers)}<td>{escape(row['unit'])}</td>"
            f"<td>{_behind(mine, view, one['measure'])}</td><td>{_checks(*view.checked.get(identifier, (0, '')))}</td>"
            f"<td>{_printed(view.published.get(identifier, []))}"
            f"{_withheld(view.suppressed.get(identifier))}</td></tr>"
        )
    out.append(
        _raw_table(
            "Figures",
            (
                "Breakdown",
                "Period",
                "Numerator",
                "Denominator",
                "Value",
                "Unit",
                "Behind it",
                "Checks",
                "Printed before",
            ),
            rows,
        )
    )
    left = Counter((reason, kind) for kind, _, _, reason in view.excluded.get(one["measure"], []))
    if left:
        out.append(
            table(
                "In the data, and in no figure of this measure for the year",
                ("Kind", "Number", "Reason"),
                ((escape(kind), count, escape(reason)) for (reason, kind), count in sorted(left.items())),
            )
        )
    return "".join(out), _case_lists(one, list(sets), view)


def _case_lists(one: Mapping[str, Any], sets: Sequence[str], view: _View) -> str:
    """The page that lists the cases of a measure: those behind its figures, and those in none."""
    place = f"../measures/{one['measure']}.html"
    out = [f"<p>{_link(place, 'The figures of this measure')}</p><h2>Cases behind the figures</h2>"]
    out += [_set(set_id, view.members[set_id]) for set_id in sets]
    left = view.excluded.get(one["measure"], [])
    if left:
        out.append("<h2>In the data, and in no figure of this measure for the year</h2>")
        by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, thing, belongs_to, reason in left:
            by_reason[reason, kind].append(f"{thing} ({belongs_to})" if belongs_to else thing)
        for (reason, kind), things in sorted(by_reason.items()):
            out.append(
                f"<section class='set'><h3>{escape(kind.capitalize())}, {len(things):,}: {escape(reason)}</h3>"
                f"<p class='cases'>{escape(', '.join(things))}</p></section>"
            )
    return "".join(out)


def _behind(parts: Mapping[str, tuple], view: _View, measure: str) -> str:
    """Links to what is behind a figure's numbers."""
    said = []
    for part, (_, basis, set_id, things, total, agrees, figures) in sorted(parts.items(), reverse=True):
        if basis == "figures":
            links = [
                _link(f"{view.measure_of.get(one, '')}.html#{one}", one) for one in figures.split() if one
            ]
            said.append(f"{part}: {', '.join(links) or SUBJECTS[basis]}")
        elif set_id and things:
            place = f"../cases/{measure}.html#set-{set_id}"
            said.append(f'{part}: <a href="{place}">{things:,}, adding up to {_number(total)}</a>')
        else:
            said.append(f"{part}: {'nothing counted' if basis == 'cases' else SUBJECTS.get(basis, basis)}")
        if agrees != "yes":
            said.append("<strong>does not add up</strong>")
    return "; ".join(said)


def _checks(lines: int, failing: str) -> str:
    """How many lines of checks a figure stands in, and those that do not hold."""
    return f"{lines} lines" + (f"; <strong>not held: {escape(failing)}</strong>" if failing else "")


def _printed(rows: Iterable[Mapping[str, str]]) -> str:
    """What was printed before."""
    return "; ".join(
        escape(
            f"{row['published_value']}: {row['verdict'].replace('_', ' ')}"
            + (f". {row['reason']}" if row.get("reason") else "")
        )
        for row in rows
    )


def _withheld(row: Mapping[str, str] | None) -> str:
    """Why a figure is withheld from the public."""
    if not row:
        return ""
    return escape(f" Withheld from the public: {row.get('status', '')} {row.get('reason', '')}".rstrip())


def _set(set_id: str, members: Sequence[tuple]) -> str:
    """One set of cases."""
    total = sum(weight for _, weight in members)
    listed = ", ".join(
        thing if weight == 1 else f"{thing} &times; {_number(weight)}" for thing, weight in members
    )
    return (
        f'<section class="set" id="set-{set_id}"><h3>{len(members):,}, adding up to {_number(total)}</h3>'
        f'<p class="cases">{listed}</p></section>'
        if members
        else ""
    )


def page(path: Path, title: str, up: str, body: str) -> None:
    """One HTML page, with the words that say who may read it; `up` leads to the folder of style.css."""
    path.write_text(
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{up}style.css"></head><body>'
        f'<a class="skip" href="#main">Skip to main content</a><header><h1>{escape(title)}</h1>'
        f'<p class="restricted">{RESTRICTED}</p></header><main id="main">{body}</main></body></html>\n',
        encoding="utf-8",
    )


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table; cells are HTML, whole numbers are aligned."""
    return _raw_table(
        caption,
        columns,
        [
            "<tr>"
            + f'<th scope="row">{row[0]}</th>'
            + "".join(
                f'<td class="n">{cell:,}</td>' if isinstance(cell, int) else f"<td>{cell}</td>"
                for cell in row[1:]
            )
            + "</tr>"
            for row in rows
        ],
    )


def _raw_table(caption: str, columns: Sequence[str], rows: Sequence[str]) -> str:
    """A table of ready rows, in a region that scrolls on a narrow screen."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return (
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>"
        + "\n".join(rows)
        + "</tbody></table></div>"
    )


def _link(place: str, text: str) -> str:
    """A link."""
    return f'<a href="{escape(place)}">{escape(text)}</a>'


def _number(value: float) -> str:
    """A number for people."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.6g}"
