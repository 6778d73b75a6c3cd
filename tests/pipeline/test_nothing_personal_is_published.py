"""The real run, website included, over a council whose files hold people in every place where they should not be.

The website is built where nothing but the protected export can be read. Then every byte of it is searched, and the other
outputs are searched for what may not be in them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from redress import publish
from redress.base.request import Request
from redress.base.settings import ROOT, Settings
from redress.protect.tables import SCHEMAS
from redress.run import pipeline
from tests.byte_search import beside, found

NAMES = {
    "child": "Žofie Quäckenbush",
    "complainant": "Zebedee Quatermass",
    "staff": "Ottoline Vexley-Strange",
    "elsewhere": "Barnabas Fettiplace",
    "file": "Perpetua Wimbush",
    "unclaimed": "Crispin Oglander",
}
PARTS = ("Quackenbush", "Quatermass", "Vexley", "Fettiplace", "Wimbush", "Oglander")
DETAILS = (
    "zq@canary.example", "07700 900941", "07700900941", "QQ9 9ZZ", "943 476 5919", "9434765919", "29 Sorrow Lane",
    "unmistakable note", "1987-02-13",
)  # fmt: skip
IDENTIFIERS = (
    "CASEREF-77",
    "CHILDREF-88",
    "PERSONREF-99",
    "STAGEREF-66",
    "ISSUEREF-55",
    "THANKSREF-44",
    "ACTIONREF-22",
)
"""The beginnings of every reference in the extracts; on the site none of them may be."""
PUBLISHED_QUOTE = "The rota was kept & everybody rang back"
REFUSED = (
    "Thank you Žofie, you were a star",
    "A great help from vexley strange throughout",
    "Barnabas Fettiplace turned things round",
    "Wonderful: QUATERMASS'S advice was sound",
    "Ring us on 07700 900941 to hear more praise",
    "Kind words for CASEREF-7700003 and all involved",
)
UNAPPROVED = "A kindness that nobody agreed to print"
PROFILE = """
name: Canary Borough Council
case_data_from: 2024-04-01
reports:
  "2024-25": {as_at: 2025-05-31}
vocabularies: {channel: [Email, Letter]}
"""
WHEN = "2025-05-01"
COLUMNS = (
    "complaint_id,received_date,procedure,channel,complainant_id,birth_date,sex,free_text,Full name,E-mail,NHS no,"
    "Address,Seen by"
)


def _lines(*rows: list[str]) -> bytes:
    lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
    return ("\n".join(lines) + "\n").encode("utf-8")


def write(place: Path) -> Path:
    """The council's folder: forty complaints, so that counts are small in some tables and not in all."""
    folder = place / "canary-borough"
    drop = folder / "extracts" / "2024-25" / WHEN
    drop.mkdir(parents=True)
    (folder / "profile.yml").write_text(PROFILE, encoding="utf-8")
    complaints, children, stages, issues, thanks, actions = [], [], [], [], [], []
    for n in range(40):
        day = date(2024, 4, 8) + timedelta(days=8 * n)
        case, team = (
            f"CASEREF-77{n:05}",
            ("Fells Team", "Dale Team", NAMES["staff"])[0 if n < 20 else 1 + n // 38],
        )
        category = ("Delay", "Communication", NAMES["complainant"], "Mrs Wimbush rang")[
            (n % 7) // 3 if n < 39 else 3
        ]
        complaints.append(
            [case, str(day), "statutory", "Email" if n % 5 else "Letter", f"PERSONREF-99{n:05}", "1987-02-13",
             ("female", "male", "joint")[n % 9 // 4], f"unmistakable note; call 07700 900941, QQ9 9ZZ, {NAMES['child']}",
             NAMES["complainant"], "zq@canary.example", "943 476 5919", "29 Sorrow Lane", NAMES["elsewhere"]]
        )  # fmt: skip
        children.append([case, f"CHILDREF-88{n:05}", "White" if n % 11 else "Other", NAMES["child"]])
        outcome = ("upheld", "partially_upheld", "not_upheld", "upheld")[n % 4 if n % 3 else 2]
        done = str(day + timedelta(days=5 + n % 30))
        stages.append(
            [f"STAGEREF-66{n:05}", case, "statutory", "1", str(day), done, outcome, team, NAMES["staff"]]
        )
        issues.append([f"ISSUEREF-55{n:05}", case, str(day), team, category])
    complaints.append(
        [
            "CASEREF-7799999",
            NAMES["complainant"],
            NAMES["child"],
            "zq@canary.example",
            "x",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]
    )
    for n, words in enumerate((PUBLISHED_QUOTE, *REFUSED, UNAPPROVED)):
        approved = "no" if words == UNAPPROVED else "yes"
        thanks.append([f"THANKSREF-44{n:05}", "2024-06-03", "Fells Team", "parent_or_carer", words, approved])
        actions.append(
            [f"ACTIONREF-22{n:05}", "CASEREF-7700001", "2024-06-03", "done", words, "A new rota", approved]
        )
    tables = {
        "complaint": [COLUMNS, complaints],
        "complaint_child": ["complaint_id,child_id,ethnicity,Child name", children],
        "stage": ["stage_id,complaint_id,procedure,stage,requested_date,responded_date,outcome,service,IO name", stages],
        "issue": ["issue_id,complaint_id,raised_date,service,category", issues],
        "compliment": ["compliment_id,received_date,service,source,quote,quote_approved", thanks],
        "action": ["action_id,complaint_id,agreed_date,status,said,agreed,words_approved", actions],
    }  # fmt: skip
    for table, (header, rows) in tables.items():
        (drop / f"{table}.csv").write_bytes(_lines(header.split(","), *rows))
    (drop / f"{NAMES['file']} complaint.csv").write_bytes(
        _lines(["complaint_id", "x"], ["CASEREF-7788888", "29 Sorrow Lane"])
    )
    (drop / "mediation.csv").write_bytes(
        _lines(
            ["mediation_id", "complaint_id", "offered_date"], ["MEDREF-33", "CASEREF-7700001", "2024-05-01"]
        )
    )
    later = folder / "extracts" / "2024-25" / "2025-05-08"
    later.mkdir()
    (later / "mediation.csv").write_bytes(f'mediation_id,"{NAMES["unclaimed"]}\n'.encode())
    return folder


@dataclass(frozen=True)
class Council:
    """The council after a whole run.

    Attributes:
        settings: where everything is.
        out_of_reach: what could not be read while the website was built.
        hits: (place, word) of every word of `EVERYTHING` in what was built, the files as received left out.
    """

    settings: Settings
    out_of_reach: tuple[str, ...]
    hits: frozenset[tuple[str, str]]

    @property
    def build(self) -> Path:
        return self.settings.build

    def words(self, *places: str) -> set[tuple[str, str]]:
        """Hits in paths that begin with one of the places."""
        return {hit for hit in self.hits if hit[0].startswith(places)}


EVERYTHING = (*NAMES.values(), *PARTS, *DETAILS, *IDENTIFIERS, *REFUSED, UNAPPROVED, PUBLISHED_QUOTE)
NEEDED_BY_A_SITE = ("site", "runs.sqlite", "run.lock", "protected")
"""What stays in place while the website is built: its own workshop, the run's journal and lock, the protected export."""


@pytest.fixture(scope="module")
def council(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Council]:
    """The council after a run in which the website was built with everything but the protected export out of reach."""
    place = tmp_path_factory.mktemp("authorities")
    write(place)
    settings = Settings(
        build=tmp_path_factory.mktemp("build"), authorities=(place,), key="a key for trying out only"
    )
    away = tmp_path_factory.mktemp("away")
    hidden: list[str] = []
    build_site = publish.build_site

    def alone(own: Settings, protected: Path, target: Path) -> dict[str, int]:
        parts = [place, *protected.parent.iterdir(), *own.state.iterdir(), *own.build.iterdir()]
        parts = [
            p for p in parts if p.name not in NEEDED_BY_A_SITE and p not in (own.state, protected.parent)
        ]
        for number, path in enumerate(parts):
            path.rename(away / str(number))
        hidden.extend(path.name for path in parts)
        hidden.extend(inside.name for path in away.iterdir() for inside in path.rglob("*.duckdb"))
        try:
            return build_site(own, protected, target)
        finally:
            for number, path in enumerate(parts):
                (away / str(number)).rename(path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publish, "build_site", alone)
        pipeline.run(settings, Request(), quiet=True)
    # the workshop of the site holds what the site holds, and the packages' own files
    hits = found(settings.build, EVERYTHING, ("state/kept/", "state/site/"))
    yield Council(settings, tuple(hidden), frozenset(hits))


def test_what_is_searched_for_is_in_what_was_received(council: Council) -> None:
    hits = {word for _, word in found(council.build / "state" / "kept", EVERYTHING)}
    named_only = {
        NAMES["file"],
        "9434765919",
        "07700900941",
    }  # the file's own name, and what is written otherwise
    assert {*NAMES.values(), *DETAILS, *IDENTIFIERS, *REFUSED, UNAPPROVED} - named_only <= hits


def test_the_website_was_built_where_only_the_protected_export_could_be_read(council: Council) -> None:
    assert {"conformed", "kept", "figures.csv", "checks.csv", "suppression.csv"} <= set(council.out_of_reach)
    assert any(name.endswith(".duckdb") for name in council.out_of_reach)
    assert any(name.startswith("authorities") for name in council.out_of_reach)
    assert len(list((council.build / "site").rglob("*.html"))) > 20


def test_no_byte_of_the_site_holds_a_name_a_detail_or_a_reference(council: Council) -> None:
    kinds = {path.suffix for path in (council.build / "site").rglob("*")}
    assert kinds >= {".html", ".csv", ".ods", ".parquet", ".json"}
    assert {hit for hit in council.words("site/", "state/protected/") if hit[1] != PUBLISHED_QUOTE} == set()


def test_the_quote_that_tells_nobody_apart_is_on_the_site(council: Council) -> None:
    places = {place.split(" > ")[0] for place, word in council.words("site/") if word == PUBLISHED_QUOTE}
    report = "site/canary-borough/2024-25"
    assert {f"{report}/learning/index.html", f"{report}/report/index.html"} <= places
    assert not [place for place in places if place.endswith((".csv", ".ods", ".parquet"))]


def test_no_detail_is_in_any_other_output(council: Council) -> None:
    """What came in a column that is dropped is nowhere: not in the warehouse, the state, the logs or the results.

    The quarantine shows its owner what stands in the wrong column; quotes that were approved and refused stay inside.
    """
    dropped = {NAMES["child"], "Quackenbush", NAMES["elsewhere"], "Fettiplace", UNAPPROVED, *DETAILS}
    texts = ("state/conformed/compliment/", "state/conformed/action/", "state/redress.duckdb")
    quoted = {NAMES["elsewhere"], "Fettiplace"}
    assert {
        hit
        for hit in council.hits
        if hit[1] in dropped
        and not hit[0].startswith(("quarantine/", "state/quarantine/"))
        and not (hit[0].startswith(texts) and hit[1] in quoted)
    } == set()


def test_journal_lineage_and_evidence_name_nobody(council: Council) -> None:
    """A word of the council's own stands inside as it came, in the figures and in the pack that lists them; a file's name
    stands where its owner and an inspector look for it. Anything else that names somebody is nowhere."""
    inside = {
        NAMES["complainant"],
        "Quatermass",
        NAMES["staff"],
        "Vexley",
        "Wimbush",
        NAMES["file"],
        "Oglander",
        NAMES["unclaimed"],
    }
    for place in (
        "state/runs",
        "state/openlineage.jsonl",
        "evidence/",
        "checks",
        "published_check.csv",
        "to-fix/",
        "revisions",
    ):
        assert {
            hit for hit in council.words(place) if hit[1] not in (*inside, *IDENTIFIERS, PUBLISHED_QUOTE)
        } == set(), place
    assert {hit for hit in council.words("evidence/") if hit[1] in IDENTIFIERS} == set()
    assert {
        hit for hit in council.words("state/runs", "state/openlineage.jsonl") if hit[1] in IDENTIFIERS
    } == set()


def test_the_quarantine_shows_no_personal_value_and_no_quote(council: Council) -> None:
    words = {*REFUSED, UNAPPROVED, *DETAILS, NAMES["staff"], NAMES["elsewhere"]} - {"zq@canary.example"}
    assert {hit for hit in council.words("quarantine/") if hit[1] in words} == set()
    with (council.build / "quarantine" / "quarantine.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    codes = ("quote_refused", "contact_detail")
    for table, key in (("compliment", "THANKSREF-44"), ("action", "ACTIONREF-22")):
        refused = {row["record_key"] for row in told if row["table"] == table and row["code"] in codes}
        assert refused == {f"{table}_id={key}{n:05}" for n in range(1, len(REFUSED) + 1)}
    assert {row["code"] for row in told} >= {
        "word_withheld",
        "unknown_file",
        "unbalanced_quote",
        "impossible_date",
    }


def test_nothing_on_the_site_stands_with_a_suppressed_figure(council: Council) -> None:
    with (council.build / "suppression.csv").open(encoding="utf-8", newline="") as file:
        status = {row["figure_id"]: row["status"] for row in csv.DictReader(file)}
    hidden = {figure for figure, decided in status.items() if decided in ("primary", "secondary")}
    left_out = {figure for figure, decided in status.items() if decided == "left_out"}
    assert hidden and left_out
    number = re.compile(r"[£-]?\d[\d,.]*%?")
    seen = set()
    for place, figure, cells in beside(council.build / "site", hidden):
        seen.add(figure)
        assert not [cell for cell in cells if number.fullmatch(cell.strip())], (place, figure, cells)
    assert seen == hidden
    assert list(beside(council.build / "site", left_out)) == []


def test_numbers_of_shown_figures_are_met_by_the_same_search(council: Council) -> None:
    """So that the test above could fail: with the export's shown figures it finds their numbers in each kind of file."""
    with (council.build / "site" / "canary-borough" / "2024-25" / "data" / "figures.csv").open(
        encoding="utf-8"
    ) as file:
        shown = {row["figure_id"] for row in csv.DictReader(file) if row["value"]}
    kinds = {
        Path(place).suffix
        for place, _, cells in beside(council.build / "site", shown)
        if any(re.fullmatch(r"\d[\d,.]*%?", cell.strip()) for cell in cells)
    }
    assert kinds >= {".csv", ".parquet", ".ods", ".html"}


def test_the_evidence_project_names_no_other_source_than_the_export() -> None:
    """Its queries are over tables of the export and the two lists made of it, and it has no connection to anything."""
    project = ROOT / "reports"
    assert not (project / "sources").exists()
    asked = 0
    for page in sorted((project / "pages").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for name, query in re.findall(r"```sql (\w+)\n(.*?)```", text, re.DOTALL):
            plain = re.sub(r"\$\{[^}]*\}", "x", query)
            parsed = sqlglot.parse_one(plain, dialect="duckdb")
            own = {one.alias for one in parsed.find_all(exp.CTE)}
            read = {table.name for table in parsed.find_all(exp.Table)} - own
            others = set(re.findall(r"```sql (\w+)\n", text)) - {name}
            assert read <= set(SCHEMAS) | {"downloads", "reported_measures"} | others, (page.name, name)
            assert not re.search(r"read_\w+|attach|\bcopy\b|glob\(|https?:", query, re.IGNORECASE), (
                page.name,
                name,
            )
            asked += 1
    assert asked > 20
