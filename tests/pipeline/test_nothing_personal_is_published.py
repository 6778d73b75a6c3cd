"""The real run, website included, over a council whose files hold people in every place where they should not be.

Every byte of the website is searched, and the other outputs are searched for what may not be in them.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from redress.base.settings import ROOT, Settings
from redress.protect.tables import SCHEMAS
from tests.byte_search import beside, found
from tests.pipeline.canary_borough import (
    DETAILS,
    EVERYTHING,
    IDENTIFIERS,
    NAMES,
    PUBLISHED_QUOTE,
    REFUSED,
    UNAPPROVED,
)
from tests.pipeline.whole_runs import Published

pytestmark = pytest.mark.xdist_group("whole runs")


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


@pytest.fixture(scope="module")
def council(published: Published) -> Council:
    """Return what was built, searched once."""
    # the workshop of the site holds what the site holds, and the packages' own files
    hits = found(published.settings.build, EVERYTHING, ("state/kept/", "state/site/"))
    return Council(published.settings, published.out_of_reach, frozenset(hits))


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
