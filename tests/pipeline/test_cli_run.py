"""The run: gates stop it, what stands stays, results are put into place at the end, and twice is the same."""

from __future__ import annotations

import json
from datetime import date

import duckdb
import pytest

from redress.attest import manifest
from redress.base.errors import ConfigurationProblem, FileWasRejected, GateFailed
from redress.reconcile import history
from redress.run import pipeline, stages
from redress.run.release import exclusive
from redress.run.runs import Runs
from tests.pipeline.small_installation import FIGURE, check, passing


def test_a_green_run_puts_every_result_into_place(small):
    record = small.build()
    build = small.settings.build
    assert record.verdict == "green"
    assert [stage.stage for stage in record.stages] == [stage.name for stage in pipeline.STAGES]
    assert (build / "figures.csv").read_text().splitlines()[1] == (
        f"north-town,2023-24,2024-05-31,{FIGURE},new_complaints,,2023-24,,,3,complaints,received,computed"
    )
    assert (build / "site" / "index.html").exists()
    assert (build / "checks.csv").exists() and (build / "published_check.csv").exists()
    assert (build / "quarantine" / "quarantine.csv").exists()
    assert not (build / ".next").exists() and not stages.candidate_database(small.settings).exists()
    assert small.calls == ["intake", "reconcile", "protect", "publish"]


def test_views_in_the_database_still_work_after_it_was_put_into_place(green):
    with duckdb.connect(str(green.settings.database), read_only=True) as connection:
        assert connection.execute("select count(*) from staging.stg_complaint").fetchone() == (3,)


def test_the_same_inputs_give_the_same_bytes(green):
    first = green.standing()
    green.build()
    assert green.standing() == first


@pytest.mark.parametrize(
    "records",
    [
        [*passing(), check("stock_and_flow", "fail")],
        [*passing(), check("stock_and_flow", "error")],
        [*passing(), check("stock_and_flow", "")],
        [*passing(), check("stock_and_flow") | {"severity": "", "verdict": "fail"}],
        passing()[1:],
        [],
    ],
    ids=["failed", "errored", "no verdict", "no severity", "a family is missing", "no check ran"],
)
def test_a_check_that_does_not_pass_leaves_the_last_green_results(green, records):
    before = green.standing()
    green.complaints, green.checks, green.site_text = 5, records, "second"
    with pytest.raises(GateFailed) as refused:
        green.build()
    assert refused.value.exit_code == 1 and refused.value.details and refused.value.who
    assert green.standing() == before
    assert (green.settings.build / "quarantine" / "quarantine.csv").read_text() == "n\n5\n"
    assert Runs(green.settings).read()["verdict"] == "refused"


def test_what_failed_is_written_although_nothing_is_published(small):
    small.checks.append(check("stock_and_flow", "fail"))
    with pytest.raises(GateFailed):
        small.build()
    build = small.settings.build
    assert ",fail,block," in (build / "checks.csv").read_text()
    assert (build / "published_check.csv").exists()
    assert not (build / "figures.csv").exists() and not (build / "site").exists()
    assert not small.settings.database.exists()


def remembered(small, check_id: str) -> dict:
    """What the history holds of a check."""
    known, messages = history.remembered(small.settings)
    assert messages == []
    [row] = [row for key, row in known.items() if key[2] == check_id]
    return row


def test_a_night_that_failed_is_remembered_and_its_owner_gets_a_workbook(green):
    assert remembered(green, "intake.new_complaints")["last_passed_at"]
    green.checks.append(check("stock_and_flow", "fail"))
    with pytest.raises(GateFailed) as refused:
        green.build()
    row = remembered(green, "stock_and_flow.new_complaints")
    assert row["runs_failing"] == "1" and row["first_failed_at"] and not row["last_passed_at"]
    assert any("Failing since" in detail for detail in refused.value.details)
    workbook = green.settings.build / "to-fix" / "north-town" / "the-complaints-team.xlsx"
    assert workbook.exists() and any(str(workbook) in detail for detail in refused.value.details)
    assert "stock_and_flow.new_complaints" in (green.settings.build / "check_history.csv").read_text()
    green.checks.pop()
    green.build()
    assert not workbook.exists()
    row = remembered(green, "stock_and_flow.new_complaints")
    assert row["verdict"] == history.GONE and row["last_failed_at"]


def test_the_same_night_twice_leaves_the_same_history(small):
    small.checks.append(check("stock_and_flow", "fail"))
    for _ in range(2):
        with pytest.raises(GateFailed):
            small.build()
    assert remembered(small, "stock_and_flow.new_complaints")["runs_failing"] == "1"


def test_a_history_that_was_lost_or_spoiled_is_said_and_does_not_stop_the_run(green):
    (green.settings.state / history.FILE).write_text("spoiled")
    assert any("could not be read" in warning for warning in green.build().warnings)
    (green.settings.state / history.FILE).unlink()
    assert any("There is no history of checks" in warning for warning in green.build().warnings)
    assert green.build().warnings == []


def test_a_warning_publishes_and_is_kept_in_the_record(small):
    small.checks.append(check("change", "fail", "warn"))
    assert "Expected 3, found 4. To fix: the complaints team." in small.build().message


def test_a_published_figure_that_nobody_explains_stops_the_run(small):
    small.published[0]["verdict"] = "unexplained"
    with pytest.raises(GateFailed, match="1 published figures are unexplained"):
        small.build()


def test_a_failed_warehouse_test_stops_before_the_checks_and_shows_its_rows(green):
    before, green.calls[:] = green.standing(), []
    green.complaints = 12
    with pytest.raises(GateFailed) as refused:
        green.build()
    assert "reconcile" not in green.calls
    assert green.standing() == before
    [detail] = refused.value.details
    assert "no report has more than nine complaints" in detail and "the warehouse team" in detail
    assert remembered(green, "warehouse.no_report_has_more_than_nine_complaints")["runs_failing"] == "1"
    assert remembered(green, "intake.new_complaints")["verdict"] == "pass", "checks that did not run are left"
    assert str(green.settings.build / "to-fix" / "all-authorities" / "the-warehouse-team.xlsx") in detail
    [rows] = (green.settings.state / "failures").glob("*.csv")
    assert FIGURE in rows.read_text()
    assert (
        "warehouse.no_report_has_more_than_nine_complaints"
        in (green.settings.build / "checks.csv").read_text()
    )


def test_a_rejected_file_with_an_earlier_good_one_publishes_and_says_so(green):
    green.rejected = "The file is empty."
    assert green.build().verdict == "green_with_rejected_files"


def test_a_rejected_file_with_nothing_before_it_publishes_nothing(small):
    small.rejected = "The file is empty."
    with pytest.raises(FileWasRejected, match="no earlier good file"):
        small.build()
    assert not (small.settings.build / "figures.csv").exists()


def test_a_report_as_at_a_moment_before_the_first_file_says_so(small):
    with pytest.raises(ConfigurationProblem) as refused:
        small.build(authority="north-town", year="2023-24", as_at=date(2024, 4, 30))
    assert refused.value.details[0].startswith(
        "north-town: the report 2023-24 is as at 2024-04-30, but the first file was received on 2024-05-01. "
    )


def test_an_empty_drop_folder_says_where_the_files_go(small):
    small.nothing = True
    with pytest.raises(ConfigurationProblem) as refused:
        small.build()
    assert "no file has been taken in" in refused.value.details[0]


def test_without_a_site_the_site_that_stands_is_left(green):
    green.site_text = "second"
    record = green.build(site=False)
    assert (green.settings.build / "site" / "index.html").read_text() == "first"
    assert next(stage for stage in record.stages if stage.stage == "publish").verdict == "skipped"


def test_an_unknown_authority_or_year_is_a_wrong_request(small):
    with pytest.raises(ConfigurationProblem, match="there is no such authority"):
        small.build(authority="south-town")
    with pytest.raises(ConfigurationProblem, match="2030-31"):
        small.build(year="2030-31")


def test_evidence_of_other_reports_stays(small):
    other = small.settings.build / "evidence" / "north-town-2022-23"
    other.mkdir(parents=True)
    (other / "figures.csv").write_text("signed off\n")
    small.build()
    assert (other / "figures.csv").read_text() == "signed off\n"
    assert (small.settings.build / "evidence" / "north-town-2023-24" / "figures.csv").exists()


def test_copies_for_internal_readers_are_those_of_this_run_and_stay_out_of_the_site(small):
    small.internal_copies = ("north-town-2023-24.csv",)
    small.build()
    build = small.settings.build
    assert (build / "internal" / "north-town-2023-24.csv").read_text() == "for managers"
    assert not [path for path in (build / "site").rglob("*") if "internal" in path.name]
    small.internal_copies = ()
    small.build()
    assert not (build / "internal").exists()


def test_evidence_can_be_verified_and_shows_a_change(green):
    pack = green.settings.build / "evidence" / "north-town-2023-24"
    assert manifest.verify(pack).problems == []
    assert (pack / "figures.csv").read_bytes() == (green.settings.build / "figures.csv").read_bytes()
    assert "complaints.csv" in (pack / "extracts.csv").read_text()
    (pack / "figures.csv").write_text("another\n")
    (pack / "extracts.csv").unlink()
    (pack / "note.txt").write_text("hello")
    assert [problem.split(" (")[0] for problem in manifest.verify(pack).problems] == [
        "extracts.csv: missing",
        "note.txt: added, it is not in the manifest",
        "figures.csv: changed since the pack was made",
    ]


def test_the_record_has_time_memory_and_counts(green):
    record = Runs(green.settings).read()
    warehouse = next(stage for stage in record["stages"] if stage["stage"] == "warehouse")
    assert warehouse["counts"] == {"models": 3, "tests": 3}
    assert warehouse["seconds"] > 0 and warehouse["cpu_seconds"] > 0 and warehouse["peak_megabytes"] > 10
    assert json.dumps(record["request"]) == '{"authority": null, "year": null, "as_at": null, "site": true}'


def test_two_runs_at_once_are_refused(small):
    with exclusive(small.settings), pytest.raises(ConfigurationProblem, match="Another run"):
        small.build()


def test_an_interrupted_release_is_put_right_by_the_next_run(green):
    site = green.settings.build / "site"
    site.rename(site.with_name("site.before"))
    green.checks.append(check("stock_and_flow", "fail"))
    with pytest.raises(GateFailed):
        green.build()
    assert (site / "index.html").read_text() == "first"


def test_a_crash_is_recorded_as_an_error(small, monkeypatch):
    def crash(*arguments, **more):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("redress.protect.export", crash)
    with pytest.raises(ZeroDivisionError):
        small.build()
    assert Runs(small.settings).read()["verdict"] == "error"
    assert not (small.settings.build / "figures.csv").exists()
