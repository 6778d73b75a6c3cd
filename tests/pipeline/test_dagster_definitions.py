"""Dagster: what is in the graph, what blocks what, when it runs by itself; and it is the same pipeline."""

from __future__ import annotations

import os
import time
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration import automation
from orchestration.definitions import build_definitions
from redress.base.settings import ROOT
from tests.pipeline.small_installation import SmallInstallation, check

LAYERS = {"intake", "staging", "figures", "reconcile", "protect", "publish", "attest"}


def run_job(small: SmallInstallation, **options) -> dg.ExecuteInProcessResult:
    """The whole job in this process, with an instance that keeps nothing."""
    job = build_definitions(small.settings).resolve_job_def("build_reports")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False, **options)


def test_every_stage_is_in_the_graph_and_described(small):
    definitions = build_definitions(small.settings)
    dg.Definitions.validate_loadable(definitions)
    graph = definitions.resolve_asset_graph()
    keys = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
    assert set(keys) == {
        "config/config_report",
        "conformed/complaint",
        "intake/quarantine",
        "staging/stg_complaint",
        "staging/stg_report",
        "figures/figures",
        "reconcile/figures_file",
        "reconcile/checks",
        "reconcile/published_check",
        "protect/protected_export",
        "publish/site",
        "attest/evidence",
        "attest/released_results",
    }
    assert {node.group_name for node in keys.values()} == LAYERS
    for name, node in keys.items():
        assert node.description and node.owners, name
        assert node.is_materializable, name


def test_each_stage_waits_for_the_one_before(small):
    graph = build_definitions(small.settings).resolve_asset_graph()
    parents = {
        key.to_user_string(): {parent.to_user_string() for parent in graph.get(key).parent_keys}
        for key in graph.get_all_asset_keys()
    }
    assert parents["conformed/complaint"] == {"config/config_report"}
    assert parents["staging/stg_complaint"] == {"conformed/complaint"}
    assert parents["reconcile/checks"] == {"figures/figures", "reconcile/figures_file"}
    assert parents["protect/protected_export"] >= {"reconcile/checks", "reconcile/published_check"}
    assert parents["publish/site"] == {"protect/protected_export"}
    assert parents["attest/evidence"] >= {"protect/protected_export", "publish/site", "reconcile/checks"}
    assert parents["attest/released_results"] >= {"attest/evidence", "publish/site"}


def test_every_gate_blocks(small):
    definitions = build_definitions(small.settings)
    graph = definitions.resolve_asset_graph()
    checks = {key.name: graph.get_check_spec(key) for key in graph.asset_check_keys}
    assert {
        "unique_figures_figure_id",
        "no_report_has_more_than_nine_complaints",
        "parts_to_total",
        "stock_and_flow",
        "table_rules",
        "figures_equal_published",
        "printed_report",
        "accepted_faults",
        "other_checks",
        "published_figures_are_explained",
    } <= set(checks)
    assert {name for name, spec in checks.items() if not spec.blocking} == {"no_file_was_rejected"}
    assert all(spec.description for spec in checks.values())


def test_one_writer_in_one_process(small):
    definitions = build_definitions(small.settings)
    job = definitions.resolve_job_def("build_reports")
    assert job.executor_def.name == "in_process"
    assert {node.definition.pool for node in job.graph.nodes} == {"redress_results"}
    instance = yaml.safe_load((ROOT / "orchestration" / "dagster.yaml").read_text())
    assert instance["concurrency"]["pools"]["default_limit"] == 1
    assert instance["telemetry"] == {"enabled": False} and instance["nux"] == {"enabled": False}


def test_the_job_leaves_what_the_command_leaves(small):
    small.build()
    by_command = small.standing()
    result = run_job(small)
    assert result.success
    assert small.standing() == by_command
    rows = {
        event.asset_key.to_user_string(): event.materialization.metadata
        for event in result.get_asset_materialization_events()
    }
    assert rows["reconcile/figures_file"]["dagster/row_count"].value == 1
    assert rows["conformed/complaint"]["dagster/row_count"].value == 3
    assert rows["figures/figures"]["dagster/row_count"].value == 1
    assert all(evaluation.passed for evaluation in result.get_asset_check_evaluations())


def test_a_failed_check_stops_what_follows_and_leaves_the_last_green_results(small):
    assert run_job(small).success
    before, small.calls[:] = small.standing(), []
    small.checks.append(check("stock_and_flow", "fail"))
    result = run_job(small)
    assert not result.success
    assert "protect" not in small.calls and "publish" not in small.calls
    assert small.standing() == before
    failed = {one.check_name: one for one in result.get_asset_check_evaluations() if not one.passed}
    assert set(failed) == {"stock_and_flow"}
    told = failed["stock_and_flow"].metadata
    assert "Expected 3, found 4" in told["what failed"].value and "Failing since" in told["what failed"].value
    assert {column.name for column in told["numbers behind it"].schema.columns} >= {
        "check_id",
        "figure_id",
        "value",
    }
    assert {column.name for column in told["rows behind it"].schema.columns} >= {"check_id", "file", "row"}


def test_a_family_that_did_not_run_stops_what_follows(small):
    small.checks = []
    result = run_job(small)
    assert not result.success and "protect" not in small.calls
    assert "other_checks" in {
        one.check_name for one in result.get_asset_check_evaluations() if not one.passed
    }


def test_a_failed_dbt_test_stops_what_follows(small):
    small.complaints = 12
    result = run_job(small)
    assert not result.success and "reconcile" not in small.calls
    assert {one.check_name for one in result.get_asset_check_evaluations() if not one.passed} == {
        "no_report_has_more_than_nine_complaints"
    }
    [failure] = [event for event in result.get_step_failure_events()][:1]
    assert "warehouse" in failure.step_failure_data.error.to_string()


def test_a_drop_folder_that_cannot_be_read_is_tried_again_and_a_wrong_file_is_not(small, monkeypatch):
    monkeypatch.setattr("orchestration.assets.intake.SHARE_WAIT_SECONDS", 0)
    tries = []

    def away(authority, settings, **_):
        tries.append(authority.slug)
        raise OSError("the share is away")

    monkeypatch.setattr("redress.intake.load_drop_folder", away)
    assert not run_job(small).success
    assert len(tries) == 4

    small.rejected = "The file is empty."
    monkeypatch.setattr("redress.intake.load_drop_folder", small.load_drop_folder)
    small.calls.clear()
    assert not run_job(small).success
    assert small.calls == ["intake"]


def test_a_rejected_file_with_an_earlier_good_one_is_a_warning(small):
    assert run_job(small).success
    small.rejected = "The file is empty."
    result = run_job(small)
    assert result.success
    [warned] = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert (
        warned.severity == dg.AssetCheckSeverity.WARN
        and "The file is empty." in warned.metadata["rejected"].value
    )


def test_one_model_can_be_built_alone(small):
    assert run_job(small).success
    definitions = build_definitions(small.settings)
    with dg.DagsterInstance.ephemeral() as instance:
        job = definitions.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(
            instance=instance, asset_selection=[dg.AssetKey(["staging", "stg_report"])]
        )
    assert [event.asset_key.path[-1] for event in result.get_asset_materialization_events()] == ["stg_report"]


def test_a_request_can_be_given_to_the_job(small):
    assert run_job(
        small, run_config={"ops": {"read_authorities": {"config": {"as_at": "2024-04-30"}}}}
    ).success
    assert ",2024-04-30," in (small.settings.build / "figures.csv").read_text()


def test_the_schedule_runs_every_night_by_the_clock_on_the_wall(small):
    schedule = build_definitions(small.settings).resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 2 * * *", "Europe/London")
    assert schedule.job_name == "build_reports"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_results_that_are_a_night_late_are_reported(small):
    graph = build_definitions(small.settings).resolve_asset_graph()
    policy = graph.get(dg.AssetKey(["attest", "released_results"])).freshness_policy
    assert policy.warn_window.to_timedelta().total_seconds() == 26 * 3600


class Looks:
    """The sensor of an installation, looking again and again."""

    def __init__(self, small: SmallInstallation):
        self.sensor = automation.drop_folder_sensor(small.settings, automation.build_job())
        self.cursor: str | None = None

    def look(self):
        """One look: what the sensor says."""
        with dg.build_sensor_context(cursor=self.cursor) as context:
            found = self.sensor(context)
            self.cursor = context.cursor
            return found

    def starts(self) -> bool:
        """Whether one look starts a run."""
        return isinstance(self.look(), dg.RunRequest)

    @staticmethod
    def left_out(request: dg.RunRequest) -> list[str]:
        return request.run_config["ops"]["take_in_extracts"]["config"]["unsettled"]


@pytest.fixture
def looks(small) -> Looks:
    """After the first look."""
    looks = Looks(small)
    assert "First look" in looks.look().skip_message
    return looks


def arrive(folder: Path, name: bytes | str = "complaint.csv", text: str = "complaint_id\n") -> Path:
    """A file comes into a drop folder."""
    path = folder / "2023-24" / "2024-05-01" / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def second_council(small: SmallInstallation) -> Path:
    """The drop folder of another council."""
    folder = small.drop_folder.parent.parent / "south-town"
    (folder / "extracts").mkdir(parents=True)
    profile = (small.drop_folder.parent / "profile.yml").read_text()
    (folder / "profile.yml").write_text(profile.replace("north-town", "south-town"))
    return folder / "extracts"


def date(path: Path, seconds: float) -> None:
    os.utime(path, (seconds, seconds))


def test_the_sensor_starts_a_run_once_per_change_and_waits_for_a_copy_to_end(small, looks):
    assert looks.look().skip_message == "No file has come."
    path = arrive(small.drop_folder)
    waits = looks.look().skip_message
    assert "perhaps still being copied: north-town/2023-24/2024-05-01/complaint.csv" in waits
    first = looks.look()
    assert isinstance(first, dg.RunRequest) and looks.left_out(first) == []
    assert not looks.starts()
    path.write_text("complaint_id\nC1\n")
    assert not looks.starts()
    second = looks.look()
    assert isinstance(second, dg.RunRequest) and second.run_key != first.run_key
    assert not looks.starts()


@pytest.mark.parametrize("when", [4_000_000_000, 0, -3600, 1_000_000_000])
def test_the_date_of_a_file_neither_silences_the_sensor_nor_hurries_it(small, looks, when):
    moment = when if when > 0 else time.time() + when
    future = arrive(second_council(small), "future.csv")
    date(future, 4_000_000_000)
    looks.look()
    assert looks.starts()
    path = arrive(small.drop_folder)
    date(path, moment)
    assert not looks.starts()
    assert looks.starts()


def test_a_file_that_keeps_an_old_date_while_it_grows_is_waited_for(small, looks):
    path = arrive(small.drop_folder, text="c")
    for length in range(2, 5):
        path.write_text("c" * length)
        date(path, 1_000_000_000)
        assert not looks.starts()
    assert looks.starts()


def test_a_clock_that_is_set_back_changes_nothing(small, looks, monkeypatch):
    arrive(small.drop_folder)
    assert not looks.starts()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert looks.starts()
    assert not looks.starts()


def test_a_file_exchanged_for_one_of_equal_size_and_date_is_a_change(small, looks):
    path = arrive(small.drop_folder, text="one")
    date(path, 1_000_000_000)
    looks.look()
    assert looks.starts()
    other = arrive(small.drop_folder, "other", text="two")
    date(other, 1_000_000_000)
    other.replace(path)
    assert not looks.starts()
    assert looks.starts()


def test_a_file_that_keeps_changing_holds_up_neither_another_council_nor_another_file(small, looks):
    south = second_council(small)
    growing = arrive(small.drop_folder, "growing.csv", "g")
    looks.look()
    for number in range(3):
        growing.write_text("g" * (2 + 2 * number))
        arrive(south, f"{number}.csv")
        arrive(small.drop_folder, f"{number}.csv")
        assert not looks.starts()
        growing.write_text("g" * (3 + 2 * number))
        found = looks.look()
        assert isinstance(found, dg.RunRequest)
        assert looks.left_out(found) == ["north-town/2023-24/2024-05-01/growing.csv"]
    last = looks.look()
    assert isinstance(last, dg.RunRequest) and looks.left_out(last) == []


def test_the_run_leaves_out_the_files_that_the_sensor_saw_change(small, looks):
    arrive(small.drop_folder)
    looks.look()
    arrive(small.drop_folder, "growing.csv")
    request = looks.look()
    assert run_job(small, run_config=request.run_config).success
    assert small.left_out == {"2023-24/2024-05-01/growing.csv"}


def test_names_of_any_bytes_and_what_is_no_file_do_not_stop_the_sensor(small, looks):
    path = arrive(small.drop_folder, b"Beschwerde\xfcbersicht.csv")
    os.mkfifo(path.parent / "pipe.csv")
    os.symlink("loop", path.parent / "loop")
    os.symlink(path.parent, path.parent.parent / "round")
    assert r"2024-05-01/Beschwerde\xfcbersicht.csv" in looks.look().skip_message
    assert looks.starts()
    assert not looks.starts()


def test_a_drop_folder_that_is_away_holds_up_no_other_and_is_not_news_when_it_is_back(small, looks):
    south = second_council(small)
    arrive(south)
    looks.look()
    assert looks.starts()
    south.rename(south.with_name("away"))
    arrive(small.drop_folder)
    assert "The drop folder of south-town is not there." in looks.look().skip_message
    assert looks.starts()
    south.with_name("away").rename(south)
    assert not looks.starts()
    assert not looks.starts()


def test_a_new_council_is_news_and_a_cursor_of_another_version_is_a_first_look(small, looks):
    arrive(second_council(small))
    assert not looks.starts()
    assert looks.starts()
    for cursor in ("0" * 64, "{", "[]", '{"version": 1}', "null"):
        looks.cursor = cursor
        assert "First look" in looks.look().skip_message


def test_a_broken_folder_does_not_break_the_sensor(small):
    (small.drop_folder.parent / "profile.yml").write_text("name: [")
    sensor = build_definitions(small.settings).resolve_sensor_def("drop_folders")
    with dg.build_sensor_context() as context:
        assert isinstance(sensor(context), dg.SkipReason)
