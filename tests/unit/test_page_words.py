"""A council's own words on a page: numbers in words, the largest, a place among others, values from outside, quotations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_page_grids import BEFORE, blocks, figure, resolved

CHANNELS = [figure("new_complaints", 100), figure("new_complaints_change", -5), figure("new_complaints_change_pct", -4.76, unit="percent")] + [
    figure("new_complaints", value, f"channel={channel}")
    for channel, value in (("Email", 50), ("Letter", 20), ("Telephone", 20), ("In person", 4), ("not_known", 6))
]  # fmt: skip
SERVICES = [figure("new_complaints", 30), figure("new_complaints", 20, "service=care"), figure("new_complaints", 14, "service=schools"),
            figure("new_complaints", 9, "service=duty"), figure("new_complaints", 11, "service=foster")]  # fmt: skip
PROTECTED = "(not shown, to protect people: the numbers are too small)"


def said(text: str, figures: list[dict[str, Any]], **more: Any) -> str:
    """Return the words of a section that is one paragraph."""
    [paragraph] = blocks(text, figures, **more)
    return paragraph["text"]


@pytest.mark.parametrize(
    ("value", "attributes", "words"),
    [
        (15, 'as="words"', "We had fifteen complaints."),
        (1, 'as="words"', "We had one complaints."),
        (0, 'as="words"', "We had no complaints."),
        (100, 'as="words"', "We had one hundred complaints."),
        (1685, 'as="Words"', "We had One thousand six hundred and eighty-five complaints."),
        (20105, 'as="words"', "We had twenty thousand one hundred and five complaints."),
        (None, 'as="words"', "We had [c] complaints."),
        (0, 'noun="case"', "We had no cases complaints."),
        (1, 'noun="person, people"', "We had 1 person complaints."),
        (2, 'noun="person, people" as="Words"', "We had Two people complaints."),
        (0, 'noun="case" as="Words"', "We had No cases complaints."),
        (None, 'noun="case"', "We had [c] cases (not shown, to protect people) complaints."),
    ],
)
def test_a_number_is_printed_in_words(value: float | None, attributes: str, words: str) -> None:
    text = f'We had {{% figure "new_complaints" {attributes} /%}} complaints.'
    assert said(text, [figure("new_complaints", value)]) == words


@pytest.mark.parametrize(("behind", "word"), [(" of them", "none"), (".", "none"), ("", "none"), ("\nwere late", "none"), (" complaints", "no"), (" **late**", "no")])  # fmt: skip
def test_none_stands_alone_and_no_before_what_is_counted(behind: str, word: str) -> None:
    text = f'There were {{% figure "new_complaints" as="words" /%}}{behind}'
    assert said(text, [figure("new_complaints", 0)]).split()[2].strip(".") == word


@pytest.mark.parametrize(
    ("value", "unit", "of", "words", "start"),
    [
        (62.4, "percent", (63, 101), "62 per cent", "Sixty-two per cent"),
        (0.2, "percent", (1, 500), "less than 1 per cent", "Less than one per cent"),
        (-1, "percentage_points", None, "-1 percentage point", "Minus one percentage point"),
        (13.25, "working_days", None, "13.3", "13.3"),
        (-3, "complaints", None, "minus three", "Minus three"),
    ],
)
def test_each_unit_has_its_words(
    value: float, unit: str, of: tuple[int, int] | None, words: str, start: str
) -> None:
    figures = [figure("working_days_mean", value, unit=unit, of=of)]
    assert said('{% figure "working_days_mean" as="words" /%}', figures) == words
    assert said('{% figure "working_days_mean" as="Words" /%}', figures) == start


@pytest.mark.parametrize(
    ("value", "unit", "amount"),
    [(15, "complaints", "15"), (-15, "complaints", "15"), (0, "complaints", "0"), (None, "complaints", "[c]"), (-0.2, "percent", "less than 1%")],
)  # fmt: skip
def test_a_change_is_only_how_much(value: float | None, unit: str, amount: str) -> None:
    name = "new_complaints_change_pct" if unit == "percent" else "new_complaints_change"
    way = "per_cent" if unit == "percent" else "amount"
    assert (
        said(f'by {{% change "new_complaints" as="{way}" /%}}', [figure(name, value, unit=unit)])
        == f"by {amount}"
    )


def test_a_change_of_a_share_is_in_percentage_points() -> None:
    figures = [figure("new_complaints_share_change_points", -4, unit="percentage_points")]
    assert said('{% change "new_complaints_share" as="amount" /%}', figures) == "4 percentage points"
    assert said('{% change "new_complaints" as="amount" /%}', []) == "[x]"


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ("count=1", "Email (50)"),
        ("count=2", "Email (50), Letter (20) and Telephone (20)"),
        ('count=3 numbers="no"', "Email, Letter and Telephone"),
        ('count=1 from="smallest"', "In person (4)"),
        ("count=9", "Email (50), Letter (20), Telephone (20) and In person (4)"),
        ('count=1 period="last_year"', "(not available)"),
    ],
)  # fmt: skip
def test_the_largest_are_named_with_all_that_have_the_same_number(attributes: str, words: str) -> None:
    assert said(f'{{% top "new_complaints" by="channel" {attributes} /%}}', CHANNELS) == words


def test_many_that_have_the_same_number_are_counted() -> None:
    figures = [figure("new_complaints", 2, f"channel=c{number}") for number in range(8)]
    assert said('{% top "new_complaints" by="channel" /%}', figures) == "8 with 2 each"
    figures.append(figure("new_complaints", 5, "channel=Email"))
    assert said('{% top "new_complaints" by="channel" /%}', figures) == "Email (5) and 8 others with 2 each"


def test_the_words_of_the_contract_are_small_in_a_sentence() -> None:
    figures = [
        figure("new_complaints", 5, "complainant_role=foster_carer"),
        figure("new_complaints", 3, "complainant_role=parent"),
    ]
    assert said('{% top "new_complaints" by="complainant_role" /%}', figures) == "foster carer (5) and parent (3)"  # fmt: skip


def test_shares_may_stand_behind_the_largest() -> None:
    figures = [*CHANNELS, figure("new_complaints_share", 50, "channel=Email", unit="percent", of=(50, 100))]
    assert said('{% top "new_complaints" by="channel" count=1 numbers="share" /%}', figures) == "Email (50%)"


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ([figure("new_complaints", 0), figure("new_complaints", 0, "channel=Email")], "(none in the year)"),
        ([figure("new_complaints", None), figure("new_complaints", None, "channel=Email")], PROTECTED),
        ([figure("new_complaints", 4), figure("new_complaints", 4, "channel=not_known")], "(not recorded by this council)"),
        ([], "(not recorded by this council)"),
    ],
)  # fmt: skip
def test_none_protected_and_not_recorded_are_three_facts(figures: list[dict[str, Any]], words: str) -> None:
    assert said('{% top "new_complaints" by="channel" /%}', figures) == words
    assert said('{% rank "new_complaints" by="channel" channel="Email" /%}', figures) == words


def hidden(channel: str) -> list[dict[str, Any]]:
    """The channels with one of them hidden."""
    return [
        {**row, "value": None, "numerator": None, "status": "suppressed"}
        if row["breakdown"] == f"channel={channel}"
        else row
        for row in CHANNELS
    ]


def ordered(tag: str, figures: list[dict[str, Any]], adds_up: bool) -> str:
    """Return what an order prints where its values add up to their whole, or do not."""
    return said(tag, figures, given={"top": {"adds_up": adds_up}, "rank": {"adds_up": adds_up}})


@pytest.mark.parametrize(
    ("channel", "tag", "adds_up", "words"),
    [
        # 100 less what is printed leaves 4 for it: it is none of the first
        ("In person", '{% top "new_complaints" by="channel" count=3 /%}', True, "Email (50), Letter (20) and Telephone (20)"),
        ("In person", '{% rank "new_complaints" by="channel" channel="Letter" /%}', True, "the joint second most"),
        # where parts overlap nothing is known of it
        ("In person", '{% top "new_complaints" by="channel" count=3 /%}', False, PROTECTED),
        ("In person", '{% rank "new_complaints" by="channel" channel="Letter" /%}', False, PROTECTED),
        # it could be the fourth, or the first
        ("In person", '{% top "new_complaints" by="channel" count=4 /%}', True, PROTECTED),
        ("Email", '{% top "new_complaints" by="channel" count=1 /%}', True, PROTECTED),
        ("Email", '{% rank "new_complaints" by="channel" channel="Email" /%}', True, PROTECTED),
        ("Email", '{% rank "new_complaints" by="channel" channel="Letter" /%}', True, PROTECTED),
        # the fewest may be that which is hidden, whatever it is
        ("Email", '{% top "new_complaints" by="channel" count=1 from="smallest" /%}', True, PROTECTED),
        ("Email", '{% rank "new_complaints" by="channel" channel="In person" from="smallest" /%}', True, PROTECTED),
    ],
)  # fmt: skip
def test_an_order_gives_no_hidden_number_away(channel: str, tag: str, adds_up: bool, words: str) -> None:
    assert ordered(tag, hidden(channel), adds_up) == words


def test_an_order_of_which_the_table_is_left_out_is_not_told() -> None:
    figures = [figure("new_complaints", 9), figure("new_complaints", 9, "channel=Email")]
    left_out = "new_complaints|channel||year|-1"
    assert said('{% top "new_complaints" by="channel" /%}', figures, left_out=left_out) == PROTECTED
    services = [row for row in SERVICES if row["breakdown"] != "service=schools"]
    left_out = "new_complaints|service||year|0"
    assert (
        said('{% rank "new_complaints" by="service" service="care" /%}', services, left_out=left_out)
        == PROTECTED
    )


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ('{% rank "new_complaints" by="service" service="care" /%}', "the most"),
        ('{% rank "new_complaints" by="service" service="schools" /%}', "the second most"),
        ('{% rank "new_complaints" by="service" service="schools" from="smallest" /%}', "the fewest"),
        ('{% rank "new_complaints" by="service" service="duty" /%}', "the second most"),
        ('{% rank "new_complaints" by="service" service="foster" level="team" /%}', "the most"),
        ('{% top "new_complaints" by="service" count=1 /%}', "Care (20)"),
        ('{% top "new_complaints" by="service" count=1 level="team" under="care" /%}', "Fostering (11)"),
    ],
)
def test_services_are_compared_with_those_of_their_level(tag: str, words: str) -> None:
    assert said(tag, SERVICES) == words


def test_a_mean_is_the_highest_and_one_with_none_of_late_is_among_the_fewest() -> None:
    means = [
        figure("working_days_mean", days, f"stage={stage}", unit="working_days")
        for stage, days in ((1, 8.04), (2, 30), (3, 8.01))
    ]
    assert said('{% rank "working_days_mean" by="stage" stage=2 /%}', means) == "the highest"
    assert said('{% rank "working_days_mean" by="stage" stage=1 /%}', means) == "the joint second highest"
    late = [*CHANNELS, figure("new_complaints", 3, "channel=Web", BEFORE)]
    assert said('{% top "new_complaints" by="channel" count=1 from="smallest" /%}', late) == "Web (0)"  # fmt: skip


def test_rows_stand_in_the_order_in_which_the_council_declares_them() -> None:
    text = '{% table "new_complaints" by="channel" total="no" /%}'
    [table] = blocks(text, CHANNELS, given={"table": {"order": {"channel": ["Telephone", "Web", "Email"]}}})
    names = ["Telephone", "Email", "In person", "Letter", "Not known"]
    assert [line[0] for line in table["lines"]] == names
    loop = '{% each "channel" of="new_complaints" %}\n{% $channel_label %}\n{% /each %}'
    told = blocks(loop, CHANNELS, given={"each": {"order": {"channel": ["Telephone", "Web", "Email"]}}})
    assert [block["text"] for block in told] == names


HELD = {"value": "48,100", "source": "Mid-year estimate, ONS", "as_at": "2022-06-30", "address": ""}
MAIL = {"value": "us@example.org", "source": "", "as_at": "", "address": "mailto:us@example.org"}


def test_where_a_number_from_outside_comes_from_is_told_once_at_the_end_of_its_section() -> None:
    text = '{% held "children" /%} and {% held "children" /%} by {% date "as_at" /%}.\n\n- one\n\n### Nothing below\n'
    given = {"held": {"held": HELD}, "date": {"day": "2023-03-31"}}
    paragraph, items, sources = blocks(text, [], given=given)
    assert paragraph["text"] == "48,100 and 48,100 by 31 March 2023." and items["items"] == ["one"]
    assert sources["says"] == ["Source of 48,100: Mid-year estimate, ONS (30 June 2022)"]
    assert len(blocks('Write to {% held "mail" /%}.', [], given={"held": {"held": MAIL}})) == 1


def test_a_quotation_says_who_said_it() -> None:
    [quote] = blocks('{% quote source="Parent" %}\nThank **you**.\n\n- all\n{% /quote %}', [])
    assert quote["source"] == "Parent" and [block["type"] for block in quote["blocks"]] == [
        "paragraph",
        "list",
    ]
    assert resolved('{% quote source="Parent" %}\nThank you.\n{% /quote %}', [], name="lessons")[
        "ticked"
    ] == ["What was learned"]


def test_words_without_figures_are_a_section_and_notes_alone_are_none() -> None:
    text = '### The {% literal "3" reason="r" /%} steps\n\nAsk.\n\n- Tell us\n  - by letter\n\n  today\n- Wait\n\n#### Then\n\nRing.'
    told = [(block["type"], block.get("text") or block.get("items")) for block in blocks(text, [])]
    assert told == [
        ("heading", "The 3 steps"),
        ("paragraph", "Ask."),
        ("list", ["Tell us[by letter] today", "Wait"]),
        ("heading", "Then"),
        ("paragraph", "Ring."),
    ]
    notes = resolved("<!-- write here -->\n\n### Lessons\n\n<!-- and\nhere -->", [], name="lessons")
    assert (notes["sections"], notes["numbers"], notes["ticked"]) == ([], 0, [])


def test_numbers_in_words_are_numbers_that_the_page_shows() -> None:
    text = '- {% top "new_complaints" by="channel" count=1 /%}\n  - {% figure "new_complaints" as="words" /%}\n\n{% quote source="A" %}\n{% rank "new_complaints" by="channel" channel="Email" /%} x\n{% /quote %}'
    assert resolved(text, CHANNELS)["numbers"] == 3
