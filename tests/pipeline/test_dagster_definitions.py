"""Dagster: what is in the graph, what blocks what, when it runs by itself; and it is the same pipeline."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import time
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration import automation
from orchestration.definitions import build_definitions
from redress.base.errors import RedressError
from redress.base.settings import ROOT
from redress.base.tables import read_csv
from redress.run import standing, waiting
from redress.run.release import begin
from tests.pipeline.small_installation import SmallInstallation, check
from tests.pipeline.test_councils_apart import NORTH, SOUTH, WEST, ThreeTowns, everything

ANEW = {"ops": {"take_in_extracts": {"config": {"from_nothing": True}}}}
LAYERS = {"intake", "staging", "figures", "reconcile", "protect", "publish", "attest"}


@pytest.fixture
def towns(tmp_path, monkeypatch) -> ThreeTowns:
    """The small installation with three councils, in which nothing has run yet."""
    return ThreeTowns(tmp_path, monkeypatch)


def run_council(small: SmallInstallation, slug: str = NORTH, **options) -> dg.ExecuteInProcessResult:
    """The job of one council in this process, with an instance that keeps nothing."""
    return _run(small, "build_council", partition_key=slug, **options)


def publish(small: SmallInstallation, **options) -> dg.ExecuteInProcessResult:
    """The job that publishes."""
    return _run(small, "publish_reports", **options)


def run_all(small: SmallInstallation) -> dg.ExecuteInProcessResult:
    """Every council, one after the other, and what publishes them; the result of that."""
    for slug in automation.authority_folders(small.settings):
        run_council(small, slug)
    return publish(small)


def _run(small: SmallInstallation, name: str, **options) -> dg.ExecuteInProcessResult:
    job = build_definitions(small.settings).resolve_job_def(name)
    with dg.DagsterInstance.ephemeral() as instance:
        automation.keep_partitions(small.settings, instance)
        return job.execute_in_process(instance=instance, **{"raise_on_error": False, **options})


def materialised(result: dg.ExecuteInProcessResult) -> dict[str, dict]:
    """What each asset says of itself."""
    return {
        event.asset_key.to_user_string(): event.materialization.metadata
        for event in result.get_asset_materialization_events()
    }


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


def test_one_run_publishes_and_councils_are_made_side_by_side(small):
    definitions = build_definitions(small.settings)
    pools = {
        name: {node.definition.pool for node in definitions.resolve_job_def(name).graph.nodes}
        for name in ("build_council", "publish_reports")
    }
    assert pools == {"build_council": {None}, "publish_reports": {"redress_results"}}
    instance = yaml.safe_load((ROOT / "orchestration" / "dagster.yaml").read_text())
    assert instance["concurrency"]["pools"]["default_limit"] == 1
    [limit] = instance["concurrency"]["runs"]["tag_concurrency_limits"]
    assert limit == {"key": "dagster/partition", "value": {"applyLimitPerUniqueValue": True}, "limit": 1}
    assert instance["concurrency"]["runs"]["max_concurrent_runs"] > 1
    assert instance["telemetry"] == {"enabled": False} and instance["nux"] == {"enabled": False}


@pytest.mark.parametrize("executor", [dg.in_process_executor, dg.multiprocess_executor])
def test_the_jobs_take_the_executor_that_the_installation_is_given(small, executor):
    definitions = build_definitions(small.settings, executor)
    for name in ("build_council", "publish_reports"):
        assert definitions.resolve_job_def(name).executor_def.name == executor.name


def test_the_jobs_leave_what_the_command_leaves(small):
    small.build()
    by_command = small.standing()
    council = run_council(small, run_config=ANEW)
    assert council.success and small.standing() == by_command
    assert publish(small).success
    assert small.standing() == by_command
    rows = materialised(council)
    assert rows["reconcile/figures_file"]["dagster/row_count"].value == 1
    assert rows["config/config_report"]["dagster/row_count"].value == 1
    assert rows["conformed/complaint"]["dagster/row_count"].value == 3
    assert rows["figures/figures"]["dagster/row_count"].value == 1
    assert all(evaluation.passed for evaluation in council.get_asset_check_evaluations())


def test_a_failed_check_stops_what_follows_and_leaves_the_last_green_results(small):
    assert run_all(small).success
    before, small.calls[:] = small.standing(), []
    small.checks.append(check("stock_and_flow", "fail"))
    result = run_council(small)
    assert not result.success
    assert "protect" not in small.calls and not waiting.ready(small.settings)
    assert not publish(small).success and "publish" not in small.calls
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
    result = run_council(small)
    assert not result.success and "protect" not in small.calls
    assert "other_checks" in {
        one.check_name for one in result.get_asset_check_evaluations() if not one.passed
    }


def test_a_failed_dbt_test_stops_what_follows(small):
    small.complaints = 12
    result = run_council(small)
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
    assert not run_council(small).success
    assert len(tries) == 4

    small.rejected = "The file is empty."
    monkeypatch.setattr("redress.intake.load_drop_folder", small.load_drop_folder)
    small.calls.clear()
    assert not run_council(small).success
    assert small.calls == ["intake"]


def test_a_rejected_file_with_an_earlier_good_one_is_a_warning(small):
    assert run_all(small).success
    small.rejected = "The file is empty."
    result = run_council(small)
    assert result.success
    [warned] = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert (
        warned.severity == dg.AssetCheckSeverity.WARN
        and "The file is empty." in warned.metadata["rejected"].value
    )


def test_one_model_can_be_built_alone_and_is_then_not_published(small):
    assert run_all(small).success
    small.complaints = 4
    assert run_council(small).success and waiting.ready(small.settings)
    result = _run(
        small,
        "build_council",
        partition_key=NORTH,
        asset_selection=[dg.AssetKey(["staging", "stg_report"])],
    )
    assert list(materialised(result)) == ["staging/stg_report"]
    assert not waiting.ready(small.settings)


def test_what_was_never_begun_is_refused(small):
    result = _run(
        small, "build_council", partition_key=NORTH, asset_selection=[dg.AssetKey(["figures", "figures"])]
    )
    assert (
        "Nothing is begun for north-town"
        in result.get_step_failure_events()[0].step_failure_data.error.to_string()
    )


def test_a_request_can_be_given_to_the_jobs(small):
    asked = {"as_at": "2024-05-15"}
    assert run_council(small, run_config={"ops": {"take_in_extracts": {"config": asked}}}).success
    assert not publish(small).success, "what waits is not what the profile declares"
    assert publish(small, run_config={"ops": {"publish_what_waits": {"config": asked}}}).success
    assert ",2024-05-15," in (small.settings.build / "figures.csv").read_text()


def test_the_schedule_makes_every_council_every_night_by_the_clock_on_the_wall(towns):
    schedule = build_definitions(towns.settings).resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 2 * * *", "Europe/London")
    assert schedule.job_name == "build_council"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    with dg.DagsterInstance.local_temp() as instance, dg.build_schedule_context(instance) as context:
        requests = schedule(context)
        assert [request.partition_key for request in requests] == [NORTH, SOUTH, WEST]
        assert instance.get_dynamic_partitions("councils") == [NORTH, SOUTH, WEST]


def test_results_that_are_a_night_late_are_reported(small):
    graph = build_definitions(small.settings).resolve_asset_graph()
    policy = graph.get(dg.AssetKey(["attest", "released_results"])).freshness_policy
    assert policy.warn_window.to_timedelta().total_seconds() == 26 * 3600


def test_partitions_follow_the_folders_of_councils(towns):
    with dg.DagsterInstance.ephemeral() as instance:
        assert automation.keep_partitions(towns.settings, instance) == [NORTH, SOUTH, WEST]
        shutil.rmtree(towns.folder(SOUTH))
        (towns.folder(WEST) / "profile.yml").write_text("authority: [")  # not usable, and still a council
        automation.keep_partitions(towns.settings, instance)
        assert set(instance.get_dynamic_partitions("councils")) == {NORTH, WEST}


def test_one_council_is_made_without_the_others_and_published_with_what_stands_of_them(towns):
    towns.build()
    towns.received |= {NORTH: 4, SOUTH: 5}
    assert run_council(towns, SOUTH).success and towns.judged[1:] == [{SOUTH}]
    assert towns.values() == {NORTH: 3, SOUTH: 3, WEST: 3}, "nothing is published yet"
    assert publish(towns).success
    assert towns.values() == {NORTH: 3, SOUTH: 5, WEST: 3}
    assert not list(waiting.waiting_place(towns.settings).glob("*"))


def test_a_council_of_which_nothing_has_changed_is_taken_over_and_says_so(towns):
    towns.build()
    before, judged = towns.standing(), len(towns.judged)
    result = run_council(towns, SOUTH)
    assert result.success and len(towns.judged) == judged
    told = materialised(result)
    assert {name for name, says in told.items() if "taken over" in says} == {
        *("staging/stg_complaint", "staging/stg_report", "figures/figures", "reconcile/figures_file"),
        *("reconcile/checks", "reconcile/published_check", "protect/protected_export"),
    }
    assert all(evaluation.passed for evaluation in result.get_asset_check_evaluations())
    published = publish(towns)
    assert published.success and "taken over" in materialised(published)["attest/released_results"]
    assert towns.standing() == before


def test_a_council_that_fails_does_not_keep_the_others_from_being_published(towns):
    assert run_all(towns).success
    towns.received |= {NORTH: 4, SOUTH: 5}
    towns.failing = {SOUTH}
    assert run_council(towns, NORTH).success and not run_council(towns, SOUTH).success
    result = publish(towns)
    assert result.success and towns.values() == {NORTH: 4, SOUTH: 3, WEST: 3}
    assert SOUTH in materialised(result)["attest/released_results"]["held up"].value
    assert standing.read(towns.settings).councils[SOUTH].held_up_since
    assert {
        row["authority"] for row in read_csv(towns.settings.build / "checks.csv") if row["verdict"] == "fail"
    } == {SOUTH}
    towns.failing = set()
    assert run_council(towns, SOUTH).success and publish(towns).success
    assert towns.values() == {NORTH: 4, SOUTH: 5, WEST: 3}
    assert not standing.read(towns.settings).councils[SOUTH].held_up_since


def test_a_test_of_rows_that_fails_is_judged_and_told_with_places_that_people_know(towns):
    towns.received[SOUTH] = 12
    result = run_council(towns, SOUTH)
    [failure] = result.get_step_failure_events()
    told = str(failure.step_failure_data.error) + str(failure.step_failure_data.user_failure_data)
    assert "state/failures/" in told and "waiting" not in told
    assert any((towns.settings.state / "failures").iterdir())
    assert "no_report_has_more_than_nine_complaints" in (towns.settings.build / "checks.csv").read_text()


def test_files_put_back_after_a_refusal_are_judged_again(towns):
    towns.build()
    towns.received[SOUTH], towns.failing = 5, {SOUTH}
    assert not run_council(towns, SOUTH).success
    towns.received[SOUTH], towns.failing = 3, set()
    result = run_council(towns, SOUTH)
    assert result.success and towns.judged[-1] == {SOUTH}
    assert all(evaluation.passed for evaluation in result.get_asset_check_evaluations())


def test_command_and_jobs_follow_each_other_in_any_order(towns):
    towns.build()
    towns.received[NORTH] = 4
    run_all(towns)
    by_jobs = everything(towns)
    judged = len(towns.judged)
    record = towns.build()
    assert record.verdict == "green" and len(towns.judged) == judged, (
        "the command takes over what the jobs made"
    )
    assert everything(towns) == by_jobs
    towns.received[WEST] = 5
    assert run_council(towns, WEST).success
    towns.build()  # makes it as well, while it waits
    assert publish(towns).success
    after = everything(towns)
    towns.build(from_nothing=True)
    assert everything(towns) == after


def test_the_jobs_alone_leave_what_the_command_leaves(towns):
    assert run_all(towns).success
    by_jobs = everything(towns)
    towns.build(from_nothing=True)
    assert everything(towns) == by_jobs


def test_what_waits_is_not_published_when_the_council_has_changed_since(towns):
    towns.build()
    towns.received[SOUTH] = 5
    assert run_council(towns, SOUTH).success
    (towns.folder(SOUTH) / "note.txt").write_text("another")
    assert publish(towns).success
    assert towns.values()[SOUTH] == 3


def test_a_run_that_clears_away_leaves_what_waits_and_the_retention_rule_does_not(towns):
    towns.received[SOUTH] = 5
    assert run_council(towns, SOUTH).success
    begin(towns.settings)
    assert set(waiting.ready(towns.settings)) == {SOUTH}
    profile = towns.folder(SOUTH) / "profile.yml"
    profile.write_text(profile.read_text() + "retention: {case_data_years: 1}\n")
    with contextlib.suppress(RedressError):
        towns.build()
    assert not waiting.waiting_place(towns.settings, SOUTH).exists()


STEPS = [
    ["config/config_report", "conformed/complaint", "intake/quarantine"],
    ["staging/stg_complaint", "staging/stg_report", "figures/figures"],
    ["reconcile/figures_file"],
    ["reconcile/checks", "reconcile/published_check"],
    ["protect/protected_export"],
]
"""The assets of each op, in order."""


def test_each_stage_finds_what_it_needs_in_the_workshop(towns):
    for names in STEPS:
        assert not waiting.ready(towns.settings)
        keys = [dg.AssetKey(name.split("/")) for name in names]
        assert run_council(towns, SOUTH, asset_selection=keys).success, names
    assert set(waiting.ready(towns.settings)) == {SOUTH}


def test_two_councils_at_once_do_not_disturb_each_other(towns):
    build_definitions(towns.settings)  # the project is parsed once
    towns.received |= {NORTH: 4, SOUTH: 5, WEST: 6}
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=run_apart, args=(towns, slug)) for slug in (NORTH, SOUTH)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    assert set(waiting.ready(towns.settings)) == {NORTH, SOUTH}
    assert publish(towns).success
    by_jobs = everything(towns)
    assert towns.values() == {NORTH: 4, SOUTH: 5}
    shutil.rmtree(towns.folder(WEST))
    towns.build(from_nothing=True)
    assert everything(towns) == by_jobs


def run_apart(towns: ThreeTowns, slug: str) -> None:
    """Make a council in a process of its own."""
    towns.replace_slow_functions(pytest.MonkeyPatch())
    assert run_council(towns, slug, raise_on_error=True).success


def test_councils_that_wait_are_published_when_no_other_is_under_way(towns):
    sensor = build_definitions(towns.settings).resolve_sensor_def("councils_wait")
    with dg.DagsterInstance.ephemeral() as instance:

        def look():
            with dg.build_sensor_context(instance=instance) as context:
                return sensor(context)

        assert look().skip_message == "No results wait."
        run_council(towns, SOUTH)
        first = look()
        assert isinstance(first, dg.RunRequest) and first.run_key == look().run_key
        job = build_definitions(towns.settings).resolve_job_def("build_council")
        instance.create_run_for_job(
            job, status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": NORTH}
        )
        assert look().skip_message == f"Under way: {NORTH}."
        for run in instance.get_runs():
            instance.delete_run(run.run_id)
        run_council(towns, NORTH)
        assert look().run_key != first.run_key


class Looks:
    """The sensor of an installation, looking again and again."""

    def __init__(self, small: SmallInstallation):
        self.sensor = automation.drop_folder_sensor(small.settings, automation.council_job())
        self.instance = dg.DagsterInstance.ephemeral()
        self.cursor: str | None = None

    def look(self):
        """One look: why the sensor starts nothing, or the run of the first council that it starts."""
        found = self.look_at_all()
        return found[0] if isinstance(found, list) else found

    def look_at_all(self):
        """One look: what the sensor says."""
        with dg.build_sensor_context(self.instance, self.cursor) as context:
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
        north, other = looks.look_at_all()
        assert (north.partition_key, other.partition_key) == ("north-town", "south-town")
        assert looks.left_out(north) == ["north-town/2023-24/2024-05-01/growing.csv"]
        assert looks.left_out(other) == []
    last = looks.look()
    assert isinstance(last, dg.RunRequest) and looks.left_out(last) == []


def test_the_run_leaves_out_the_files_that_the_sensor_saw_change(small, looks):
    arrive(small.drop_folder)
    looks.look()
    arrive(small.drop_folder, "growing.csv")
    request = looks.look()
    assert run_council(small, run_config=request.run_config).success
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
    with dg.DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance) as context:
        assert isinstance(sensor(context), dg.SkipReason)


def test_a_folder_that_is_not_usable_keeps_no_other_council_waiting(small, looks):
    arrive(second_council(small))
    (small.drop_folder.parent / "profile.yml").write_text("name: [")
    assert "The folder of north-town is not usable" in looks.look().skip_message
    assert looks.look().partition_key == "south-town"
