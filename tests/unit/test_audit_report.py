"""The audit of printed reports: mutation of consistent reports, one test per kind of relation, files, results."""

from __future__ import annotations

import csv
import random
import re

import pytest
from audit_world import YEARS, report
from click.testing import CliRunner

from redress import cli
from redress.audit import audit, audit_figures

CONSISTENT = range(300, 340)
MUTATED = range(500, 506)


def rows(*lines: str) -> list[dict]:
    """Rows from `locator | measure | breakdown | period | value | unit`; refs are a, b, c and so on."""
    found = []
    for n, line in enumerate(lines):
        fields = [one.strip() for one in line.split("|")]
        fields += ["count"] * (6 - len(fields))
        names = ("locator", "measure", "breakdown", "period", "value", "unit")
        found.append({"ref": chr(97 + n), **dict(zip(names, fields, strict=True))})
    return found


def findings(*lines: str, severity: str = "contradiction", declared: dict | None = None):
    return audit(rows(*lines), declared).of(severity)


@pytest.mark.parametrize("seed", CONSISTENT)
def test_nothing_is_held_against_a_report_in_which_all_tallies(seed):
    result = audit(report(seed).rows)
    assert [one.statement for one in result.findings if one.severity != "cannot_check"] == []
    assert sum(result.held.values()) > 20


def changed(row: dict, chance: random.Random) -> str:
    """Another number for the row: beyond what rounding could explain."""
    number = float(row["value"])
    if row["unit"] == "percent":
        step = chance.choice((-1, 1)) * chance.uniform(2.6, 9)
        new = number + step if 0 <= number + step <= 100 or "change" in row["measure"] else number - step
        places = len(row["value"].partition(".")[2])
        return f"{new:.{places}f}"
    step = chance.randint(1, 9)
    return str(int(number) - step if number - step >= 0 and chance.random() < 0.5 else int(number) + step)


def mutation_score(seeds) -> tuple[int, list[str]]:
    """How many single changes of a tied number were noticed, and those that were not."""
    noticed, missed = 0, []
    for seed in seeds:
        world = report(seed)
        chance = random.Random(seed)
        for n, row in enumerate(world.rows):
            if row["ref"] not in world.tied:
                continue
            mutant = [dict(one) for one in world.rows]
            mutant[n]["value"] = changed(row, chance)
            result = audit(mutant)
            if any(one.severity == "contradiction" and row["ref"] in one.refs for one in result.findings):
                noticed += 1
            elif not any(one.severity == "contradiction" for one in result.findings):
                missed.append(
                    f"{row['ref']} {row['measure']} {row['breakdown']}: {row['value']} -> {mutant[n]['value']}"
                )
            else:
                noticed += 1
    return noticed, missed


def test_every_change_of_a_number_that_a_relation_ties_is_noticed(capsys):
    noticed, missed = mutation_score(MUTATED)
    with capsys.disabled():
        print(f"\nmutation score: {noticed} of {noticed + len(missed)} changes noticed")
    assert missed == []
    assert noticed > 300


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "a base that is named in words, known by the rest of the list",
            (
                *(
                    f"S|calls_by_topic|topic={one}|2023/24|{n}"
                    for one, n in zip("ABCD", (171, 77, 21, 13), strict=True)
                ),
                *(
                    f"T|calls_lost_by_topic|topic={one}|2023/24|{n}"
                    for one, n in zip("ABCD", (88, 25, 14, 6), strict=True)
                ),
                *(
                    f"T|calls_lost_by_topic_pct|topic={one};denominator=calls of topic|2023/24|{n}|percent"
                    for one, n in zip("ABCD", (51, 25, 67, 46), strict=True)
                ),
            ),
        ),
        (
            "in time and late",
            (
                "T|calls_answered||2023/24|9",
                "T|calls_answered_in_time||2023/24|7",
                "T|calls_answered_late||2023/24|4",
            ),
        ),
        (
            "a flagged total",
            ("T|calls|desk=A|2023/24|4", "T|calls|desk=B|2023/24|5", "T|calls|desk=all|2023/24|10"),
        ),
        (
            "a total row without a key",
            ("T|calls|desk=A|2023/24|4", "T|calls|desk=B|2023/24|5", "T|calls|row=Total|2023/24|10"),
        ),
        (
            "money",
            (
                "T|paid|case=A|2023/24|400|gbp",
                "T|paid|case=B|2023/24|500|gbp",
                "T|paid|case=all|2023/24|950|gbp",
            ),
        ),
        (
            "quarters",
            tuple(f"T|calls|quarter=Q{n}|2023/24|5" for n in (1, 2, 3, 4)) + ("U|calls||2023/24|21",),
        ),
        (
            "quarters as periods",
            tuple(f"T|calls||Q{n} 2023/24|5" for n in (1, 2, 3, 4)) + ("U|calls||2023/24|21",),
        ),
        ("one figure, two places", ("S|calls||2023/24|20", "T|calls||2023-24|21")),
        (
            "a percentage of its table",
            (
                "T|calls|desk=A|2023/24|30",
                "T|calls|desk=B|2023/24|70",
                "T|calls|desk=all|2023/24|100",
                "T|calls_pct|desk=A|2023/24|34|percent",
            ),
        ),
        (
            "a percentage of a named base",
            (
                "T|calls_lost||2023/24|30",
                "T|calls||2023/24|100",
                "T|calls_lost_pct|denominator=calls|2023/24|34|percent",
            ),
        ),
        ("no whole number", ("T|calls_lost_pct|denominator=9|2023/24|42|percent",)),
        (
            "shares beyond rounding",
            (
                "T|calls_share|desk=A|2023/24|40|percent",
                "T|calls_share|desk=B|2023/24|35|percent",
                "T|calls_share|desk=C|2023/24|28|percent",
            ),
        ),
        (
            "a wrong base",
            (
                "T|calls||2023/24|241",
                "T|calls||2022/23|205",
                "T|calls_change_pct|vs=2022/23|2023/24|15|percent",
            ),
        ),
        (
            "a wrong sign",
            ("T|calls||2023/24|24", "T|calls||2022/23|20", "T|calls_change|vs=2022/23|2023/24|-4"),
        ),
        (
            "halves of a year",
            ("T|calls|half=H1|2023/24|25", "T|calls|half=H2|2023/24|26", "T|calls||2023/24|55"),
        ),
        (
            "stock and flow in words",
            (
                "T|cases|status=in hand at 1 April|2023/24|6",
                "T|cases|status=begun|2023/24|14",
                "T|cases|status=ended|2023/24|12",
                "T|cases|status=in hand at 31 March|2023/24|11",
            ),
        ),
        (
            "points",
            (
                "T|calls_lost_pct||2023/24|24|percent",
                "T|calls_lost_pct||2022/23|20|percent",
                "T|calls_lost_pct_change|vs=2022/23|2023/24|6|percentage_points",
            ),
        ),
        (
            "stock and flow",
            (
                "T|cases_brought_forward||2023/24|5",
                "T|cases_received||2023/24|20",
                "T|cases_closed||2023/24|15",
                "T|cases_carried_forward||2023/24|11",
            ),
        ),
        (
            "the stock of the year before",
            ("T|cases_carried_forward||2022/23|5", "U|cases_brought_forward||2023/24|6"),
        ),
        ("more than the whole", ("T|calls|desk=A|2023/24|25", "U|calls||2023/24|20")),
        (
            "within 10 above within 20",
            ("T|replies_within_10_days||2023/24|25", "T|replies_within_20_days||2023/24|20"),
        ),
        (
            "an average above the longest",
            ("T|average_days||2023/24|25|days", "T|longest_days||2023/24|20|days"),
        ),
        (
            "an average outside its quarters",
            tuple(f"T|average_days|quarter=Q{n}|2023/24|{n + 5}|days" for n in (1, 2, 3, 4))
            + ("T|average_days||2023/24|25|days",),
        ),
        ("a fraction", ("T|calls||2023/24|25.5",)),
        ("a negative count", ("T|calls||2023/24|-2",)),
        (
            "dates turned round",
            (
                "T|day|case=A;event=received|2023/24|2023-06-02|date",
                "T|day|case=A;event=closed|2023/24|2023-05-02|date",
            ),
        ),
        (
            "a duration of no convention",
            (
                "T|day|case=A;event=received|2023/24|2023-05-02|date",
                "T|day|case=A;event=closed|2023/24|2023-06-02|date",
                "T|length|case=A|2023/24|40|calendar_days",
            ),
        ),
        (
            "a change that no whole number before gives",
            ("T|calls||2023/24|13", "T|calls_change_pct|vs=2022/23|2023/24|-8|percent"),
        ),
        (
            "suppressed cells that no numbers fit",
            (
                "T|calls|desk=A;day=1|2023/24|<5",
                "T|calls|desk=B;day=1|2023/24|<5",
                "T|calls|desk=A;day=2|2023/24|3",
                "T|calls|desk=B;day=2|2023/24|4",
                "T|calls|desk=all;day=1|2023/24|8",
                "T|calls|desk=all;day=2|2023/24|7",
                "T|calls|desk=A;day=all|2023/24|4",
                "T|calls|desk=B;day=all|2023/24|8",
                "T|calls|desk=all;day=all|2023/24|15",
            ),
        ),
    ],
)
def test_what_cannot_be_true_is_found(name, lines):
    assert findings(*lines), name


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("thirds", tuple(f"T|calls_share|desk={one}|2023/24|33|percent" for one in "ABC")),
        (
            "either half convention",
            ("T|calls_lost||2023/24|1", "T|calls||2023/24|8", "T|calls_lost_pct||2023/24|12|percent"),
        ),
        (
            "overlapping themes",
            ("T|calls|theme=A|2023/24|15", "T|calls|theme=B|2023/24|12", "U|calls||2023/24|20"),
        ),
        (
            "an incomplete list",
            ("T|calls|desk=A|2023/24|5", "T|calls|desk=B|2023/24|2", "U|calls||2023/24|20"),
        ),
        (
            "two bases",
            (
                "T|lost_pct|denominator=received|2023/24|50|percent",
                "T|lost_pct|denominator=closed|2023/24|38|percent",
            ),
        ),
        (
            "a base that is not printed",
            (
                "T|calls_received||2023/24|80",
                "T|calls_upheld||2023/24|30",
                "T|upheld_pct|denominator=closed|2023/24|50|percent",
            ),
        ),
        (
            "a restated year",
            (
                "T|calls|basis=as first published|2022/23|58",
                "T|calls|basis=restated|2022/23|60",
                "U|calls||2022/23|60",
            ),
        ),
        ("part of a year", ("T|calls||Q1 2023/24|5", "T|calls||2023/24|30")),
        (
            "working days and calendar days",
            ("T|average_days||2023/24|7|days", "T|average_days_working||2023/24|5|working_days"),
        ),
        (
            "rates of each part",
            ("T|upheld_pct|team=A|2023/24|70|percent", "T|upheld_pct|team=B|2023/24|80|percent"),
        ),
        (
            "stages passed through",
            ("T|calls|stage=1|2023/24|20", "T|calls|stage=2|2023/24|5", "U|calls||2023/24|20"),
        ),
        (
            "running totals",
            tuple(f"T|calls|cumulative_to=Q{n}|2023/24|{5 * n}" for n in (1, 2, 3, 4))
            + ("U|calls||2023/24|20",),
        ),
        ("a round figure", ("S|contacts||2023/24|28000", "T|contacts||2023/24|28103")),
        (
            "empty cells",
            ("T|calls|desk=A|2023/24|4", "T|calls|desk=B|2023/24|", "T|calls|desk=all|2023/24|10"),
        ),
        (
            "a breakdown with a colon",
            tuple(f"T|calls|desk:{one}|2023/24|{n}" for one, n in (("A", 1), ("B", 2), ("C", 4))),
        ),
        (
            "a breakdown without a key",
            ("T|calls|A|2023/24|1", "T|calls|B|2023/24|2", "T|calls|Total|2023/24|3"),
        ),
        (
            "free text",
            ("T|calls||2023/24|9", "T|calls|by day, by night|2023/24|8", "T|calls|see note|2023/24|12"),
        ),
        ("a key that stands twice", ("T|calls|desk=A;desk=B|2023/24|5", "T|calls|desk=C;desk=B|2023/24|6")),
        (
            "one value in two tables",
            (
                "S|calls|line=one|2023/24|7",
                "T|calls_by_desk|desk=Total|2023/24|7",
                "U|calls_by_age|line=one;age=Total|2023/24|7",
            ),
        ),
        (
            "a case in two services",
            (
                "T|calls||2023/24|100",
                "T|calls_by_service|service=A|2023/24|60",
                "T|calls_by_service|service=B|2023/24|55",
            ),
        ),
        ("a forecast", ("T|calls|kind=forecast|2023/24|100", "T|calls||2023/24|90")),
        (
            "nothing at all before",
            ("T|calls||2023/24|5", "T|calls||2022/23|0", "T|calls_change_pct|vs=2022/23|2023/24|100|percent"),
        ),
    ],
)
def test_what_may_be_true_is_not_held_against_the_report(name, lines):
    assert [one.statement for one in findings(*lines)] == [], name


@pytest.mark.parametrize(
    "period", ["2023/25", "Q5 2023/24", "31 June 2024", "2023-13", "Febuary 2023", "2023/23"]
)
def test_a_period_that_does_not_exist_is_a_label(period):
    [found] = findings(f"T|calls||{period}|5", severity="label")
    assert found.family == "period label"


def test_a_wrong_base_is_said():
    [found] = findings(
        "T|calls||2023/24|241", "T|calls||2022/23|205", "T|calls_change_pct|vs=2022/23|2023/24|15|percent"
    )
    assert "15% is 36 of 241, the later figure; of 205, the earlier one, it is 18%" in found.statement
    assert (found.expected, found.found, found.refs) == ("+18%", "+15%", ("a", "b", "c"))


def test_a_percentage_cut_off_is_named_as_rounding():
    lines = (
        "T|calls_lost||2023/24|74",
        "T|calls||2023/24|99",
        "T|calls_lost_pct|denominator=calls|2023/24|74|percent",
    )
    assert findings(*lines) == []
    [found] = findings(*lines, severity="rounding")
    assert found.expected == "75%"


def test_one_wrong_number_in_a_two_way_table_is_one_finding_that_names_it():
    world = report(501)
    n = next(
        n
        for n, row in enumerate(world.rows)
        if "quarter=Q2" in row["breakdown"] and row["period"] == YEARS[-1]
    )
    mutant = [dict(one) for one in world.rows]
    mutant[n]["value"] = str(int(mutant[n]["value"]) + 7)
    [found] = audit(mutant).of("contradiction")
    assert found.likely == world.rows[n]["ref"]
    assert re.search(r"Likely error: .* both of these would hold", found.statement)


def test_the_conflict_of_linked_tables_is_the_smallest():
    [found] = findings(
        "T|calls|desk=A;day=1|2023/24|<5",
        "T|calls|desk=B;day=1|2023/24|<5",
        "T|calls|desk=all;day=1|2023/24|8",
        "T|calls|desk=A;day=2|2023/24|3",
        "T|calls|desk=B;day=2|2023/24|4",
        "T|calls|desk=all;day=2|2023/24|7",
        "T|calls|desk=A;day=all|2023/24|5",
        "U|visits||2023/24|5",
    )
    assert found.family == "linked tables"
    assert "h" not in found.refs and len(found.refs) < 7


def test_a_sidecar_declares_what_rows_do_not_say():
    same = ("S|calls||2023/24|20", "T|phone_contacts||2023/24|21")
    assert findings(*same) == []
    assert findings(*same, declared={"synonyms": {"phone_contacts": "calls"}})
    parts = ("T|calls|desk=A|2023/24|15", "T|calls|desk=B|2023/24|12", "T|calls||2023/24|20")
    assert findings(*parts)
    assert findings(*parts, declared={"overlap": ["desk"]}) == []
    tree = (
        "T|calls|topic=A;detail=A1|2023/24|5",
        "T|calls|topic=A;detail=A2|2023/24|6",
        "U|calls|topic=A|2023/24|12",
    )
    assert findings(*tree) == []
    assert findings(*tree, declared={"hierarchies": {"topic": "detail"}})
    share = ("T|weight||2023/24|34|percent", "T|heavy||2023/24|30", "T|all_calls||2023/24|100")
    assert findings(*share) == []
    assert findings(
        *share, declared={"shares": {"weight": {"numerator": "heavy", "denominator": "all_calls"}}}
    )


# ------------------------------------------------------------------------------------------------ the command


def write(path, lines: list[dict], encoding="utf-8", delimiter=","):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(lines)
    return path


def run(*arguments) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, ["audit-report", *map(str, arguments)])
    return result.exit_code, result.output


WRONG = ("S|calls||2023/24|20", "T|calls||2023/24|21")


def test_the_command_writes_findings_and_a_page_and_says_by_its_code_whether_something_contradicts(tmp_path):
    source = write(tmp_path / "report.csv", rows(*WRONG))
    code, output = run(source, "--out", tmp_path / "found.csv", "--page", tmp_path / "found.html")
    assert code == 1
    assert "contradiction" in output
    [found] = csv.DictReader((tmp_path / "found.csv").open(encoding="utf-8"))
    assert list(found) == ["finding_id", "severity", "refs", "family", "statement", "expected", "found"]
    assert found["refs"] == "a b" and found["severity"] == "contradiction"
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert "<script" not in page and 'lang="en"' in page and "calls" in page and "http" not in page


def test_the_command_ends_with_0_when_nothing_contradicts(tmp_path):
    assert run(write(tmp_path / "report.csv", report(301).rows))[0] == 0


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")])
def test_the_command_reads_what_spreadsheets_write(tmp_path, encoding, delimiter):
    lines = rows("S – A|calls||2023/24|1,020", "T|calls||2023/24|1,021")
    assert run(write(tmp_path / "report.csv", lines, encoding, delimiter))[0] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"ref,locator,measure,breakdown,period,value\na,T,calls,,2023/24,5\n", "lacks unit"),
        (
            b"ref,locator,measure,breakdown,period,value,unit\na,T,calls,,2023/24,5,count,9\n",
            "line 2: 8 fields",
        ),
        (b"ref,locator,measure,breakdown,period,value,unit\n", "no row follows"),
        (b"PK\x03\x04\x00\x00", "Excel"),
        (b"ref,value\n\x00\x01", "not a text file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_ends_with_2(tmp_path, content, says):
    (tmp_path / "report.csv").write_bytes(content)
    code, output = run(tmp_path / "report.csv")
    assert (code, says in output, "To fix:" in output) == (2, True, True), output


def test_a_missing_file_or_a_sidecar_that_says_nothing_known_ends_with_2(tmp_path):
    assert run(tmp_path / "none.csv")[0] == 2
    source = write(tmp_path / "report.csv", rows(*WRONG))
    (tmp_path / "side.yml").write_text("tolerance: 5\n", encoding="utf-8")
    code, output = run(source, "--declare", tmp_path / "side.yml")
    assert code == 2 and "tolerance" in output


def test_no_spreadsheet_takes_a_finding_for_a_formula(tmp_path):
    lines = rows(*WRONG)
    lines[0]["ref"] = '=HYPERLINK("x")'
    code, _ = run(write(tmp_path / "report.csv", lines), "--out", tmp_path / "found.csv")
    [found] = csv.DictReader((tmp_path / "found.csv").open(encoding="utf-8"))
    assert code == 1 and found["refs"].startswith("'=")


# ------------------------------------------------------------------------------------------- our own figures


def own(
    figure_id: str,
    breakdown: str,
    value,
    period="2023-24",
    unit="complaints",
    numerator=None,
    denominator=None,
) -> dict:
    return {
        "authority": "a",
        "reporting_year": "2023-24",
        "figure_id": figure_id,
        "measure": "calls",
        "breakdown": breakdown,
        "period": period,
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "unit": unit,
        "status": "computed",
    }


OWN = [
    own("whole", "", 10),
    own("part", "desk=A", 4),
    own("share", "desk=A;of=all", 40.0, unit="percent", numerator=4, denominator=10),
    *(own(f"q{n}", "", count, f"2023-24-Q{n}") for n, count in enumerate((1, 2, 3, 4), 1)),
]


@pytest.mark.parametrize(
    ("ref", "value", "family"),
    [
        ("part", 11, "subset within whole"),
        ("share", 41.0, "percentage from counts"),
        ("q1", 2, "quarters and months to year"),
        ("whole", 10.5, "counts whole and not negative"),
    ],
)
def test_our_own_figures_are_held_to_the_same_relations(tmp_path, ref, value, family):
    assert audit_figures(OWN).findings == []
    wrong = [one | {"value": value} if one["figure_id"] == ref else one for one in OWN]
    assert family in {one.family for one in audit_figures(wrong).findings}
    path = write(tmp_path / "figures.csv", wrong)
    assert [one.refs for one in audit_figures(path).findings] == [
        one.refs for one in audit_figures(wrong).findings
    ]


def test_a_measure_that_stands_is_no_sum_of_its_quarters():
    wrong = [one | {"value": 2} if one["figure_id"] == "q1" else one for one in OWN]
    assert audit_figures(wrong).failed["quarters and months to year"] == 1
    assert audit_figures(wrong, stands=("calls",)).failed["quarters and months to year"] == 0


def test_a_check_of_no_figures_does_not_pass():
    assert audit_figures([]).contradicts
    assert audit_figures([*OWN, own("again", "", 10)]).contradicts
