"""A council that is configured and nothing else: the real run, from its files to figures that reconcile, and to pages."""

from __future__ import annotations

import queue
import re
import shutil
import threading
import time
from html import unescape
from pathlib import Path
from urllib.request import urlopen

import polars as pl
import pytest

from redress.base.settings import Settings
from redress.publish.preview import Preview, serve
from tests.pipeline import far_shire
from tests.pipeline.whole_runs import Published

pytestmark = pytest.mark.xdist_group("whole runs")


@pytest.fixture(scope="module")
def figures(counted: Settings) -> pl.DataFrame:
    """Return the figures of all councils."""
    return pl.read_csv(counted.build / "figures.csv", infer_schema=False)


def test_what_is_documented_as_a_first_try_is_green(figures):
    new = figures.filter(
        (pl.col("authority") == "north-town")
        & (pl.col("measure") == "new_complaints")
        & pl.col("breakdown").is_null()
        & (pl.col("period") == "2024-25")
    )
    assert new["value"].to_list() == ["3"]


@pytest.mark.parametrize(
    ("slug", "complaints"), [("one-case", 1), ("another-year", 0), ("no-limits", 1), ("informal-only", 0)]
)
def test_a_council_of_few_cases_gets_its_figures(figures, slug, complaints):
    new = figures.filter(
        (pl.col("authority") == slug)
        & (pl.col("measure") == "new_complaints")
        & pl.col("breakdown").is_null()
        & (pl.col("period") == "2024-25")
    )
    assert new["value"].to_list() == [str(complaints)]


class FarShire:
    """What a run with the website left of Far Shire."""

    def __init__(self, settings: Settings) -> None:
        self.settings, build = settings, settings.build
        self.site = build / "site"
        rows = self.of_it(build / "figures.csv").fill_null("")
        keys = ("reporting_year", "measure", "breakdown", "period")
        self.rows = {tuple(row[k] for k in keys): row for row in rows.iter_rows(named=True)}
        self.quarantine = self.of_it(build / "quarantine" / "quarantine.csv")

    @staticmethod
    def of_it(path: Path) -> pl.DataFrame:
        """Return a table's rows that are about Far Shire."""
        return pl.read_csv(path, infer_schema=False).filter(pl.col("authority") == far_shire.SLUG)

    def value(self, measure: str, breakdown: str = "", period: str = far_shire.YEAR) -> str:
        """A figure of the report of the year."""
        return self.rows[far_shire.YEAR, measure, breakdown, period]["value"]

    def page(self, name: str, year: str = far_shire.YEAR) -> str:
        """The text of a page, cells and headings divided by bars."""
        html = (self.site / far_shire.SLUG / year / name / "index.html").read_text(encoding="utf-8")
        html = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", "", html, flags=re.DOTALL)
        return re.sub(r"\s*\|[\s|]*", " | ", unescape(re.sub(r"<[^>]+>", "|", html)))


@pytest.fixture(scope="module")
def shire(published: Published) -> FarShire:
    """Return what was published of Far Shire."""
    return FarShire(published.settings)


def test_the_pages_of_both_reports_are_there(shire):
    for year in (far_shire.YEAR, far_shire.EARLIER):
        for part in ("", "stages", "issues", "learning", "years", "published", "data-quality", "figures"):
            assert "Far Shire" in shire.page(part, year)
    assert (shire.site / "index.html").read_text(encoding="utf-8").count("What families told us") >= 2


def test_a_case_that_moved_to_the_new_system_is_counted_once(shire):
    assert shire.value("new_complaints") == "4"
    assert shire.value("new_complaints", period=far_shire.EARLIER) == "1"
    aside = shire.quarantine.select("file_name", "code", "record_key").rows()
    assert aside == [("Klagebuch.txt", "taken_over", "complaint_id=3/é")]


def test_the_report_speaks_in_the_councils_words(shire):
    summary = shire.page("")
    assert "Far Shire County Council, 2024/25" in summary
    for word in (
        "Kitchen table",
        "Bottle post",
        "Late letters",
        "Not being heard",
        "Hill Team",
        "Fells Team",
    ):
        assert word in summary, word
    assert "within a week" in shire.page("stages")


def test_the_report_shows_the_councils_own_stages_and_limits(shire):
    summary = shire.page("")
    for line in (
        "Corporate, stage 1 | 9 | 9 | the day the detail was agreed | Far Shire promise 2024",
        "Corporate, stage 1, until 30 September 2024 | 7 | 12 | the day the detail was agreed | Far Shire promise 2020",
        "Corporate, stage 2 | 33 | 33 | the day after it was received or asked for | Far Shire promise 2020",
    ):
        assert line in summary, line
    assert "Corporate, stage 3" not in summary


def test_a_page_prints_the_figures_that_were_computed(shire):
    teams = {
        team: shire.value("new_complaints", f"service={team}")
        for team in ("Hill Team", "Dale Team", "Fells Team")
    }
    # `Front desk` was the Hill Team's until it merged, and is the Fells Team's since
    assert teams == {"Hill Team": "1", "Dale Team": "1", "Fells Team": "2"}
    table = shire.page("").split("New complaints by procedure and service", 1)[1]
    for team, count in teams.items():
        assert f"| {team} | {count} |" in table
    times = shire.page("stages").split("Answers within the limits, by service", 1)[1]
    for team, limits in (
        # within the first limit: answers, their share, the share of the year before; the same within the longest
        ("Hill Team", "0 | 0 | 100 | 1 | 100 | 100"),
        ("Dale Team", "0 | 0 | [x] | 0 | 0 | [x]"),
        ("Fells Team", "2 | 100 | [x] | 2 | 100 | [x]"),
    ):
        key = f"procedure=corporate;service={team};stage=1"
        within = [shire.value(f"responses_within_{limit}", key) for limit in ("standard", "extended")]
        days = float(shire.value("working_days_mean", key))
        answers = shire.value("responses", key)
        assert within == [limits.split(" | ")[0], limits.split(" | ")[3]]
        assert f"| {team}, corporate, stage 1 | {answers} | {limits} | {days:.1f} |" in times


def test_merged_teams_are_compared_as_one(shire):
    both = [
        shire.value("new_complaints", "service_merged=Fells Team", y)
        for y in (far_shire.EARLIER, far_shire.YEAR)
    ]
    assert both == ["1", "4"]
    assert (
        far_shire.EARLIER,
        "new_complaints",
        "service_merged=Fells Team",
        far_shire.EARLIER,
    ) not in shire.rows
    page = shire.page("figures/new-complaints")
    assert "Service, with all that became part of it: Fells Team | 4 |" in page


def test_nobody_in_a_role_that_reports_are_asked_for_is_0_and_can_be_compared(shire):
    advocates = "complainant_role=advocate"
    for measure in ("new_complaints", "new_complaints_share"):
        assert float(shire.value(measure, advocates)) == 0
    compared = shire.page("../../compare").split("Complaints made by advocates", 1)[1]
    assert re.match(r"[^%]*\| Far Shire \| 2024/25 \| 0% \| 0 of 4 \|", compared)


def test_a_preview_shows_saved_sections_with_the_last_figures_and_runs_nothing(shire, request):
    folder = shire.settings.authorities[0] / far_shire.SLUG / "report"
    request.addfinalizer(lambda: shutil.rmtree(folder, ignore_errors=True))
    standing = {path: path.stat().st_mtime_ns for path in shire.site.rglob("*") if path.is_file()}
    preview = Preview(shire.settings, far_shire.SLUG)
    preview.compile()
    stop = threading.Event()
    address = queue.Queue()
    threading.Thread(
        target=serve, args=(preview, shire.site, 0, address.put), kwargs={"stop": stop}, daemon=True
    ).start()
    request.addfinalizer(stop.set)
    first = address.get(timeout=300)

    def shows(words: str) -> bool:
        """Wait until the first page says this; a machine that does much else may take a while."""
        for _ in range(240):
            with urlopen(first) as answer:
                if words in (page := answer.read().decode("utf-8")):
                    return "<script" in page
            time.sleep(0.5)
        return False

    assert shows("with the figures of the last build")
    folder.mkdir()
    (folder / "in-short.md").write_text("The desk had {% figure %} letters.\n", encoding="utf-8")
    assert shows("in-short.md: line 1")
    (folder / "in-short.md").write_text(
        'The desk had {% figure "new_complaints" /%} letters.\n', encoding="utf-8"
    )
    assert shows("The desk had <span")
    with urlopen(f"{first}figures/") as answer:
        assert answer.status == 200
    assert standing == {path: path.stat().st_mtime_ns for path in shire.site.rglob("*") if path.is_file()}
