"""A quote is published only where it tells nobody apart: names in every spelling, patterns, references."""

from __future__ import annotations

import re
import time
import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from intake_world import World, csv_text

from redress.intake import quotes, write_quarantine
from redress.intake.names import SHORTEST_PART, digester, names_in, said_in
from redress.intake.quotes import RULES, as_shown, is_nhs_number, names_somebody, pattern_rules

DIGEST = digester(b"a key for tests of names", "smallham")
HARMLESS = (
    "Thank you for the time you took.",
    "The team kept us informed at every step, and always rang back!",
    "A very well prepared meeting; the children's views were heard in 2023.",
    "I may write again. We hope for more of this. Year 7 has been good, 10/10.",
    "Très bien! X",
)
SUFFIXES = ("", "'s", "\u2019s", "s", ",", "!", ".", '"', ")", "-based", "\u2014our")
PREFIXES = ("", "(", '"', "\u201c", "to ", "super-", "\n", "\u00a0", "dear\t")
LETTERS = st.characters(categories=("Lu", "Ll"), max_codepoint=0x17F, exclude_characters="ŉſªºĿŀĸÆæŒœÞþßĲĳǄ")
PART = st.text(LETTERS, min_size=SHORTEST_PART, max_size=12)


def refused(text: str, *cells: str, in_parts: bool = True) -> bool:
    """Whether a text names somebody of whom cells of an extract are the names."""
    known = {DIGEST(form) for cell in cells for form in names_in(cell, in_parts)}
    return names_somebody(text, known, DIGEST)


@given(
    first=PART, last=PART, prefix=st.sampled_from(PREFIXES), suffix=st.sampled_from(SUFFIXES), data=st.data()
)
@examples(max_examples=300, deadline=None, derandomize=True)
def test_a_part_of_a_name_is_found_however_it_is_written(first, last, prefix, suffix, data) -> None:
    joiner = data.draw(st.sampled_from([" ", "-", "'", "\u2019", ", ", "  "]))
    cell = f"{first}{joiner}{last}"
    if not names_in(cell):  # a word such as "Team" or "Mother" among the drawn letters
        return
    said = data.draw(st.sampled_from([part for part in (first, last) if names_in(part)] or [cell]))
    spelling = data.draw(
        st.sampled_from(
            [
                str,
                str.upper,
                str.lower,
                lambda text: unicodedata.normalize("NFD", text),
                lambda text: "".join(
                    c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
                ),
                lambda text: "\u00ad".join(text),
                lambda text: " ".join(text),
                lambda text: f"{text[:2]}-\n{text[2:]}",
            ]
        )
    )
    written = spelling(said)
    if suffix[:1].isalpha() and " " in written:
        suffix = ""  # letters written one by one end where a word begins
    assert refused(f"Thanks {prefix}{written}{suffix} for all", cell), (cell, said)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("O'Hara, Amina", "ohara was kind"),
        ("O'Hara, Amina", "Ms O\u2019HARA"),
        ("OHara", "Mrs O Hara" + "."),
        ("Zoë Łącka-Brandão", "Thank you, Zoe"),
        ("Zoë Łącka-Brandão", "Thank you, lacka brandao"),
        ("Zoe Lacka", "Thank you, Łącka"),
        ("Bjørn Æthelþor Weiß", "weiss was kind"),
        ("Bjørn Æthelthor", "Aethelþor was kind"),
        ("Bo Li", "thanks to Bo Li"),
        ("Bo Li", "thanks to LI, BO"),
        ("Bo Li", "thanks to boli"),
        ("Amina Okafor", "a m i n a"),
        ("Amina Okafor", "Ask aminaokafor"),
        ("Amina Okafor", "Amina\nOkafor"),
        ("Social worker Amina Okafor (Duty Team)", "okafor"),
        ("a.okafor@example.org", "okafor"),
        ("Amina Bell <a.okafor2@example.org>", "amina"),
        ("Amina Bell <a.okafor2@example.org>", "okafor"),
        ("a.okafor@example.org; amina@example.org", "amina"),
        ("Amina Okafor", "A-m-i-n-a"),
    ],
)
def test_names_in_the_spellings_of_files_and_of_people(cell: str, text: str) -> None:
    assert refused(text, cell)


@pytest.mark.parametrize("text", HARMLESS)
def test_words_that_name_nobody_pass(text: str) -> None:
    assert pattern_rules(text) == []
    assert not refused(
        text, "Amina Okafor", "Bo Li", "Duty Team", "Unknown", "CE1", "Mother", "", "Not stated", "K00012"
    )


def test_a_name_is_a_whole_word() -> None:
    assert not refused("We were hopeful; the brandon was open", "Hope Brand")
    assert refused("Hope was kind", "Hope Brand")


def test_a_cell_that_only_may_be_a_name_counts_as_a_whole() -> None:
    assert refused("amina okafor rang", "Amina Okafor", in_parts=False)
    assert refused("Okafor, Amina rang", "Amina Okafor", in_parts=False)
    assert not refused("Amina rang", "Amina Okafor", in_parts=False)
    assert names_in("Closed", False) == names_in("Call taken and passed on", False) == set()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("title", "Thanks to Mrs Jones"),
        ("title", "thanks to dr. who"),
        ("title", "Cllr Abel helped"),
        ("initials", "Thanks, J.K."),
        ("initials", "K's mum"),
        ("initials", "from B"),
        ("email", "me@example.org"),
        ("email", "me (at) example.org"),
        ("email", "find us @ourfamily"),
        ("web_address", "see example.org.uk/us"),
        ("web_address", "HTTPS://x"),
        ("telephone", "07700 900123"),
        ("telephone", "+44 (0)7700-900-123"),
        ("telephone", "0121.496.0000"),
        ("telephone", "\uff10\uff17\uff17\uff10\uff10 900123"),
        ("nhs_number", "943 476 5919"),
        ("nhs_number", "94 34 76 59 19"),
        ("nhs_number", "9434765919"),
        ("nhs_number", "111-222-3333"),
        ("postcode", "at B91 3QB"),
        ("postcode", "sw1a1aa"),
        ("date", "12/03/2011"),
        ("date", "2011-03-12"),
        ("date", "on the 3rd of May"),
        ("date", "March 12th"),
        ("date", "his birthday"),
        ("date", "DOB"),
        ("reference", "CH22-0001"),
        ("reference", "case 12345"),
        ("reference", "ref 220/1234"),
        ("letters", "\u0410mina was kind"),
        ("letters", "شكرا"),
    ],
)
def test_patterns_refuse(rule: str, text: str) -> None:
    assert rule in pattern_rules(text) and rule in RULES


@given(st.text("0123456789", min_size=9, max_size=9))
@examples(max_examples=200, deadline=None, derandomize=True)
def test_one_check_digit_at_most_makes_an_nhs_number(digits: str) -> None:
    made = [last for last in "0123456789" if is_nhs_number(digits + last)]
    total = sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True))
    expected = (11 - total % 11) % 11
    assert made == ([] if expected == 10 or len(set(digits + str(expected))) == 1 else [str(expected)])


@given(st.text(max_size=200))
@examples(max_examples=200, deadline=None, derandomize=True)
def test_a_quote_as_shown_is_one_line_without_straight_quotation_marks(text: str) -> None:
    shown = as_shown(text)
    assert '"' not in shown and "\n" not in shown and as_shown(shown) == shown
    assert said_in(shown) >= said_in(" ".join(text.split())) or not shown


MAPPING = """
version: 1
sources:
  - id: compliments
    files: "Thanks*.csv"
    ignore: [Notes]
    names: [IO]
    tables:
      - table: compliment
        columns:
          compliment_id: Ref
          received_date: Day
          service: {value: Team}
          source: {value: school}
          quote: Words
          quote_approved: May we
"""
CASES = """
  - id: cases
    files: "Cases*.csv"
    tables:
      - table: complaint
        columns: {complaint_id: Ref, received_date: Day, procedure: {value: statutory}, complainant_id: Who}
"""
HEADER = ["Ref", "Day", "Words", "May we", "Notes", "IO", "Thanked by"]


def thanks(**words: str) -> bytes:
    """Approved compliments by their reference."""
    rows = [{"Ref": ref, "Day": "2023-05-03", "Words": text, "May we": "yes"} for ref, text in words.items()]
    rows[0] |= {"IO": "Quillon", "Thanked by": "Amina O'Hara", "Notes": "Bram Vell"}
    return csv_text(HEADER, rows).encode()


def passed(world: World) -> list[str]:
    """References of the compliments whose quotes may be published."""
    rows = world.rows("compliment").join(world.rows("quote_passed"), on=["extract_id", "source_row"])
    return sorted(rows["compliment_id"])


QUOTES = {
    "K1": "Thank you all",
    "K2": "Thank you Amina",
    "K3": "Quillon's help was great",
    "K4": "Bram Vell rang",
    "K5": "Bram rang",
    "K6": "I am on 07700 900123",
    "K7": "Zebedee was heard",
    "K8": "About C-77",
}


def test_names_of_every_column_and_of_later_files_refuse_a_quote(tmp_path) -> None:
    world = World(tmp_path).configure(mapping=MAPPING + CASES)
    world.receive({"Thanks.csv": thanks(**QUOTES)})
    assert passed(world) == ["K1", "K5", "K7", "K8"]
    world.receive(
        {"Cases.csv": b"Ref,Day,Who\nC-77,2023-05-01,Zebedee Quux\nC78,not a day,Bramwell\n"}, "2024-05-08"
    )
    assert passed(world) == ["K1", "K5"]
    told = pl.read_csv(write_quarantine(world.settings) / "quarantine.csv", infer_schema=False)
    refused = told.filter(pl.col("code") == "quote_refused")
    assert refused["record_key"].to_list() == [f"compliment_id={k}" for k in ("K2", "K3", "K4", "K7", "K8")]
    assert refused["file_name"].unique().to_list() == ["Thanks.csv"] and refused["row"][0] == "3"
    assert "a name" in refused["message"][0] and "a reference" in refused["message"][4]
    assert (told.filter(pl.col("code") == "contact_detail")["record_key"] == "compliment_id=K6").all()
    for word in ("Amina", "Quillon", "Bram", "Zebedee", "07700", "Thank you"):
        assert word not in str(told.rows())


def test_a_quote_that_is_corrected_or_a_name_of_a_row_set_aside(tmp_path) -> None:
    world = World(tmp_path).configure(mapping=MAPPING + CASES)
    world.receive({"Thanks.csv": thanks(K1="Thank you", K2="Bramwell was kind")})
    world.receive({"Cases.csv": b"Ref,Day,Who\nC78,not a day,Bramwell\nC79,2023-05-01,P9\n"}, "2024-05-08")
    assert passed(world) == ["K1"]
    world.receive({"Thanks.csv": thanks(K1="Thank you", K2="They were kind")}, "2024-06-08")
    assert passed(world) == ["K1", "K1", "K2"]
    told = pl.read_csv(write_quarantine(world.settings) / "quarantine.csv", infer_schema=False)
    assert "quote_refused" not in told["code"]


def test_no_name_is_kept_in_the_clear(tmp_path) -> None:
    world = World(tmp_path).configure(mapping=MAPPING + CASES)
    world.receive({"Thanks.csv": thanks(**QUOTES)})
    kept = world.rows("name")["digest"].to_list()
    assert kept and all(len(digest) == 32 and set(digest) <= set("0123456789abcdef") for digest in kept)
    assert DIGEST("amina") not in kept  # another key
    for path in (world.settings.state / "conformed" / "name").glob("*.parquet"):
        assert b"amina" not in path.read_bytes().lower()


def test_a_file_that_was_read_before_the_screen_is_read_again(tmp_path, monkeypatch) -> None:
    from redress.intake import batches

    world = World(tmp_path).configure(mapping=MAPPING + CASES)
    monkeypatch.setattr(batches, "RULES_VERSION", batches.RULES_VERSION - 1)
    world.drop("Thanks.csv", thanks(**QUOTES))
    world.load()
    for folder in ("name", "quote_passed"):
        for path in (world.settings.state / "conformed" / folder).glob("smallham*"):
            path.unlink()
    monkeypatch.undo()
    world.load()
    assert passed(world) == ["K1", "K5", "K7", "K8"]


def test_an_undeclared_word_that_names_somebody_is_withheld_and_its_owner_told(tmp_path) -> None:
    words = (
        "Delay",
        "Zebedee Quux",
        "About Quux, Zebedee",
        "Cllr Abel",
        "me@example.org",
        "Zebedee Team",
        "Quux",
    )
    header = "issue_id,complaint_id,raised_date,service,category\n"
    rows = "".join(f'I{n},C1,2023-04-03,Team A,"{word}"\n' for n, word in enumerate(words))
    files = {
        "complaint.csv": b"complaint_id,received_date,procedure,complainant_id,Name\nC1,2023-04-03,statutory,P1,\n",
        "issue.csv": (header + rows).encode(),
    }
    world = World(tmp_path).configure()
    world.receive(files)
    assert world.rows("word_withheld")["word"].to_list() == ["Cllr Abel", "me@example.org"]
    later = (
        b"complaint_id,received_date,procedure,complainant_id,Name\nC1,2023-04-03,statutory,P1,Zebedee Quux\n"
    )
    world.receive({"complaint.csv": later}, "2024-05-08")
    withheld = ["About Quux, Zebedee", "Cllr Abel", "Quux", "Zebedee Quux", "me@example.org"]
    assert world.rows("word_withheld")["word"].to_list() == withheld
    assert world.rows("issue")["category"].n_unique() == len(words)  # counted all the same
    told = pl.read_csv(write_quarantine(world.settings) / "quarantine.csv", infer_schema=False)
    assert told.filter(pl.col("code") == "word_withheld").height == len(withheld)
    assert "Quux" not in str(told.rows()) and "Abel" not in str(told.rows())
    declared = "".join(f',"{word}",,\n' for word in words)
    world.configure(categories=f"service,category,sub_category,aliases\n{declared}")
    world.receive({}, "2024-05-09")
    assert world.rows("word_withheld").height == 0


@given(st.text("ab1.-_+ (@)[]at\tcomuk", max_size=40))
def test_signs_of_an_address_are_found_as_if_whole_addresses_were_looked_for(text):
    whole = {
        "email": r"[\w.+-]+\s*(?:@|[(\[]\s*at\s*[)\]])\s*[\w-]+|@\w{2,}",
        "web_address": r"https?:|\bwww\.|\b[\w-]+\.(?:com|org|net|info|io|me|uk|gov|eu|scot|wales)\b",
    }
    for rule, pattern in whole.items():
        assert bool(quotes.PATTERNS[rule].search(text)) == bool(re.search(pattern, text, re.IGNORECASE))


@pytest.mark.parametrize(
    "part",
    ["a", "1", " ", "-", "A.", "a-", "0 ", "+44", "(1", "Mr ", "a@", "1-1", "1,1", "1 jan ", "www.", "(at"],
)
def test_the_longest_cell_is_screened_in_a_moment(part):
    text = (part * 32767)[:32767]
    began = time.process_time()
    quotes.pattern_rules(text)
    quotes.tokens(text)
    quotes.names_somebody(text, {"x"}, lambda form: form)
    assert time.process_time() - began < 4
