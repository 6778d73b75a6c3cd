"""The `redress` command: what it prints, its exit codes, and how soon it answers."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys

import yaml

from redress.base.settings import ROOT
from redress.run import stages
from tests.pipeline.small_installation import FIGURE, check, redress


def processor_time() -> float:
    """Return the seconds of processor time of the processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_answers_at_once_and_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['redress', '--help']\n"
        "from redress.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'duckdb', 'dbt', 'dagster', 'great_expectations', 'polars', 'pandas', 'yaml', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    began = processor_time()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert processor_time() - began < 0.5
    for word in ("build", "check", "intake", "new-authority", "explain", "Exit codes", "70  internal error"):
        assert word in done.stdout


def test_a_green_build_ends_with_0(small):
    result = redress("build")
    assert result.exit_code == 0, result.output
    assert f"Results are in {small.settings.build}" in result.output


def test_a_failed_gate_ends_with_1_and_says_what_failed_and_who_can_fix_it(small):
    small.checks.append(check("stock_and_flow", "fail"))
    result = redress("build", "--no-site")
    assert result.exit_code == 1
    assert "The services add up to all new complaints. Expected 3, found 4." in result.output
    assert "To fix: the complaints team." in result.output


def test_a_broken_folder_an_unknown_authority_and_a_wrong_option_end_with_2(small):
    (small.drop_folder.parent / "profile.yml").write_text("name: [")
    for arguments in (
        ["build"],
        ["check", "north-town"],
        ["build", "--authority", "nowhere"],
        ["build", "--as-at", "May"],
    ):
        assert redress(*arguments).exit_code == 2, arguments


def test_check_tells_every_fault_of_a_folder_in_one_pass(small):
    folder = small.drop_folder.parent
    shutil.copytree(ROOT / "reports" / "sections", small.settings.root / "reports" / "sections")
    for name in ("words", "section"):
        (folder / "report").mkdir(exist_ok=True)
        (folder / "report" / f"{name}.md").write_text("---\ntitle: Own\nplace: after in-short\n---\nText.\n")
    sound = redress("check", "north-town")
    assert sound.exit_code == 0, sound.output
    (folder / "report" / "section.md").write_text(
        '---\ntitle: Own\nplace: after in-short\n---\n{% figure "new_complaint" /%} and 12 complaints.\n'
    )
    (folder / "report" / "words.md").write_text(
        "---\ntitle: Own\nplace: after in-short\n---\nThere were 12 new complaints. TODO.\n"
    )
    in_sections = redress("check", "north-town")
    assert in_sections.output.index("files in ") < in_sections.output.index("report/section.md: line 5: ")
    (folder / "profile.yml").write_text((folder / "profile.yml").read_text() + "colour: 3\n")
    in_all = redress("check", "north-town")
    assert in_sections.exit_code == in_all.exit_code == 2
    for result in (in_sections, in_all):
        assert "report/section.md: line 5: " in result.output and "nearest: new_complaints" in result.output
        assert "report/words.md: line 5: `TODO`" in result.output
    assert "profile.yml: line" in in_all.output and "colour" in in_all.output
    (folder / "services.csv").write_text("service,parent_service\nx,nowhere\n")
    without_words = redress("check", "north-town")
    assert "services.csv" in without_words.output and "section.md" not in without_words.output


def test_a_rejected_file_ends_with_3(green):
    green.rejected = "The file is empty."
    result = redress("build", "--quiet")
    assert result.exit_code == 3
    assert "north-town: complaints.csv: The file is empty." in result.output


def test_intake_by_hand(small, tmp_path):
    file = tmp_path / "complaints.csv"
    file.write_text("complaint_id\n")
    result = redress("intake", file, "--authority", "north-town", "--received", "2024-05-02T09:30:00")
    assert result.exit_code == 0, result.output
    assert "loaded from complaints.csv at 2024-05-02 09:30:00" in result.output
    small.rejected = "The file is empty."
    assert redress("intake", file, "--authority", "north-town").exit_code == 3
    assert redress("intake", file, "--authority", "nowhere").exit_code == 2
    assert redress("intake", tmp_path / "none.csv", "--authority", "north-town").exit_code == 2
    assert redress("intake", file).exit_code == 2


def test_a_drop_folder_that_the_profile_names_must_be_there(small):
    profile = small.drop_folder.parent / "profile.yml"
    profile.write_text(profile.read_text() + "extracts: ../../share\n")
    result = redress("build", "--quiet")
    assert result.exit_code == 2 and "is not there" in result.output


def test_anything_unforeseen_ends_with_70(small, monkeypatch):
    monkeypatch.setattr("redress.protect.export", lambda *arguments, **more: 1 / 0)
    result = redress("build", "--quiet")
    assert result.exit_code == 70
    assert "ZeroDivisionError" in result.output and "Nothing was published" in result.output


def test_check_judges_the_newest_warehouse_also_one_that_was_refused(small):
    assert redress("check").exit_code == 2
    redress("build", "--quiet")
    assert redress("check").exit_code == 0
    small.checks.append(check("stock_and_flow", "fail"))
    redress("build", "--quiet")
    assert stages.candidate_database(small.settings).exists()
    assert redress("check").exit_code == 1
    small.checks.pop()
    result = redress("check")
    assert result.exit_code == 0 and str(stages.candidate_database(small.settings)) in result.output


def test_the_moment_of_knowledge_can_be_moved(small):
    assert (
        redress("build", "--authority", "north-town", "--year", "2023-24", "--as-at", "2024-05-10").exit_code
        == 0
    )
    assert "north-town,2023-24,2024-05-10," in (small.settings.build / "figures.csv").read_text()


def test_check_tells_of_the_files_where_sections_cannot_be_read_or_words_are_refused(small, monkeypatch):
    folder = small.drop_folder.parent
    shutil.copytree(ROOT / "reports" / "sections", small.settings.root / "reports" / "sections")
    (folder / "report").mkdir(exist_ok=True)
    own = folder / "report" / "own.md"
    own.write_text("---\ntitle: Own\nplace: after in-short\n---\nThere were 12 new complaints. TODO.\n")
    refused = redress("check", "north-town")
    assert refused.exit_code == 1, refused.output
    assert "cannot be published as they are" in refused.output
    with monkeypatch.context() as without_node:
        without_node.setattr("redress.declared.parse.shutil.which", lambda _: None)
        without_node.setattr("redress.declared.parse._known", {})
        without_node.setattr("redress.declared.parse._read_kept", lambda _: {})
        without = redress("check", "north-town")
    assert without.exit_code == 2
    for result in (refused, without):
        assert "can be used" in result.output and "files in " in result.output
        assert "read yet" in result.output or "would take from the drop folder" in result.output
    assert "The sections of its reports cannot be read" in without.output
    assert "Node.js is not installed" in without.output


def test_a_new_authority_can_be_checked_at_once(small):
    result = redress("new-authority", "south-town")
    assert result.exit_code == 0, result.output
    folder = small.root / "authorities" / "south-town"
    assert {path.name for path in folder.iterdir()} >= {
        "profile.yml",
        "mapping.yml",
        "services.csv",
        "categories.csv",
        "timescales.csv",
        "time_bands.csv",
        "groupings.csv",
        "README.md",
    }
    profile = yaml.safe_load((folder / "profile.yml").read_text())
    assert profile["authority"] == "south-town" and profile["synthetic"] is False
    result = redress("check", "south-town")
    assert result.exit_code == 0, result.output
    assert "South Town Council" in result.output


def test_a_year_of_words_is_begun_and_check_says_what_is_left_to_do(small):
    redress("new-authority", "south-town")
    report = small.root / "authorities" / "south-town" / "report"
    (report / "report.yml").write_text("pages: [{page: summary, title: Summary, sections: [lessons]}]\n")
    lessons = report / "2024-25" / "lessons.md"
    lessons.write_text(lessons.read_text(encoding="utf-8") + "\nWe listen first.\n", encoding="utf-8")
    begun = redress("new-year", "south-town")
    assert begun.exit_code == 0, begun.output
    assert "  lessons.md" in begun.output and '  "2025-26":\n    as_at: 2026-05-31' in begun.output
    assert "look_again: true" in (report / "2025-26" / "lessons.md").read_text(encoding="utf-8")
    again = redress("new-year", "south-town", "2025-26")
    assert again.exit_code == 2 and "there already" in again.output
    checked = redress("check", "south-town").output
    assert (
        "2024-25: south-town/report/2024-25/lessons.md: `What was learned` on the page `Summary` has no approval"
        in checked
    )
    assert "profile.yml declares no report 2025-26" in checked
    unwritten = checked.partition("sections are not written yet, and no page prints them:\n")[2]
    assert "    south-town/report/2024-25: casework.md, " in unwritten
    assert max(map(len, unwritten.partition("\n  To look at")[0].splitlines())) <= 110


def test_a_new_authority_is_never_written_over_another_nor_outside_its_place(small, tmp_path):
    assert redress("new-authority", "north-town").exit_code == 2
    assert redress("new-authority", "../elsewhere").exit_code == 2
    assert redress("new-authority", "South Town").exit_code == 2
    assert redress("new-authority", "south-town", "--into", tmp_path / "other").exit_code == 0
    assert (tmp_path / "other" / "south-town" / "sample" / "complaint.csv").exists()


def test_explain_tells_meaning_numbers_checks_and_files(small):
    redress("build", "--quiet")
    result = redress("explain", FIGURE)
    assert result.exit_code == 0, result.output
    for words in (
        "Complaints received in the period, each counted once",
        "3 complaints",
        "The services add up to all new complaints.",
        "t1: published 3, computed 3: reproduced",
        "complaints.csv, received 2024-05-01",
        "Unprotected",
    ):
        assert words in result.output


def test_explain_tells_since_when_a_check_of_the_figure_fails(small):
    failing = check("stock_and_flow", "fail", "warn") | {
        "check_id": "stock-and-flow:new_complaints:total:2023-24"
    }
    small.checks.append(failing)
    redress("build", "--quiet")
    output = redress("explain", FIGURE).output
    assert (
        "stock-and-flow:new_complaints:total:2023-24: Failing since " in output
        and ", 1 run; never seen to pass." in output
    )
    small.checks[-1] = failing | {"verdict": "pass"}
    redress("build", "--quiet")
    assert "holds now; failed last on" in redress("explain", FIGURE).output


def test_a_green_build_tells_its_warnings(small):
    small.checks.append(check("change", "fail", "warn"))
    output = redress("build").output
    assert "warning: change.new_complaints (north-town 2023-24): The services add up" in output
    assert "never seen to pass" in output


def test_many_failing_checks_say_since_when_once_and_who_has_them(small):
    small.checks += [check("stock_and_flow", "fail"), check("change_from_periods", "fail")]
    output = redress("build", "--no-site").output
    assert output.count("Failing since") == 1 and "All of them: Failing since" in output
    assert "the complaints team, north-town: 2 checks to put right, in " in output


def test_explain_of_an_unknown_figure_names_near_ones(small):
    assert redress("explain", FIGURE).exit_code == 2
    redress("build", "--quiet")
    result = redress("explain", FIGURE[:-1])
    assert result.exit_code == 2 and f"Near it: {FIGURE}" in result.output


def test_the_internal_site_leads_to_the_warehouse_and_the_evidence(small):
    assert redress("docs").exit_code == 2
    redress("build", "--quiet")
    result = redress("docs")
    assert result.exit_code == 0, result.output
    folder = small.settings.build / "internal"
    assert "north-town-2023-24/index.html" in (folder / "index.html").read_text(encoding="utf-8")
    page = (folder / "warehouse.html").read_text(encoding="utf-8")
    assert "stg_complaint" in page and '"send_anonymous_usage_stats": false' in page


def test_the_installed_command_is_the_same(tmp_path):
    command = os.path.join(os.path.dirname(sys.executable), "redress")
    if not os.path.exists(command):
        command = [sys.executable, "-m", "redress.cli"]
    done = subprocess.run(
        [*([command] if isinstance(command, str) else command), "explain", "x"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "REDRESS_BUILD": str(tmp_path)},
    )
    assert done.returncode == 2 and "There is no warehouse yet" in done.stderr
