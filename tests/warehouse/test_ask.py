"""`redress ask`: numbers of the small world, from the tables of figures and from the facts, and what it says of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from redress.base.errors import BAD_USAGE
from redress.base.settings import Settings
from redress.base.tables import read_csv
from redress.cli import main
from redress.warehouse.ask import UNPROTECTED, Answer, ask
from redress.warehouse.question import CannotAnswer
from tests.warehouse.warehouse_state import Warehouse

pytestmark = pytest.mark.xdist_group("small world")


@pytest.fixture(scope="module")
def settings(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation whose last warehouse is the small world."""
    made = Settings(build=tmp_path_factory.mktemp("build"))
    made.state.mkdir()
    shutil.copy(warehouse.database, made.database)
    return made


def answered(settings: Settings, question: str, authority: str = "ashby") -> Answer:
    return ask(settings, question, authority)


def numbers(answer: Answer) -> dict[tuple[str, ...], list[float | None]]:
    return {values: list(by_period.values()) for values, by_period in answer.cells.items()}


def test_an_answer_says_first_and_last_that_it_is_not_protected(settings: Settings) -> None:
    for question in (
        "new complaints",
        "new complaints by service and month",
        "compliments by source, 2022-23",
    ):
        lines = answered(settings, question).lines()
        assert lines[0] == lines[-1] == UNPROTECTED
        assert "not protected" in UNPROTECTED and "not to be published" in UNPROTECTED


def test_complaints_by_service_and_month_with_the_whole_beside(settings: Settings) -> None:
    answer = answered(settings, "new complaints by service and month, 2023-24")
    assert answer.periods[0] == "2023-04" and answer.periods[-1] == "2024-03" and len(answer.periods) == 12
    april, march = [1.0, *[0.0] * 11], [*[0.0] * 11, 1.0]
    assert numbers(answer) == {
        # what belongs to another stands below it
        ("care",): april,
        ("Fostering",): april,
        ("Schools",): april,
        ("not_known",): march,
    }
    assert list(answer.below["Each counted once"].values()) == [1.0, *[0.0] * 10, 1.0]
    text = "\n".join(answer.lines())
    assert "A complaint counts once in each service that it touches" in text
    assert "Social Care (directorate)" in text and "From the table of figures figures_complaints." in text


def test_what_no_table_of_figures_has_is_counted_from_the_facts(settings: Settings) -> None:
    answer = answered(settings, "New complaints by channel and theme for statutory")
    assert numbers(answer) == {
        ("Email", "Conduct"): [1.0],
        ("Email", "Delay"): [1.0],
        ("not_known", "not_known"): [1.0],
    }
    assert answer.below == {"Added up": {"2023-24": 3.0}, "Each counted once": {"2023-24": 2.0}}
    assert "From the facts, as redress/warehouse/semantic.yml defines the measure." in answer.notes


def test_the_whole_of_procedures_has_the_informal_complaints_that_they_have(settings: Settings) -> None:
    answer = answered(settings, "new complaints by procedure and behalf")
    assert sum(number for (number,) in numbers(answer).values()) == answer.below["All"]["2023-24"] == 3.0
    assert list(answered(settings, "new complaints by behalf").below["All"].values()) == [2.0]


def test_a_level_is_the_services_of_that_level_and_may_be_under_another(settings: Settings) -> None:
    assert numbers(answered(settings, "new complaints by team")) == {("Fostering",): [1.0]}
    assert numbers(answered(settings, "new complaints by team for Social Care")) == {("Fostering",): [1.0]}
    assert numbers(answered(settings, "new complaints by team for Schools")) == {}


def test_an_average_of_nothing_is_not_known(settings: Settings) -> None:
    answer = answered(settings, "mean working days to respond by quarter for stage 1")
    assert answer.below["All"] == {
        "2023-24-Q1": 7.5,
        "2023-24-Q2": None,
        "2023-24-Q3": None,
        "2023-24-Q4": None,
    }
    assert "7.5" in "\n".join(answer.lines())


def test_a_year_is_as_the_report_of_that_year_knew_it(settings: Settings) -> None:
    assert answered(settings, "responses, 2022-23").report.year == "2022-23"
    every = answered(settings, "new complaints, all years")
    assert every.below["All"] == {"2021-22": 40.0, "2022-23": 2.0, "2023-24": 2.0}
    assert "As the council gave them, not counted: 2021-22." in every.notes
    assert list(answered(settings, "new complaints, May 2022").below["All"].items()) == [("2022-05", 1.0)]


def test_all_stages_together_are_no_complaints(settings: Settings) -> None:
    assert (
        "All stages together are stage episodes, not complaints."
        in answered(settings, "entered by channel").notes
    )


@pytest.mark.parametrize(
    ("question", "authority", "what", "detail"),
    [
        ("new complaints", "", "Several authorities", "ashby"),
        ("new complaints", "nowhere", "no report of `nowhere`", "ashby, marlow"),
        ("new complaints, 2015-16", "ashby", "do not cover 2015-16", "2022-23, 2023-24"),
        (
            "responses by basis and channel",
            "ashby",
            "the facts do not have basis",
            "From the facts by any of",
        ),
        (
            "issues answered by category",
            "ashby",
            "the facts have no definition",
            "category and service and stage",
        ),
        ("compliments by ethnicity", "ashby", "no key `ethnicity`", "service"),
        ("actions by month", "ashby", "cannot be counted by month", "the day is not known"),
        ("actions done, Q1 2023-24", "ashby", "cannot be counted by quarter", "by year alone"),
    ],
)
def test_what_cannot_be_answered_is_told_with_what_can(
    settings: Settings, question: str, authority: str, what: str, detail: str
) -> None:
    with pytest.raises(CannotAnswer) as problem:
        ask(settings, question, authority)
    assert what in problem.value.what
    assert detail in "\n".join(problem.value.details)


def test_one_authority_needs_no_name(settings: Settings) -> None:
    assert ask(settings, "compliments by source").report.authority == "ashby"


def test_the_command_prints_and_writes_what_is_marked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRESS_BUILD", str(settings.build))
    file = tmp_path / "answer.csv"
    asked = ["new", "complaints", "by", "service,", "2023-24"]
    done = CliRunner().invoke(main, ["ask", *asked, "--authority", "ashby", "--csv", str(file)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(UNPROTECTED) and done.output.rstrip().endswith(UNPROTECTED)
    rows = read_csv(file)
    assert {row["protection"] for row in rows} == {UNPROTECTED}
    assert {row["service"]: row["value"] for row in rows}["Fostering"] == "1.0"
    refused = CliRunner().invoke(main, ["ask", "new complants", "--authority", "ashby"])
    assert refused.exit_code == BAD_USAGE and "New complaints (new_complaints)" in refused.output
