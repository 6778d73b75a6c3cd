"""Two invented councils as a protected export, for a site that tests can look at.

`northtown` has a tree of services, issues, an Ombudsman case, earlier years and made-up cases; `eastham` has one
level of services and little else, so that sections are left out; one of its figures is suppressed. Both have a list
that is longer than a page: figures of one measure, and checks and printed numbers.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pyarrow as pa

from redress.authority import licence
from redress.base.settings import ROOT
from redress.declared.faults import ReportFaults
from redress.declared.files import listed_pages, section_files
from redress.declared.language import walk
from redress.declared.load import SHIPPED
from redress.declared.model import DeclaredReport, Page, Section
from redress.declared.parse import parse_sections
from redress.protect.streams import write_stream
from redress.protect.tables import SCHEMAS

YEAR, BEFORE = "2023-24", "2022-23"
REPORTS = (("northtown", YEAR), ("eastham", YEAR))
MANY = 501
PARTS = (
    "",
    "stages/",
    "issues/",
    "learning/",
    "equality/",
    "years/",
    "published/",
    "data-quality/",
    "figures/",
)
PARTS += ("checklist/", "data/", "about/", "revisions/")

QUOTES = (
    "=cmd() and @SUM(A1) were no help; the team was",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt;",
    "{figures} {@html 1+1} {#if} `code` ${params.year} {{ value }}",
    "[link](https://elsewhere.example) **bold** # heading | a | b |",
    "To Infinity, undefined and NaN; id=\u201dtop\u201d href=\u201d/nowhere\u201d url(#x) \\1 $& $1",
    "Thank you – ta’ – merci, très bien",
)
"""What people may write, as the export has it: every page shows it as it is."""

LICENCES = {
    "eastham": licence.Licence(title="A licence of its own", path="https://eastham.example.org/licence")
}
LOOK = {
    "colour": "#5c2d91",
    "logo": base64.b64encode(
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    ).decode(),
    "logo_kind": "svg",
}

SIGNED = {"as_at": "2024-08-31", "state": "revised", "signed_on": "2024-06-10", "revised_on": "2024-09-02"}


class Figures:
    """Figures of one report, written by hand."""

    def __init__(self, authority: str) -> None:
        self.authority = authority
        self.rows: list[dict] = []

    def add(self, measure: str, value: float | None, breakdown: str = "", period: str = YEAR, unit: str = "complaints",
            status: str = "computed", of: tuple[int, int] | None = None) -> None:  # fmt: skip
        digest = hashlib.md5(f"{breakdown}|{period}".encode()).hexdigest()[:8]
        self.rows.append(
            {
                "authority": self.authority, "reporting_year": YEAR, "measure": measure, "breakdown": breakdown,
                "figure_id": f"{self.authority}-{YEAR}-{measure.replace('_', '-')}-{digest}", "period": period,
                "numerator": of[0] if of else value, "denominator": of[1] if of else None, "value": value, "unit": unit,
                "rule": "a rule", "status": status, "title": measure.replace("_", " ").capitalize(),
                "plain_words": "What it counts.",
            }
        )  # fmt: skip

    def share(self, measure: str, part: int, whole: int, breakdown: str = "", period: str = YEAR) -> None:
        self.add(measure, 100 * part / whole, breakdown, period, "percent", of=(part, whole))


def northtown() -> list[dict]:
    figures = Figures("northtown")
    add, share = figures.add, figures.share
    for breakdown, now, last in (("", 8, 6), ("service=care", 6, 6), ("service=schools", 3, 0)):
        add("new_complaints", now, breakdown)
        add("new_complaints", last, breakdown, BEFORE, status="prior")
        add("new_complaints_change", now - last, breakdown)
        if last:
            share("new_complaints_change_pct", now - last, last, breakdown)
        else:
            add("new_complaints_change_pct", None, breakdown, unit="percent", status="not_available")
    for quarter, count in zip(("Q1", "Q2", "Q3", "Q4"), (1, 2, 0, 5), strict=True):
        add("new_complaints", count, period=f"{YEAR}-{quarter}")
    for service, count in (("Fostering & Adoption", 4), ("Duty Team", 3), ("Transport", 3)):
        add("new_complaints", count, f"service={service}")
        add("issues_raised", count * 2, f"service={service}", unit="issues")
    for measure, value in (("part_sum", 9), ("overlap", 1), ("in_several", 1)):
        add(f"new_complaints_{measure}", value, "by=service_area")
    for procedure, count in (("statutory", 5), ("corporate", 3)):
        add("new_complaints", count, f"procedure={procedure}")
        add("new_complaints", count, f"procedure={procedure};service=care")
    for channel, count in (("Email", 7), ("Letter", 1)):
        add("new_complaints", count, f"channel={channel}")
        share("new_complaints_share", count, 8, f"channel={channel}")
    for row in figures.rows:
        if (row["measure"], row["breakdown"], row["period"]) == ("new_complaints", "service=schools", YEAR):
            row["status"] = "revised"
    add("repeat_complainants", 1, unit="people")
    for word, value in (("agreed", 3), ("done", 1), ("open", 1), ("overdue", 1), ("not_done", 1)):
        for breakdown in ("", "service=not_known"):
            add(f"actions_{word}", value, breakdown, unit="actions")
    at = "procedure=statutory;service=care;stage=1"
    for measure, value in (("brought_forward", 1), ("entered", 5), ("closed", 4), ("carried_forward", 2)):
        add(measure, value, at, unit="stage_episodes")
        add(measure, value, "procedure=statutory;stage=1", unit="stage_episodes")
    add("responses", 4, at, unit="responses")
    for band, count in (("0-10", 1), ("11-20", 2), ("0-20", 3), ("21+", 1)):
        add("responses_in_band", count, f"band={band};{at}", unit="responses")
        share("responses_in_band_share", count, 4, f"band={band};{at}")
    for limit, count in (("standard", 1), ("extended", 3)):
        add(f"responses_within_{limit}", count, at, unit="responses")
        share(f"responses_within_{limit}_share", count, 4, at)
    add("working_days_mean", 14.25, at, unit="working_days", of=(57, 4))
    add("working_days_median", 14, at, unit="working_days", of=(14, 4))
    add("withdrawn", 0, at, unit="stage_episodes")
    for service, categories in (("care", (("Communication", 9), ("Delay", 4), ("Staff attitude", 1))),):
        add("issues_raised", 14, f"service={service}", unit="issues")
        for category, count in categories:
            add("issues_raised", count, f"category={category};service={service}", unit="issues")
        add("issues_answered", 8, f"service={service};stage=1", unit="issues")
        for outcome, count in (("upheld", 2), ("partially_upheld", 1), ("not_upheld", 5)):
            add("issue_outcomes", count, f"outcome={outcome};service={service};stage=1", unit="issues")
            share("issue_outcomes_share", count, 8, f"outcome={outcome};service={service};stage=1")
        share("issues_upheld_or_partly_share", 3, 8, f"service={service};stage=1")
    add("ombudsman_received", 1, unit="matters")
    add("ombudsman_received", 1, "decision=upheld", unit="matters")
    add("ombudsman_remedy_gbp", 1250.5, unit="gbp")
    # More figures than fit on one page.
    for theme in range(45):
        for period in (YEAR, *(f"2023-{month:02}" for month in range(4, 13))):
            add("advice_given", theme, f"theme=Theme {theme:02}", period)
    for breakdown in ("", *(f"theme=Theme {theme:02}" for theme in range(60))):
        add("advice_given", 1, breakdown, BEFORE, status="prior")
    add("compliments", 12, "route=ordinary", unit="compliments")
    add("compliments", 12, "route=ordinary;service=care", unit="compliments")
    return figures.rows


def eastham() -> list[dict]:
    figures = Figures("eastham")
    figures.add("new_complaints", 1)
    figures.add("new_complaints", 1, period=BEFORE, status="prior")
    figures.add("new_complaints_change", 0)
    figures.add("new_complaints", 1, "service=east")
    figures.add("new_complaints", None, "service=west", status="suppressed")
    figures.add("ombudsman_received", 0, unit="matters")
    return figures.rows


WORDS = """---
title: In our own words
---
<!-- a note to whoever writes -->
{% figure "new_complaints" as="Words" noun="complaint" /%} came up to {% date "as_at" /%}: {% top "new_complaints" by="service" /%}.
Northern Care had {% rank "new_complaints" by="service" service="care" /%}, {% held "children" /%} children live here, and
{% literal "two" reason="Posts" /%} officers answer: {% held "mail" /%}.

1. Tell us
   - by letter
   - by telephone
2. Wait

{% quote source="Parent" %}
You listened to **us**.
{% /quote %}
"""
"""A section of a council's own; every council of this world has it at the end of its first page."""
GIVEN = {
    "children": {
        "value": "48,100",
        "source": "Mid-year estimate",
        "as_at": "2022-06-30",
        "address": "",
    },
    "mail": {"value": "us@example.org", "source": "", "as_at": "", "address": "mailto:us@example.org"},
    "as_at": "2024-05-31",
}


def own_words(authority: str) -> Section:
    """The section `WORDS`, with what the council's files say of its tags; northtown wrote it itself, and had it approved."""
    nodes = parse_sections([WORDS])[WORDS]["nodes"]
    for node, _ in walk(nodes):
        if node.get("name") in ("held", "date"):
            node["held" if node["name"] == "held" else "day"] = GIVEN[node["primary"]]
    said = {"author": "Head of service", "approved_by": "The director", "approved_on": "2024-06-08"}
    is_own = authority == "northtown"
    file = f"{authority if is_own else 'shipped'}/report/our-words.md"
    return Section("our-words", "In our own words", file, nodes, **(said if is_own else {}))


def shipped_report(authority: str, year: str) -> DeclaredReport:
    """The default report, as every council has it without any work, and a section of words behind its first page."""
    faults = ReportFaults(ROOT, ROOT)
    (listed, _), files = listed_pages([], ROOT / SHIPPED, faults), section_files([], ROOT / SHIPPED)
    texts = {
        section.name: files[section.name].read_text(encoding="utf-8")
        for page in listed
        for section in page.sections
    }
    parsed = parse_sections(texts.values())
    assert not faults.problems and not [error for section in parsed.values() for error in section["errors"]]
    return DeclaredReport(
        authority,
        year,
        [
            Page(
                "" if page is listed[0] else page.word,
                page.title,
                [
                    Section(name, parsed[texts[name]]["title"], f"{name}.md", parsed[texts[name]]["nodes"])
                    for name in (section.name for section in page.sections)
                ]
                + ([own_words(authority)] if page is listed[0] else []),
            )
            for page in listed
        ],
    )


def comparison(figures: list[dict]) -> list[dict]:
    """Both councils on three measures: one in both, one in one of them, one held back."""
    compared = (
        (1, "Complaints received", "New complaints", "new_complaints", "", {}),
        (2, "Complaints received", "New complaints in the west", "new_complaints", "service=west", {}),
        (
            3, "Time taken", "Answered within the standard limit", "responses_within_standard_share",
            "procedure=statutory;service=care;stage=1",
            {"caveats": "Counted from the day the complaint was received.", "base_caveat": "Of fewer than 20."},
        ),
        (
            4, "Time taken", "Mean time to answer", "working_days_mean", "procedure=statutory;service=care;stage=1",
            {"caveats": "Not every council here counts days this way."},
        ),
    )  # fmt: skip
    known = {(row["authority"], row["measure"], row["breakdown"], row["period"]): row for row in figures}
    rows = []
    for position, section, heading, measure, breakdown, words in compared:
        for authority, year in REPORTS:
            figure = known.get((authority, measure, breakdown, year))
            named = {
                "authority": authority,
                "reporting_year": year,
                "measure": measure,
                "breakdown": breakdown,
            }
            said = {
                "position": position,
                "section": section,
                "heading": heading,
                "plain_words": "What is compared.",
            }
            if figure is None:
                given = {
                    "status": "not_available",
                    "missing_reason": f"{authority.capitalize()} has none of these.",
                }
            else:
                kept = ("figure_id", "numerator", "denominator", "value", "unit", "status")
                given = {name: figure[name] for name in kept} | words
            rows.append(named | said | given)
    return rows


def signed(figures: list[dict]) -> dict[str, list[dict]]:
    """One report signed off and revised once: a figure changed, one went, one is not shown any more, a measure came."""
    report = {"authority": "northtown", "reporting_year": YEAR}
    [revised] = [row for row in figures if row["status"] == "revised"]
    kept = {name: revised[name] for name in ("measure", "title", "breakdown", "period", "unit")}
    changes = [
        kept | {"figure_id": revised["figure_id"], "change": "changed", "was_value": 2.0, "was_status": "computed",
                "is_value": revised["value"], "is_status": "computed", "cause": "Added: complaints."},
        kept | {"figure_id": "gone", "change": "gone", "breakdown": "", "was_value": 8.0, "was_status": "revised",
                "cause": "Taken out: complaints."},
        kept | {"figure_id": "hidden", "change": "hidden", "breakdown": "channel=Phone", "was_value": 6.0,
                "was_status": "computed", "is_status": "suppressed", "cause": "Corrected: complaints."},
        kept | {"measure": "compliments", "title": "Compliments", "breakdown": "", "period": "", "change": "new_measure"},
    ]  # fmt: skip
    return {
        "sign_offs": [
            report | {"number": 1, "signed_on": "2024-06-10", "signed_by": "The director", "as_at": "2024-05-31",
                      "figures_changed": 0},
            report | {"number": 2, "signed_on": "2024-09-02", "signed_by": "The director", "as_at": "2024-08-31",
                      "reason": "Complaints had been entered late", "figures_changed": 3},
        ],
        "revisions": [
            report | {"number": 2, "position": position} | change for position, change in enumerate(changes)
        ],
        "revised_words": [
            report | {"number": 2, "position": position, "page": "", "section": "our-words",
                      "title": "In our own words", "before": before, "after": after}
            for position, (before, after) in enumerate((("Letters wait.\nNobody calls.", "Letters are answered."), (None, "")))
        ],
    }  # fmt: skip


def tables() -> dict[str, list[dict]]:
    """Every table of the protected export."""
    figures = northtown() + eastham()
    measures = sorted({row["measure"] for row in figures})
    reports = [
        {
            "authority": authority, "name": f"{authority.capitalize()} Borough Council", "short_name": authority.capitalize(),
            "reporting_year": year, "period_start": "2023-04-01", "period_end": "2024-03-31", "as_at": "2024-05-31",
            "case_data_from": "2023-04-01", "is_synthetic": authority == "northtown", "title": "Complaints in 2023/24",
            "contact": "The complaints team", "feedback": "Write to us", "published_on": "2024-06-28",
            "next_release": "June 2025", "state": "provisional", **licence.exported(LICENCES.get(authority)),
            **(LOOK | SIGNED if authority == "northtown" else {}),
        }
        for authority, year in REPORTS
    ]  # fmt: skip
    tree = {
        "northtown": [
            ("care", "Children's Care", "service_area", None), ("schools", "Schools", "service_area", None),
            ("Fostering & Adoption", "Fostering & Adoption", "team", "care"), ("Duty Team", "Duty Team", "team", "care"),
            ("Transport", "Transport", "team", "schools"),
        ],
        "eastham": [("east", "East", "locality", None), ("west", "West", "locality", None)],
    }  # fmt: skip
    checks = [
        {
            "check_id": f"c-{i}", "family": "parts_to_total", "authority": "northtown", "reporting_year": YEAR,
            "statement": f"The parts of table {i} add to its total", "expected": "8", "found": "8" if i else "7",
            "verdict": "pass" if i else "fail", "severity": "warn", "owner": "The complaints team",
        }
        for i in range(3)
    ]  # fmt: skip
    checks.append(
        checks[0] | {
            "check_id": "c-known", "statement": "The quarters add to the year. Accepted until 2024-12-31 by Head of service: "
            "One quarter was closed late", "family": "quarters_to_year", "owner": "Head of service",
        }
    )  # fmt: skip
    checks.append(
        checks[1] | {
            "check_id": "c-printed", "authority": "eastham", "family": "figures_equal_published", "expected": "0", "found": "0",
            "statement": "No printed report of 2023-24 is given, so there is no printed number to compare with.",
        }
    )  # fmt: skip
    # More checks and printed numbers than fit on one page.
    checks += [checks[-1] | {"check_id": f"c-many-{i}", "family": "parts_to_total"} for i in range(MANY)]
    kinds = [
        {
            "authority": authority, "reporting_year": YEAR, "position": place, "family": family, "heading": heading,
            "says": "It holds.", "checks": count, "passed": passed, "relations": count * 10, "relations_held": passed * 10,
        }
        for authority, place, family, heading, count, passed in (
            ("northtown", 1, "parts_to_total", "Parts and their total", 3, 2),
            ("northtown", 2, "quarters_to_year", "Quarters, months and the year", 1, 0),
            ("eastham", 1, "parts_to_total", "Parts and their total", MANY, MANY),
            ("eastham", 3, "figures_equal_published", "The printed report", 1, 1),
        )
    ]  # fmt: skip
    failing = {
        "authority": "northtown",
        "reporting_year": YEAR,
        "first_failed_at": "2024-05-03T02:30:00+00:00",
        "runs_failing": 2,
    }
    remembered = [
        failing | {"check_id": "c-0"},
        failing | {
            "check_id": "c-known", "accepted_since": "2024-05-03T02:30:00+00:00", "accepted_until": "2024-12-31",
            "accepted_by": "Head of service", "accepted_reason": "One quarter was closed late",
        },
    ]  # fmt: skip
    printed = [
        {
            "ref": f"p-{i}", "authority": "northtown", "reporting_year": YEAR, "locator": f"Table {i}", "measure": "complaints",
            "breakdown": "", "period": "2023/24", "unit": "count", "figure_id": figures[0]["figure_id"],
            "published_value": "8" if i else "9", "computed_value": "8",
            "verdict": "reproduced" if i else "contradiction", "reason": "" if i else "Its parts add to 8.",
            "evidence": "" if i else "p-1 p-9",
        }
        for i in range(2)
    ]  # fmt: skip
    held_back = next(row for row in figures if row["status"] == "suppressed")
    printed.append(
        printed[1] | {"ref": "p-held", "authority": "eastham", "figure_id": held_back["figure_id"], "computed_value": "2",
                      "published_value": "2"}
    )  # fmt: skip
    one = next(row for row in figures if row["authority"] == "eastham")
    printed += [
        printed[1] | {
            "ref": f"p-many-{i}", "authority": "eastham", "figure_id": one["figure_id"], "computed_value": "1",
            "published_value": "1",
        }
        for i in range(MANY)
    ]  # fmt: skip
    return {
        "figures": figures,
        "figure_catalogue": [
            {"measure": m, "title": m.replace("_", " ").capitalize(), "plain_words": "What it counts.", "rule": "a rule"}
            for m in measures
        ],
        "reports": reports,
        "checks": checks,
        "check_families": kinds,
        "check_history": remembered,
        "published_check": printed,
        "printed_findings": [
            {
                "authority": "northtown", "reporting_year": YEAR, "position": 0, "severity": "contradiction", "refs": "p-0 p-1",
                "family": "same figure twice", "statement": "Complaints is printed as 9 and as 8.",
            }
        ],
        "extracts": [
            {
                "authority": "northtown", "reporting_year": YEAR, "source": "cases",
                "received_at": "2024-04-08", "rows_received": 10, "rows_conformed": 9, "rows_quarantined": 1,
                "status": "loaded", "is_superseded": False,
            }
        ],
        "protection": [
            {
                "authority": authority, "reporting_year": year, "threshold": 5, "protection_interval": 4,
                "figures_shown": 100, "figures_primary": 7, "figures_secondary": 3, "figures_left_out": 20,
                "counts_attacked": 9, "sums_attacked": 1, "numbers_gave_way": 0, "numbers_narrow_by_print": 0,
            }
            for authority, year in REPORTS
        ],
        "services": [
            {
                "authority": authority, "reporting_year": year, "service": s, "label": label, "level": level,
                "parent_service": p, "position": i,
            }
            for authority, year in REPORTS
            for i, (s, label, level, p) in enumerate(tree[authority])
        ],
        "timescales": [
            {
                "authority": "northtown", "reporting_year": YEAR, "procedure": "statutory", "stage": 1,
                "standard_working_days": 10, "extended_working_days": 20, "clock_start": "requested",
                "day_count": "exclude_start_day", "source": "law",
            }
        ],
        "comparison": comparison(figures),
        "dictionary": [
            {
                "layer": "figures", "model": "figures", "model_says": "Every number. One row per figure.", "position": i,
                "column_name": name, "data_type": "varchar", "column_says": f"The {name}.",
            }
            for i, name in enumerate(("measure", "value"))
        ],
        **signed(figures),
        "quotes": [
            {"authority": "northtown", "reporting_year": YEAR, "position": place, "words": words}
            for place, words in enumerate(QUOTES, 1)
        ],
        "actions": [
            {
                "authority": "northtown", "reporting_year": YEAR, "position": place, "agreed_year": YEAR, "service": "not_known",
                "progress": progress, "said": "Letters came late & were long.", "agreed": "Letters are checked <each day>.",
                "reason": "Too dear" if progress == "not_done" else None, "owner": "Team manager", "due_date": "2023-09-30",
            }
            for place, progress in enumerate(("done", "overdue", "not_done"), 1)
        ],
        "pages": [row for report in REPORTS for row in shipped_report(*report).rows()],
        "not_held": [
            {"authority": "eastham", "reporting_year": YEAR, "name": name, "how": "no_rows"}
            for name in (
                "learning_forms_sent", "learning_categories", "key:ethnicity", "actions_agreed", "actions_brought_forward"
            )
        ],
        "groupings": [],
        "settings": [],
    }  # fmt: skip


def write_protected(folder: Path, without: str | None = None) -> Path:
    """Write the export, leaving out one table where asked; a table that the world does not fill has no rows."""
    folder.mkdir(parents=True, exist_ok=True)
    filled = tables()
    for name in SCHEMAS:
        rows = filled.get(name, [])
        if name != without:
            full = [{field.name: row.get(field.name) for field in SCHEMAS[name]} for row in rows]
            write_stream(pa.Table.from_pylist(full, schema=SCHEMAS[name]), folder / f"{name}.arrow")
    return folder
