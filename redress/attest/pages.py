"""The pages of an evidence pack: HTML that opens from the folder, needs no script and no network.

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

from redress.attest.words import FOLDER, Words
from redress.contract.breakdown import keys_of
from redress.warehouse.exclusions import NOT_COUNTED, NOT_TOGETHER, OTHER_PERIOD

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
td.n { text-align: right; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.75rem; line-height: 1.2; } .contents { columns: 18rem; padding-left: 1.25rem; }
.part { content-visibility: auto; contain-intrinsic-size: auto 40rem; }
.figures { table-layout: fixed; width: 100%; overflow-wrap: anywhere; } .figures th { width: 32%; font-weight: 400; } .figures th + td, .figures th:nth-child(2) { width: 14%; }
form { border: 1px solid var(--line); padding: .5rem 1rem 1rem; margin: 1rem 0; } label { display: block; font-weight: 600; }
input, button { font: inherit; padding: .375rem .5rem; max-width: 100%; } input { width: 40rem; border: 2px solid var(--ink); }
@media (max-width: 40rem) {
  .figures thead { position: absolute; left: -999rem; } .figures tr { display: block; padding: .25rem 0; border-bottom: 1px solid var(--line); }
  .figures th, .figures td { display: block; width: auto !important; border: 0; padding: .125rem 0; }
} dt { font-weight: 600; } dd { margin: 0 0 .5rem 0; }
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
    "A figure's identity names its page: of <code>{report}-new-complaints-1a2b3c4d</code> it is "
    "<code>measures/new_complaints.html#{report}-new-complaints-1a2b3c4d</code>. Or find it by its measure below: each has "
    "its definition, its rule and legal source, the cases behind it and those left out, and the checks it stands in. "
    'The files that these pages are made of are listed in <a href="README.txt">README.txt</a>; the statements that '
    'computed them are in <a href="sql/">sql</a>.'
)
SHOW_ME = """
<form id="show" hidden><label for="figure">Show me a figure: its identity, or the address of a number on the website</label>
<input id="figure" autocomplete="off" spellcheck="false"> <button>Show</button> <span id="told" role="status"></span></form>
<script>
const show = document.getElementById("show"), prefix = show.parentNode.dataset.report + "-";
show.hidden = false;
show.addEventListener("submit", (event) => {
  event.preventDefault();
  let figure = document.getElementById("figure").value.trim();
  try { figure = decodeURIComponent(figure.slice(figure.indexOf("#") + 1)); } catch { }
  const measure = figure.startsWith(prefix) && /^(.+)-[0-9a-f]{8}$/.exec(figure.slice(prefix.length));
  const page = measure && "measures/" + measure[1].replaceAll("-", "_") + ".html";
  if ([...document.links].some((link) => link.getAttribute("href") === page)) location.href = page + "#" + figure;
  else document.getElementById("told").textContent = "No figure of this report has that identity: it begins with " + prefix;
});
</script>
"""
"""A field that leads from a figure's identity to its row; without script the sentence above it says the same way."""

LEFT_OUT = (
    "Under <em>left out</em>: of the cases that this measure counts anywhere, or might have counted, those that are not in "
    "the figure, by the first thing that parts them from it. {not_counted}: in no figure of the measure for the year. "
    "The list for one figure, with "
    "the reason of each case: <code>redress explain FIGURE --excluded --pack FOLDER</code>, the folder being this one."
)
LEFT_OUT_SHORT = {NOT_COUNTED: "not counted", OTHER_PERIOD: "other period", NOT_TOGETHER: "not all together"}
ROWS_SHOWN = 200
"""Rows of one table: a browser lays out a table of ten thousand rows for half a minute, and short ones as they are seen."""

SUBJECTS = {
    "cases": "cases",
    "figures": "other figures",
    "fixed": "a fixed number",
    "unexplained": "NOT EXPLAINED",
}


@dataclass(frozen=True)
class Walk:
    """What the pages show: rows as they stand in the pack's files, for one report (`<authority>-<year>`)."""

    report: str
    title: str
    state: str
    figures: Sequence[Mapping[str, str]]
    definitions: Sequence[Mapping[str, Any]]
    lineage: Mapping[str, Sequence[Mapping[str, str]]]
    parts: Sequence[tuple[Any, ...]]
    members: Sequence[tuple[Any, ...]]
    excluded: Sequence[tuple[Any, ...]]
    left_out: Sequence[tuple[str, str, int]]
    checks: Sequence[Mapping[str, str]]
    checked: Sequence[tuple[Any, ...]]
    published: Sequence[Mapping[str, str]]
    suppressed: Sequence[Mapping[str, str]]
    extracts: Sequence[Mapping[str, Any]]
    settings: Sequence[Mapping[str, Any]]
    versions: Sequence[Mapping[str, str]]
    to_fix: Sequence[Mapping[str, str]]
    printed: Sequence[Mapping[str, str]]
    accepted: Sequence[Mapping[str, str]]
    words: Words


def write(pack: Path, walk: Walk) -> int:
    """Write the pages into a pack; return how many."""
    (pack / "style.css").write_text(STYLE + "\n", encoding="utf-8")
    figures = defaultdict(list)
    for row in walk.figures:
        figures[row["measure"]].append(row)
    view = _View(walk)
    page(pack / "index.html", walk.title, "", _index(walk, view))
    (pack / "measures").mkdir()
    for definition in walk.definitions:
        body, cases = _measure(definition, figures[definition["measure"]], walk, view)
        page(
            pack / "measures" / f"{definition['measure']}.html",
            f"{definition['title']}: {walk.title}",
            "../",
            body,
        )
        page(
            pack / "cases" / f"{definition['measure']}.html",
            f"{definition['title']}, cases: {walk.title}",
            "../",
            cases,
        )
    return 1 + 2 * len(walk.definitions)


class _View:
    """The pack's rows by figure and by set."""

    def __init__(self, walk: Walk):
        self.parts: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for figure, part, *rest in walk.parts:
            self.parts[figure][part] = tuple(rest)
        self.members: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for set_id, thing, weight in walk.members:
            self.members[set_id].append((thing, weight))
        self.checked = {figure: (lines, failing) for figure, lines, failing in walk.checked}
        self.published: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in walk.published:
            self.published[row.get("figure_id", "")].append(row)
        self.suppressed = {row.get("figure_id", ""): row for row in walk.suppressed}
        self.measure_of = {row["figure_id"]: row["measure"] for row in walk.figures}
        self.excluded: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for measure, *rest in walk.excluded:
            self.excluded[measure].append(tuple(rest))
        self.left_out: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for figure, reason, things in walk.left_out:
            self.left_out[figure].append((reason, things))

    def is_complete(self, row: Mapping[str, str]) -> bool:
        """Return whether every number of a figure is explained."""
        mine = self.parts.get(row["figure_id"], {})
        needed = [part for part in ("numerator", "denominator") if row[part] != ""]
        if row["numerator"] == "" and row["value"] != "":
            needed.append("value")
        return all(part in mine and mine[part][5] == "yes" for part in needed)


def _index(walk: Walk, view: _View) -> str:
    """Return the first page."""
    whole = Counter(row["measure"] for row in walk.figures if view.is_complete(row))
    return "".join(
        [
            *_report(walk, sum(whole.values())),
            _measures(walk, whole),
            _files(walk),
            *_checks_made(walk),
            *_printed_before(walk),
            _words(walk),
            f'<p>{len(walk.suppressed):,} figures are withheld from the public: <a href="suppression.csv.gz">suppression.csv.gz</a>.</p>'
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


def _report(walk: Walk, complete: int) -> list[str]:
    """Return the section on the report: its state, how much of it is proved, a field that leads to a figure."""
    passed = sum(row["verdict"] == "pass" for row in walk.checks)
    return [
        "<h2>The report</h2><dl>",
        f"<dt>State</dt><dd>{escape(walk.state)}</dd>",
        f"<dt>Figures with complete evidence</dt><dd>{complete:,} of {len(walk.figures):,}</dd>",
        f"<dt>Checks passed</dt><dd>{passed:,} of {len(walk.checks):,}</dd>",
        f'</dl><div data-report="{escape(walk.report)}"><p>{FINDING.format(report=escape(walk.report))}</p>{SHOW_ME}</div>',
    ]


def _measures(walk: Walk, complete: Mapping[str, int]) -> str:
    """Return the table of measures, each with how many of its figures have complete evidence."""
    return table(
        "What was measured",
        ("Measure", "Means", "Source", "Figures", "With complete evidence"),
        (
            (
                _link(f"measures/{definition['measure']}.html", definition["title"]),
                escape(definition["plain_words"]),
                escape(definition["source"]),
                int(definition["figures"]),
                complete[definition["measure"]],
            )
            for definition in walk.definitions
        ),
    )


def _files(walk: Walk) -> str:
    """Return the table of files received."""
    headings = ("File", "Received", "SHA-256", "Rows", "Conformed", "Set aside", "Status", "In force")
    return table(
        "The files it was computed from",
        (*headings, "Superseded by"),
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
    )


def _checks_made(walk: Walk) -> list[str]:
    """Return the sections on checks: how many passed, those that did not, the faults that are accepted."""
    verdicts = Counter((row["family"], row["verdict"]) for row in walk.checks)
    failing = [row for row in walk.checks if row["verdict"] != "pass"]
    put_right = {row["check_id"]: row for row in walk.to_fix}
    shown = ("check_id", "statement", "expected", "found", "severity", "owner")
    return [
        table(
            "Checks, by family",
            ("Family", "Passed", "Failed", "Could not be evaluated"),
            (
                (
                    escape(family.replace("_", " ")),
                    *(verdicts[family, verdict] for verdict in ("pass", "fail", "error")),
                )
                for family in sorted({family for family, _ in verdicts})
            ),
        ),
        table(
            "Checks that did not pass",
            ("Check", "Statement", "Expected", "Found", "Severity", "Owner", "What to do", "Since"),
            (
                (
                    *(escape(row[name]) for name in shown),
                    escape(put_right.get(row["check_id"], {}).get("to_do", "")),
                    escape(put_right.get(row["check_id"], {}).get("failing_since", "")),
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
    ]


def _printed_before(walk: Walk) -> list[str]:
    """Return the sections on what the council printed: how much is reproduced, and what cannot be true in it."""
    verdicts = Counter(row["verdict"] for row in walk.published)
    contradictions = [row for row in walk.printed if row["severity"] == "contradiction"]
    shown = ("finding_id", "refs", "statement", "expected", "found")
    sections = []
    if verdicts:
        sections.append(
            table(
                "Figures printed before, by verdict",
                ("Verdict", "Figures"),
                ((escape(verdict.replace("_", " ")), count) for verdict, count in sorted(verdicts.items())),
            )
        )
    if contradictions:
        sections.append(
            table(
                "What cannot be true in the report as it was printed",
                ("Finding", "Rows", "Statement", "Expected", "Found"),
                (tuple(escape(row[name]) for name in shown) for row in contradictions),
            )
        )
    return sections


def _words(walk: Walk) -> str:
    """Return the table of the council's own words: who wrote and approved them, how many numbers are bound to figures."""
    if not walk.words.sections:
        return "<p>The report has no words of the council's own.</p>"
    bound = Counter(row["section"] for row in walk.words.bound)
    headings = ("Section", "Source", "Author", "Approved by", "Approved on", "Numbers bound")
    return (
        table(
            "The council's own words",
            headings,
            (
                (
                    escape(section["title"] or section["section"]),
                    _link(f"{FOLDER}/{section['file']}", section["file"]),
                    escape(section["author"] or "not said"),
                    escape(section["approved_by"] or "not approved yet"),
                    escape(section["approved_on"]),
                    bound[section["section"]],
                )
                for section in walk.words.sections
            ),
        )
        + '<p>Which figure each number is bound to: <a href="bound_numbers.csv">bound_numbers.csv</a>.</p>'
    )


def _measure(
    definition: Mapping[str, Any], figures: Sequence[Mapping[str, str]], walk: Walk, view: _View
) -> tuple[str, str]:
    """Return the page of one measure, and the page of the cases behind it."""
    measure = definition["measure"]
    body = _definition(definition, walk.lineage.get(measure, []))
    if any(row["figure_id"] in view.left_out for row in figures):
        place = f"../cases/{measure}.html#left-out"
        named = _link(place, "Not counted") if view.excluded.get(measure) else "Not counted"
        body.append(f"<p>{LEFT_OUT.format(not_counted=named)}</p>")
    rows: dict[str, list[str]] = defaultdict(list)
    for row in figures:
        keys = ", ".join(keys_of(row["breakdown"]))
        rows[keys].append(_figure(row, view, measure))
    body += _by_breakdown(rows)
    left = Counter((reason, kind) for kind, _, _, reason in view.excluded.get(measure, []))
    if left:
        body.append(
            table(
                "In the data, and in no figure of this measure for the year",
                ("Kind", "Number", "Reason"),
                ((escape(kind), count, escape(reason)) for (reason, kind), count in sorted(left.items())),
            )
        )
    sets = dict.fromkeys(
        part[2] for row in figures for part in view.parts.get(row["figure_id"], {}).values() if part[2]
    )
    return "".join(body), _case_lists(definition, list(sets), view)


def _definition(definition: Mapping[str, Any], columns: Sequence[Mapping[str, str]]) -> list[str]:
    """Return the section on what a measure means, and the columns that it is made of."""
    place = f"sql/figures/{definition['model']}.sql"
    return [
        f'<p><a href="../index.html">All measures</a></p><h2>{escape(definition["title"])}</h2><dl>',
        f"<dt>Means</dt><dd>{escape(definition['plain_words'])}</dd>" if definition["plain_words"] else "",
        f"<dt>Rule</dt><dd>{escape(definition['rule'])}</dd>" if definition["rule"] else "",
        f"<dt>Source in law or guidance</dt><dd>{escape(definition['source'] or 'none given')}</dd>",
        f"<dt>Statement</dt><dd>{_link(f'../{place}', place)}</dd></dl>",
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


def _figure(row: Mapping[str, str], view: _View, measure: str) -> str:
    """Return the table row of a figure: its number, what is behind it, what it leaves out, the checks on it."""
    identifier = row["figure_id"]
    return (
        f'<tr id="{escape(identifier)}"><th scope="row">{escape(row["breakdown"].replace(";", "; ") or "all")}'
        f"<br>{escape(row['period'])}</th><td>{escape(_said(row))}</td>"
        f"<td>{_behind(view.parts.get(identifier, {}), view, measure)}</td>"
        f"<td>{_left_out(view.left_out.get(identifier, []))}</td>"
        f"<td>{_checks(*view.checked.get(identifier, (0, '')))}"
        f"{_printed(view.published.get(identifier, []))}{_withheld(view.suppressed.get(identifier))}</td></tr>"
    )


def _by_breakdown(rows: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the tables of a measure's figures, one after another by the kind of breakdown, with a list of them before.

    Args:
        rows: the table rows of the figures, by the keys of their breakdowns.
    """
    headings = {keys: f"By {keys.replace('_', ' ')}" if keys else "In all" for keys in sorted(rows)}
    places = {keys: f"by-{number}" for number, keys in enumerate(headings)}
    contents = [
        f"<li>{_link(f'#{places[keys]}', title)}, {len(rows[keys]):,}</li>"
        for keys, title in headings.items()
    ]
    columns = ("Breakdown and period", "Number", "Behind it", "Left out", "Checks, and what was printed")
    sections = [f"<h3>Figures</h3><ul class='contents'>{''.join(contents)}</ul>"]
    for keys, title in headings.items():
        sections.append(f'<h3 id="{places[keys]}">{escape(title)}</h3>')
        for first in range(0, len(rows[keys]), ROWS_SHOWN):
            part = rows[keys][first : first + ROWS_SHOWN]
            span = f"{title}: {first + 1:,} to {first + len(part):,} of {len(rows[keys]):,}"
            sections.append(f'<section class="part">{_raw_table(span, columns, part, "figures")}</section>')
    return sections


def _case_lists(definition: Mapping[str, Any], sets: Sequence[str], view: _View) -> str:
    """Return the page that lists the cases of a measure: those behind its figures, and those in none."""
    place = f"../measures/{definition['measure']}.html"
    out = [f"<p>{_link(place, 'The figures of this measure')}</p><h2>Cases behind the figures</h2>"]
    out += [_set(set_id, view.members[set_id]) for set_id in sets]
    left = view.excluded.get(definition["measure"], [])
    if left:
        out.append('<h2 id="left-out">In the data, and in no figure of this measure for the year</h2>')
        by_reason: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, thing, belongs_to, reason in left:
            by_reason[reason, kind].append(f"{thing} ({belongs_to})" if belongs_to else thing)
        for (reason, kind), things in sorted(by_reason.items()):
            out.append(
                f"<section class='set'><h3>{escape(kind.capitalize())}, {len(things):,}: {escape(reason)}</h3>"
                f"<p class='cases'>{escape(', '.join(things))}</p></section>"
            )
    return "".join(out)


def _behind(parts: Mapping[str, tuple[Any, ...]], view: _View, measure: str) -> str:
    """Return links to what is behind a figure's numbers."""
    said = []
    for part, (_, basis, set_id, things, total, agrees, figures) in sorted(parts.items(), reverse=True):
        if basis == "figures":
            links = [
                _link(f"{view.measure_of.get(figure, '')}.html#{figure}", figure)
                for figure in figures.split()
                if figure
            ]
            said.append(f"{part}: {', '.join(links) or SUBJECTS[basis]}")
        elif set_id and things:
            counted = f"{things:,}" if total == things else f"{things:,}, adding up to {_number(total)}"
            said.append(f'{part}: <a href="../cases/{measure}.html#set-{set_id}">{counted}</a>')
        else:
            said.append(f"{part}: {'nothing counted' if basis == 'cases' else SUBJECTS.get(basis, basis)}")
        if agrees != "yes":
            said.append("<strong>does not add up</strong>")
    return "; ".join(said)


def _said(row: Mapping[str, str]) -> str:
    """Return a figure's number with what it is made of: `12.5 percent: 3 of 24`."""
    value = f"{row['value'] or 'no value'} {row['unit']}".strip()
    return f"{value}: {row['numerator']} of {row['denominator']}" if row["denominator"] else value


def _left_out(reasons: Sequence[tuple[str, int]]) -> str:
    """Return how many cases of its measure a figure leaves out, by what parts them from it."""
    return "; ".join(f"{escape(LEFT_OUT_SHORT.get(reason, reason))} {things:,}" for reason, things in reasons)


def _checks(lines: int, failing: str) -> str:
    """Return how many lines of checks a figure stands in, and those that do not hold."""
    return f"{lines:,} {'line' if lines == 1 else 'lines'} of checks" + (
        f"; <strong>not held: {escape(failing)}</strong>" if failing else ""
    )


def _printed(rows: Iterable[Mapping[str, str]]) -> str:
    """Return what was printed before."""
    return "".join(
        escape(
            f". Printed as {row['published_value']}: {row['verdict'].replace('_', ' ')}"
            + (f". {row['reason']}" if row.get("reason") else "")
        )
        for row in rows
    )


def _withheld(row: Mapping[str, str] | None) -> str:
    """Return why a figure is withheld from the public."""
    if not row:
        return ""
    status = row.get("status", "").replace("_", " ")
    return escape(f". Withheld from the public ({status}): {row.get('reason', '')}".rstrip(": "))


def _set(set_id: str, members: Sequence[tuple[Any, ...]]) -> str:
    """Return one set of cases."""
    total = sum(weight for _, weight in members)
    listed = ", ".join(
        escape(thing) if weight == 1 else f"{escape(thing)} &times; {_number(weight)}"
        for thing, weight in members
    )
    return (
        f'<section class="set" id="set-{set_id}"><h3>{len(members):,}, adding up to {_number(total)}</h3>'
        f'<p class="cases">{listed}</p></section>'
        if members
        else ""
    )


def page(path: Path, title: str, up: str, body: str) -> None:
    """Write one HTML page, with the words that say who may read it; `up` leads to the folder of style.css."""
    path.write_text(
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{up}style.css"></head><body>'
        f'<a class="skip" href="#main">Skip to main content</a><header><h1>{escape(title)}</h1>'
        f'<p class="restricted">{RESTRICTED}</p></header><main id="main">{body}</main></body></html>\n',
        encoding="utf-8",
    )


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table; cells are HTML, whole numbers are aligned."""
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


def _raw_table(caption: str, columns: Sequence[str], rows: Sequence[str], kind: str = "") -> str:
    """Return a table of ready rows, in a region that scrolls on a narrow screen; `kind` is a class of the style sheet."""
    name = f' class="{kind}"' if kind else ""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return (
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0"><table{name}>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>"
        + "\n".join(rows)
        + "</tbody></table></div>"
    )


def _link(place: str, text: str) -> str:
    """Return a link."""
    return f'<a href="{escape(place)}">{escape(text)}</a>'


def _number(value: float) -> str:
    """Return a number for people."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.6g}"
