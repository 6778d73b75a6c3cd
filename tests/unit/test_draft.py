"""`redress draft`: a council's folder begun from its own files, with guesses marked, questions asked and nobody named."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from redress.authority.folder import load_authority
from redress.authority.left_open import guesses, questions
from redress.authority.model import AuthorityError
from redress.authority.template import create
from redress.base.errors import ConfigurationProblem
from redress.base.settings import ROOT, Settings
from redress.base.strict_yaml import read_yaml
from redress.cli import main
from redress.contract.contract import load_contract
from redress.draft.dates import days_of
from redress.draft.departments import without_other_departments
from redress.draft.folder import Draft, draft, is_same
from redress.draft.headings import targets
from redress.draft.opened import heading_rows, open_file
from redress.draft.shapes import shape_of
from redress.draft.words import guess_word
from redress.draft.yaml_text import scalar
from redress.intake import receive
from redress.narrative.names import names
from tests.unit import draft_shapes

REFERENCE = ROOT / "seeds" / "reference"
CONTRACT = load_contract(REFERENCE)


def drafted(tmp_path: Path, *files: Path) -> Draft:
    """Draft a folder from files."""
    return draft("north-town", files, tmp_path / "authorities", CONTRACT, date(2025, 5, 1), names("given"))


def mapping(result: Draft) -> dict:
    """What the drafted mapping holds."""
    return read_yaml(result.folder / "mapping.yml")


def csv_file(tmp_path: Path, text: str, name: str = "complaints.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


# which column is what


@pytest.mark.parametrize("shape", draft_shapes.SHAPES, ids=lambda shape: shape.__name__)
def test_columns_are_matched_in_exports_that_the_draft_was_not_written_for(shape, tmp_path):
    path, truth = shape(tmp_path)
    [opened], told = open_file(path)
    assert told == []
    found = shape_of(without_other_departments(opened)[0], CONTRACT)
    matched = {match.column.heading: name for name, match in found.matches.items()}
    for group in found.stages.values():
        matched |= {match.column.heading: f"stage.{name}" for name, match in group.items()}
    right = [heading for heading, target in truth.items() if matched.get(heading, "") == target]
    wrong = [heading for heading, target in matched.items() if truth[heading] != target]
    assert len(wrong) <= 1
    assert len(right) >= 0.88 * len(truth)


def test_a_meaning_is_not_guessed_against_a_word_that_turns_it_round():
    outcome = CONTRACT.tables["stage"].fields["outcome"]
    assert guess_word("stage", outcome, "Not upheld")[0] == "not_upheld"
    assert guess_word("stage", outcome, "Partly Upheld")[0] == "partially_upheld"
    assert guess_word("stage", outcome, "UPHELD - apology sent")[0] == "upheld"
    procedure = CONTRACT.tables["complaint"].fields["procedure"]
    assert guess_word("complaint", procedure, "Non-statutory")[0] == "corporate"
    assert guess_word("complaint", procedure, "Blue badge") == ("", 0.0)


def test_headings_are_found_below_a_title():
    rows = [
        ["Compliments 2024-25", "", ""],
        ["", "", ""],
        ["Date", "Team", "Words"],
        ["01/04/2024", "A", "Thanks"],
    ]
    assert heading_rows(rows) == [3]
    assert heading_rows([["Date", "Team"], ["01/04/2024", "A"]]) == [1]


def test_names_over_names_are_read_together_and_their_stages_drafted(tmp_path):
    rows = [
        ["Case", None, None, "Stage 1", None, "Stage 2", None],
        ["Case Ref", "Complaint Type", "Date Received", "Requested", "Reply Sent", "Requested", "Reply Sent"],
    ]
    for number in range(30):
        day = datetime(2024, 5, number % 28 + 1)
        rows.append([f"C{number}", "Statutory", day, day, day, day if number % 3 else None, None])
    result = drafted(tmp_path, draft_shapes.write_sheets(tmp_path / "cases.xlsx", {"Cases": rows}))
    [source] = mapping(result)["sources"]
    assert source["header_row"] == [1, 2]
    stages = [table["columns"] for table in source["tables"] if table["table"] == "stage"]
    assert [columns["requested_date"] for columns in stages] == ["Stage 1 / Requested", "Stage 2 / Requested"]
    assert load_authority(result.folder, REFERENCE)


# days


def test_two_orders_that_both_fit_are_a_question_with_its_evidence():
    days = days_of({"03/04/2024": 200, "05/06/2024": 14}, True)
    assert days.question == "03/04/2024: all 214 values fit both %d/%m/%Y and %m/%d/%Y"


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["13/04/2024", "05/06/2024"], ["%d/%m/%Y"]),
        (["04/13/2024", "05/06/2024"], ["%m/%d/%Y"]),
        (["2024-04-13", "2024-06-05"], ["%Y-%m-%d"]),
        (["13-Apr-24", "05-Jun-24"], ["%d-%b-%y"]),
        (["13 April 2024", "5 June 2024"], ["%d %B %Y"]),
        (["Mon 15 Apr 2024"], ["%a %d %b %Y"]),
        (["13/04/2024 10:15"], ["%d/%m/%Y %H:%M"]),
        (["2024-04-13T10:15:00Z"], ["%Y-%m-%dT%H:%M:%SZ"]),
        (["45400", "45500"], ["excel_serial"]),
        (["20240413"], ["%Y%m%d"]),
        (["01/01/2024", "02/02/2024"], ["%d/%m/%Y"]),  # the same day in both orders
    ],
)
def test_a_way_of_writing_days_is_found(texts, formats):
    days = days_of(dict.fromkeys(texts, 1), True)
    assert (days.formats, days.question) == (formats, "")


def test_days_with_and_without_a_time_have_two_formats_of_one_order():
    days = days_of({"13/04/2024 10:15": 2, "14/05/2024": 5, "03/04/2024": 1}, True)
    assert days.formats == ["%d/%m/%Y", "%d/%m/%Y %H:%M"]
    assert days.question == ""


def test_columns_of_both_orders_are_a_question():
    assert "only day first" in days_of({"13/04/2024": 5, "04/13/2024": 4, "05/06/2024": 9}, True).question


def test_numbers_are_days_only_below_a_heading_that_says_so():
    assert days_of({"45400": 5}, False).readable == 0


AMBIGUOUS = "Case Ref,Date Received,Complaint Type,Team\n" + "".join(
    f"C{n},0{n % 9 + 1}/0{(n + 3) % 9 + 1}/2024,Statutory,Fostering\n" for n in range(40)
)


def test_a_question_stands_in_the_mapping_and_is_refused_by_its_line(tmp_path):
    result = drafted(tmp_path, csv_file(tmp_path, AMBIGUOUS))
    [complaint] = [t for s in mapping(result)["sources"] for t in s["tables"] if t["table"] == "complaint"]
    assert complaint["columns"]["received_date"]["format"] == "?"
    with pytest.raises(
        AuthorityError, match=r"line \d+: `format` is `\"\?\"`: a person must choose .*fit both"
    ):
        load_authority(result.folder, REFERENCE)


# blanks, lists, words, departments

MIXED = "Case Ref,Date Received,Complaint Type,Team,Outcome,Date Closed\n" + "".join(
    f"C{n},{n % 28 + 1:02}/05/2024,{('Statutory', 'Blue badge')[n % 8 == 0]},"
    f"{('Fostering', 'Fostering; MASH', 'MASH')[n % 3]},{('Upheld', 'N/A', 'Not upheld')[n % 3]},{('TBC', '30/06/2024')[n % 2]}\n"
    for n in range(48)
)


def test_blanks_in_disguise_lists_and_words_are_said_in_the_mapping(tmp_path):
    result = drafted(tmp_path, csv_file(tmp_path, MIXED))
    held = mapping(result)
    [source] = held["sources"]
    by_table = {table["table"]: table for table in source["tables"]}
    assert by_table["complaint"]["columns"]["closed_date"] == {"from": "Date Closed", "blanks": ["TBC"]}
    assert by_table["complaint_service"]["split"] == {"column": "Team", "on": ";"}
    assert held["words"]["outcome"] == {"Upheld": "upheld", "N/A": "", "Not upheld": "not_upheld"}
    assert held["words"]["procedure"] == {"Statutory": "statutory", "Blue badge": "?"}
    text = (result.folder / "mapping.yml").read_text()
    assert "# 6 rows: statutory, corporate, informal" in text
    assert "# 100% filled" in text


def test_a_word_that_nobody_can_tell_is_asked_for_and_its_answer_makes_the_folder_sound(tmp_path):
    path = csv_file(tmp_path, MIXED)
    result = drafted(tmp_path, path)
    assert [name for name, _, _ in questions(result.folder)] == ["mapping.yml"]
    answer(result, '"Blue badge": "?"', '"Blue badge": corporate')
    authority = load_authority(result.folder, REFERENCE)
    [file] = receive(
        [(path, datetime(2025, 5, 1))], authority, Settings(build=tmp_path / "build", key="k" * 40)
    ).files
    assert (file.received, file.conformed) == (48, 48)


def answer(result: Draft, asked: str, by: str) -> None:
    """Answer a question of a draft."""
    path = result.folder / "mapping.yml"
    text = path.read_text()
    assert asked in text
    path.write_text(text.replace(asked, by))


def test_other_departments_are_left_out_and_none_of_their_words_is_taken(tmp_path):
    path, _ = draft_shapes.wide_case_system(tmp_path)
    result = drafted(tmp_path, path)
    [source] = mapping(result)["sources"]
    [rule] = source["leave_out"]
    assert rule["column"] == "Business Unit"
    assert sorted(rule["in"]) == ["Adults and Health", "Housing & Regeneration", "Street Scene"]
    assert "Repairs" not in (result.folder / "services.csv").read_text()
    assert any("left out as other departments'" in line for line in result.lines)


def test_a_word_for_what_a_record_is_is_no_department(tmp_path):
    text = MIXED.replace("Statutory", "Children's statutory").replace("Blue badge", "Corporate stage")
    [source] = mapping(drafted(tmp_path, csv_file(tmp_path, text)))["sources"]
    assert "leave_out" not in source


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Fostering", "Fostering Team", True),
        ("E-mail", "Email", True),
        ("Leaving  care", "leaving care", True),
        ("Assessment Team", "Assesment Team", True),
        ("North Team", "South Team", False),
        ("Team 1", "Team 2", False),
        ("Duty Team A", "Duty Team B", False),
        ("Permanence", "Prevention", False),
    ],
)
def test_two_words_are_one_only_where_they_differ_in_their_spelling(first, second, same):
    assert is_same(first, second) is same


# people


def test_nobody_is_named_in_a_drafted_folder(tmp_path):
    files = [shape(tmp_path)[0] for shape in draft_shapes.SHAPES]
    result = drafted(tmp_path, *files)
    scaffold = create("north-town", tmp_path / "other")
    for path in sorted(path for path in result.folder.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8")
        twin = scaffold / path.relative_to(result.folder)
        if twin.is_file() and twin.read_text(encoding="utf-8") == text:
            continue
        for name in (*draft_shapes.GIVEN, *draft_shapes.FAMILY):
            assert name not in text, (path.name, name)
        assert "wonderful" not in text and "nobody came" not in text
    assert not list((result.folder / "extracts").iterdir())


NAMED_WORDS = "Case Ref,Date Received,Complaint Type,Team,Complainant Type,Handler\n" + "".join(
    f"C{n},{n % 28 + 1:02}/05/2024,Statutory,{('Fostering', 'Amina Hartley', 'Zbigniew Whitcombe')[n % 3]},"
    f"{('Mother', 'Mrs Okoro')[n % 2]},{('Ayotunde Hartley', 'Zbigniew Whitcombe', 'Amina Hartley')[n % 3]}\n"
    for n in range(48)
)


def test_a_name_among_the_words_of_a_vocabulary_is_counted_and_not_shown(tmp_path):
    result = drafted(tmp_path, csv_file(tmp_path, NAMED_WORDS))
    text = "".join(path.read_text() for path in result.folder.glob("*.*"))
    assert "Fostering" in text and "Mother" in text
    assert not any(name in text for name in ("Hartley", "Whitcombe", "Okoro", "Zbigniew"))
    assert "1 more are not shown" in text
    assert "2 words of teams are not written down" in text


def test_no_date_of_birth_is_shown_as_evidence(tmp_path):
    text = AMBIGUOUS.replace("Team\n", "Team,Date of Birth\n").replace(
        "Fostering\n", "Fostering,03/04/1981\n"
    )
    result = drafted(tmp_path, csv_file(tmp_path, text))
    written = (result.folder / "mapping.yml").read_text()
    assert "1981" not in written
    assert 'birth_date: {from: Date of Birth, format: "?"}  # all 40 values fit both' in written


def test_departments_beside_which_somebody_is_named_are_not_written_down(tmp_path):
    rows = "".join(
        f"C{n},{n % 28 + 1:02}/05/2024,Statutory,{('Children', 'Housing - Amina Hartley', 'Highways')[n % 3]},Amina Hartley\n"
        for n in range(60)
    )
    path = csv_file(tmp_path, "Case Ref,Date Received,Complaint Type,Directorate,Officer\n" + rows)
    result = drafted(tmp_path, path)
    assert "Amina" not in (result.folder / "mapping.yml").read_text()
    assert "leave_out" not in mapping(result)["sources"][0]


# the folder


def test_every_draft_is_sound_but_for_its_questions(tmp_path):
    for number, shape in enumerate(draft_shapes.SHAPES):
        into = tmp_path / str(number)
        into.mkdir()
        path, _ = shape(into)
        result = drafted(into, path)
        text = (result.folder / "mapping.yml").read_text()
        for name, line, _ in questions(result.folder):
            assert name == "mapping.yml" and "#" in text.splitlines()[line - 1]
        try:
            load_authority(result.folder, REFERENCE)
        except AuthorityError as error:
            assert all("a person must choose" in problem for problem in error.problems), error.problems
        assert list(guesses(result.folder))


def test_files_of_one_shape_are_one_source_with_a_scope(tmp_path):
    head = "Case Ref,Date Received,Complaint Type,Team\n"
    files = [
        csv_file(tmp_path, head + f"C{n},{n}/13/2024,Statutory,Fostering\n", f"cases_2024-{n:02}.csv")
        for n in (4, 5, 6)
    ]
    [source] = mapping(drafted(tmp_path, *files))["sources"]
    assert source["files"] == "cases_2024-0*.csv"
    assert source["scope"] == r"^cases_2024\-0(.*)\.csv$"


def test_a_folder_that_is_there_is_not_written_over(tmp_path):
    folder = create("north-town", tmp_path / "authorities")
    before = (folder / "mapping.yml").read_bytes()
    with pytest.raises(ConfigurationProblem, match="there already"):
        drafted(tmp_path, csv_file(tmp_path, MIXED))
    assert (folder / "mapping.yml").read_bytes() == before


def test_a_file_that_is_no_table_leaves_no_folder(tmp_path):
    with pytest.raises(ConfigurationProblem, match="No file holds a table"):
        drafted(tmp_path, csv_file(tmp_path, ""))
    assert not (tmp_path / "authorities").exists()


def test_what_is_not_recognised_is_asked_for_with_what_its_columns_hold(tmp_path):
    path = csv_file(tmp_path, "Colour,Amount\n" + "crimson,12\nteal,13\n" * 9, "paint.csv")
    result = drafted(tmp_path, path)
    assert "paint.csv: it was not recognised; mapping.yml lists its columns." in result.lines
    text = (result.folder / "mapping.yml").read_text()
    assert "# Colour: 100% filled, 2 different texts" in text and "crimson" not in text
    with pytest.raises(AuthorityError) as error:
        load_authority(result.folder, REFERENCE)
    [problem] = error.value.problems
    assert '`table` is `"?"`: a person must choose' in problem


def test_a_heading_that_no_template_can_name_makes_no_faulty_template(tmp_path):
    path = csv_file(tmp_path, AMBIGUOUS.replace("Case Ref", "Ref: case").replace("Team", "Stage 1 Outcome"))
    with pytest.raises(AuthorityError) as error:
        load_authority(drafted(tmp_path, path).folder, REFERENCE)
    assert all("a person must choose" in problem for problem in error.value.problems)


ODD_HEADINGS = (
    "A: b",
    "x, y",
    "#1",
    "- dash",
    "{curly}",
    "[sq]",
    "it's",
    'say "hi"',
    "yes",
    "1",
    "%",
    "*",
    "&a",
    "@b",
    "a\nb",
    "~",
    "null",
    "Stage 1",
)
ODD_TEXTS = (
    "Upheld",
    "Yes",
    "x: y",
    "#a",
    'q"u',
    "it's",
    "?",
    "-",
    "Housing",
    "Children's",
    "Stage 2",
    "A;B",
    "B;A",
    "N/A",
    "£4.00",
    "7",
)


@pytest.mark.parametrize("seed", range(8))
def test_any_table_makes_a_folder_that_is_sound_but_for_its_questions(seed, tmp_path):
    made = draft_shapes.Maker(seed)
    phrases = [" ".join(phrase) for target in targets() for phrase in target.phrases]
    headings = {
        made.pick(made.pick(*phrases), made.pick(*ODD_HEADINGS)): made.random.randrange(3) for _ in range(10)
    }
    rows = [
        {
            heading: (f"{made.day():%d/%m/%Y}", f"R{number}", made.pick(*ODD_TEXTS))[kind]
            for heading, kind in headings.items()
        }
        for number in range(40)
    ]
    result = drafted(tmp_path, draft_shapes.write_rows(tmp_path / "it's (1).csv", rows))
    try:
        load_authority(result.folder, REFERENCE)
    except AuthorityError as error:
        assert [problem for problem in error.problems if "a person must choose" not in problem] == []


def test_the_command_says_what_is_left_to_do(tmp_path):
    done = CliRunner().invoke(
        main, ["draft", "north-town", str(csv_file(tmp_path, MIXED)), "--into", str(tmp_path / "authorities")]
    )
    assert done.exit_code == 0, done.output
    assert (
        "complaints.csv: 48 records; feeds complaint, complaint_service, stage; 6 of 6 columns are used."
        in done.output
    )
    assert 'Left to choose: 1 ("?")' in done.output
    assert "redress check north-town" in done.output


@pytest.mark.parametrize(
    "text", ["no", "1", "a: b", 'say "x"', "a\nb", "[a", "# x", "Team's", "", " a", "?", "-", "N/A", "&b"]
)
def test_any_text_comes_back_from_yaml_as_it_was(text):
    from redress.base.strict_yaml import parse_yaml

    assert parse_yaml(f"a: {scalar(text)}\nb: [{scalar(text, True)}]") == {"a": text, "b": [text]}


# what a first user met

WORDED = (
    "Case No,Logged On,Team,Route,How It Came In,Contact Is,1st Reply Due,1st Reply Sent,1st Reply Result,Escalated On,\
Investigation Reply Sent,Investigation Result\n"
    + "".join(
        f"C{n},{n % 28 + 1:02}/05/2024,{('Fostering', 'MASH')[n % 2]},{('Statutory (CSC)', 'Corporate', 'Informal concern')[n % 3]},"
        f"{('Email', 'Phone', 'Letter')[n % 3]},{('Mother', 'Advocate for young person')[n % 2]},20/06/2024,13/06/2024,"
        f"{('Upheld', 'Not upheld', 'Withdrawn by complainant')[n % 3]},{('N/A', '-', '', '20/06/2024')[n % 4]},"
        f"{('N/A', '', '-', '28/07/2024')[n % 4]},{('N/A', '-', '', 'Upheld')[n % 4]}\n"
        for n in range(60)
    )
)


def test_stages_are_told_by_words_and_no_row_has_parts_of_two(tmp_path):
    path = csv_file(tmp_path, WORDED)
    result = drafted(tmp_path, path)
    [source] = mapping(result)["sources"]
    first, withdrawn, second = [table for table in source["tables"] if table["table"] == "stage"]
    assert first["columns"]["requested_date"] == "Logged On"
    assert (first["columns"]["responded_date"], first["columns"]["outcome"]["from"]) == (
        "1st Reply Sent",
        "1st Reply Result",
    )
    assert first["where"] == {"column": "1st Reply Result", "not_in": ["Withdrawn by complainant"]}
    assert withdrawn["columns"]["closed_how"] == {"value": "withdrawn"}
    assert withdrawn["columns"]["closed_date"] == "1st Reply Sent" and "outcome" not in withdrawn["columns"]
    assert {
        name: second["columns"][name]["from"] for name in ("requested_date", "responded_date", "outcome")
    } == {
        "requested_date": "Escalated On",
        "responded_date": "Investigation Reply Sent",
        "outcome": "Investigation Result",
    }
    assert all(table["columns"]["service"] == "Team" for table in (first, withdrawn, second))
    assert "# 25% filled" in (result.folder / "mapping.yml").read_text()
    [file] = receive(
        [(path, datetime(2025, 5, 1))],
        load_authority(result.folder, REFERENCE),
        Settings(build=tmp_path / "build", key="k" * 40),
    ).files
    assert (file.received, file.conformed) == (60, 60)


def test_a_first_stage_without_a_number_is_not_mixed_with_a_later_one(tmp_path):
    text = WORDED.replace("1st Reply Sent", "Reply Sent").replace("1st Reply Result", "Result")
    [source] = mapping(drafted(tmp_path, csv_file(tmp_path, text)))["sources"]
    columns = [table["columns"] for table in source["tables"] if table["table"] == "stage"]
    assert [part["stage"]["value"] for part in columns] == [1, 1, 2]
    assert columns[0]["responded_date"] == "Reply Sent"
    assert columns[2]["responded_date"]["from"] == "Investigation Reply Sent"


def test_words_in_a_file_of_a_row_per_stage_make_no_groups(tmp_path):
    text = "Case Ref,Stage,Complaint Type,Date Received,Escalated On,Response Sent,Outcome\n" + "".join(
        f"C{n // 2},Stage {n % 2 + 1},Statutory,01/05/2024,{n % 28 + 1:02}/06/2024,20/07/2024,Upheld\n"
        for n in range(40)
    )
    [source] = mapping(drafted(tmp_path, csv_file(tmp_path, text)))["sources"]
    [stage] = [table["columns"] for table in source["tables"] if table["table"] == "stage"]
    assert "from" in stage["stage"] or stage["stage"] == "Stage"
    assert stage["responded_date"] == "Response Sent"


def test_words_that_are_the_contracts_count_more_than_a_heading(tmp_path):
    result = drafted(tmp_path, csv_file(tmp_path, WORDED))
    [complaint] = [t for s in mapping(result)["sources"] for t in s["tables"] if t["table"] == "complaint"]
    assert complaint["columns"]["procedure"] == {"from": "Route", "words": "procedure"}
    assert complaint["columns"]["channel"] == "How It Came In"
    assert (
        "procedure: {from: Route, words: procedure}  # guess:" in (result.folder / "mapping.yml").read_text()
    )


def test_columns_whose_words_look_like_the_vocabulary_are_named_to_whoever_must_choose(tmp_path):
    odd = WORDED.replace("Corporate", "Blue badge").replace("Informal concern", "Parking")
    text = (drafted(tmp_path, csv_file(tmp_path, odd)).folder / "mapping.yml").read_text()
    assert (
        'procedure: {value: "?"}  # no column was recognised for it: statutory, corporate, informal; words like these stand in Route'
        in text
    )


def test_an_advocate_for_a_young_person_is_an_advocate():
    role = CONTRACT.tables["complaint"].fields["complainant_role"]
    assert guess_word("complaint", role, "Advocate for young person")[0] == "advocate"
    assert guess_word("complaint", role, "Advocate on behalf of a child")[0] == "advocate"
    assert guess_word("complaint", role, "Parent of looked after child")[0] == "parent"
    assert guess_word("complaint", role, "Member of the public")[0] == "member_of_public"


def test_job_titles_are_owners_and_a_recommendation_is_what_was_agreed(tmp_path):
    text = "No.,From case,Recommendation,Lead,Agreed,Target date,RAG,Finished\n" + "".join(
        f"{n},C{n},Review how letters are sent to families number {n},"
        f"{('Service Manager Safeguarding', 'Head of SEND', 'Practice Development Lead')[n % 3]},"
        f"{n % 28 + 1:02}/05/2024,{n % 28 + 1:02}/07/2024,{('Red', 'Green')[n % 2]},\n"
        for n in range(1, 40)
    )
    [source] = mapping(drafted(tmp_path, csv_file(tmp_path, text, "Learning action tracker.csv")))["sources"]
    [action] = [table["columns"] for table in source["tables"]]
    assert action["owner"] == "Lead" and action["agreed"] == "Recommendation"
    assert "service" not in action and "said" not in action


def test_sheets_of_one_shape_are_one_source_and_merged_cells_are_filled(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for number, name in enumerate(("Apr to Sep", "Oct to Mar")):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = name
        sheet.append(["When", "Said by", "Team praised", "What was said"])
        for day in range(1, 12):
            made = (
                datetime(2024, 5 + 6 * number, day),
                ("School", "Parent")[day % 2],
                "Fostering",
                "So kind and patient with us all.",
            )
            sheet.append(list(made))
        sheet["A3"] = None
        sheet.merge_cells("A2:A3")
    path = tmp_path / "Compliments log.xlsx"
    book.save(path)
    result = drafted(tmp_path, path)
    [source] = mapping(result)["sources"]
    assert source["sheets"] == ["Apr to Sep", "Oct to Mar"] and source["fill_merged"] is True
    assert source["tables"][0]["columns"]["source"] == "Said by"
    files = receive(
        [(path, datetime(2025, 5, 1))],
        load_authority(result.folder, REFERENCE),
        Settings(build=tmp_path / "build", key="k" * 40),
    ).files
    assert [(file.received, file.conformed) for file in files] == [(11, 11), (11, 11)]


def test_a_row_that_names_stages_is_read_with_headings_that_do_not_repeat(tmp_path):
    rows: list[list[object]] = [
        ["Anyborough: complaints about children's services", None, None, None, None, None],
        ["Case", None, "Stage 1", None, "Stage 2", None],
        ["Case no", "Logged on", "Reply sent", "Finding", "Asked for", "Adjudication sent"],
    ]
    for number in range(30):
        day = datetime(2024, 5, number % 28 + 1)
        rows.append([f"C{number}", day, day, "Upheld", day if number % 3 else None, None])
    result = drafted(tmp_path, draft_shapes.write_sheets(tmp_path / "log.xlsx", {"Log": rows}))
    [source] = mapping(result)["sources"]
    assert source["header_row"] == [2, 3]
    first, second = (table["columns"] for table in source["tables"] if table["table"] == "stage")
    assert (first["responded_date"], second["requested_date"]) == (
        "Stage 1 / Reply sent",
        "Stage 2 / Asked for",
    )


def test_what_says_the_kind_of_a_record_is_no_remedy_and_what_is_not_taken_is_said(tmp_path):
    made = draft_shapes.Maker(31)
    rows = [
        {
            "CaseID": f"CRM-{number}",
            "CreatedDate": (made.day() - date(1899, 12, 30)).days,
            "Case Type": made.pick("Complaint", "Compliment", "Comment"),
            "Sub Type": made.pick("Staff conduct", "Delay", "Communication", "Decision"),
            "Team Name": made.pick("Fostering", "Leaving Care", "Court Team"),
            "Assigned To": made.pick("Karen Holt", "Priya Rao"),
            "Final Outcome": made.pick("Upheld", "Not Upheld"),
        }
        for number in range(120)
    ]
    result = drafted(tmp_path, draft_shapes.write_rows(tmp_path / "crm.csv", rows))
    [source] = mapping(result)["sources"]
    tables = {table["table"]: table for table in source["tables"]}
    assert source["date_format"] == "excel_serial"
    assert source["names"] == ["Assigned To"]
    assert tables.keys() == {"complaint", "complaint_service", "stage", "compliment", "contact"}
    assert tables["complaint"]["columns"]["theme"] == "Sub Type"
    assert tables["complaint_service"]["columns"]["service"] == "Team Name"


def test_a_column_of_people_is_none_of_teams(tmp_path):
    made = draft_shapes.Maker(32)
    rows = [
        {
            "Reference": f"R{number}",
            "Date received": made.day().strftime("%d/%m/%Y"),
            "Assigned team": made.pick("Karen Holt", "Priya Rao", "Dylan Jones"),
            "Outcome": made.pick("Upheld", "Not upheld"),
        }
        for number in range(60)
    ]
    result = drafted(tmp_path, draft_shapes.write_rows(tmp_path / "export.txt", rows, "\t", "utf-16"))
    [source] = mapping(result)["sources"]
    assert source["encoding"] == "utf-16" and source["names"] == ["Assigned team"]
    assert not [table for table in source["tables"] if table["table"] == "complaint_service"]


def test_a_sum_where_a_team_should_stand_is_no_team(tmp_path):
    rows = "".join(
        f"R{n},{n % 28 + 1:02}/05/2023,{('North Team', 'South Team')[n % 2]},Upheld\n" for n in range(40)
    )
    text = f"Reference,Date received,Team,Outcome\n{rows},,40,\n"
    result = drafted(tmp_path, csv_file(tmp_path, text))
    teams = (result.folder / "services.csv").read_text().splitlines()[1:]
    assert [line.partition(",")[0] for line in teams] == ["North Team", "South Team"]
    assert "services.csv: 40 stand where teams do" in (result.folder / "profile.yml").read_text()


def test_limits_of_a_new_folder_hold_from_the_beginning(tmp_path):
    result = drafted(tmp_path, csv_file(tmp_path, MIXED.replace("Blue badge", "Corporate")))
    header, *limits = (result.folder / "timescales.csv").read_text().splitlines()
    first_day = header.split(",").index("valid_from")
    assert limits and [line.split(",")[first_day] for line in limits] == [""] * len(limits)


def test_a_log_tells_the_team_and_the_finding_in_its_events(tmp_path):
    made = draft_shapes.Maker(33)
    rows = []
    for number in range(40):
        day = datetime.combine(made.day(), datetime.min.time())
        for later, (event, detail) in enumerate(
            [
                ("Case created", made.pick("Email", "Phone")),
                ("Procedure set", made.pick("Statutory", "Corporate")),
                ("Assigned to team", made.pick("Fostering", "Leaving Care", "Court Team")),
                ("Acknowledgement sent", ""),
                ("Response sent", made.pick("Upheld", "Not upheld")),
                ("Case closed", ""),
            ]
        ):
            moment = (day + timedelta(days=3 * later)).strftime("%Y-%m-%d %H:%M")
            rows.append(
                {
                    "Case": f"E{number}",
                    "Timestamp": moment,
                    "Activity": event,
                    "Details": detail,
                    "User": "kh",
                }
            )
    result = drafted(tmp_path, draft_shapes.write_rows(tmp_path / "activity.csv", rows))
    [source] = mapping(result)["sources"]
    columns = source["group"]["columns"]
    said = {name: (part["from"], part["where"]["in"]) for name, part in columns.items()}
    assert said["Service"] == ("Details", ["Assigned to team"])
    assert said["Finding"] == ("Details", ["Response sent"])
    assert said["Replied"] == ("Timestamp", ["Response sent"])
    [stage] = [table["columns"] for table in source["tables"] if table["table"] == "stage"]
    assert {"service", "outcome", "responded_date"} <= stage.keys()


def test_several_remedies_in_a_cell_are_several(tmp_path):
    made = draft_shapes.Maker(34)
    rows = [
        {
            "LGSCO ref": f"24 00{number:03} 567",
            "Date received by LGSCO": made.day().strftime("%d/%m/%Y"),
            "Decision date": made.day().strftime("%d/%m/%Y"),
            "Ombudsman decision": made.pick("Upheld", "Not upheld", "Closed after initial enquiries"),
            "Agreed remedy": made.pick("Apology; Payment", "Apology", "Payment; Training", ""),
        }
        for number in range(60)
    ]
    result = drafted(tmp_path, draft_shapes.write_rows(tmp_path / "lgsco.csv", rows))
    [source] = mapping(result)["sources"]
    [remedy] = [table for table in source["tables"] if table["table"] == "remedy"]
    assert remedy["split"] == {"column": "Agreed remedy", "on": ";"}
    assert remedy["columns"]["remedy_id"] == {"template": "{LGSCO ref}-{part}"}
    assert load_authority(result.folder, REFERENCE)
