"""Sentences one by one: those that are wrong are found with the right kind, and those that are right are left alone."""

from pathlib import Path

import pytest

from redress.narrative.numbers import numbers_in, spelt, value_of

WRONG, RIGHT = (
    [
        line.split("\t")
        for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
        if line
    ]
    for name in ("wrong.tsv", "right.tsv")
)


_TYPED = dict.fromkeys(("near", "contradicts"), "literal")
"""Which figure a typed number is, or is not, depends on the figures."""


def test_every_wrong_sentence_is_found_with_its_kind(judge):
    judged = judge(*(sentence for _, sentence in WRONG))
    missed = [
        (kind, sentence)
        for (kind, sentence), findings in zip(WRONG, judged, strict=True)
        if kind
        not in {_TYPED.get(finding.kind, finding.kind) for finding in findings if finding.severity == "error"}
    ]
    assert missed == []


def test_no_right_sentence_is_found(judge):
    judged = judge(*(sentence for (sentence,) in RIGHT))
    false = [str(finding) for findings in judged for finding in findings if finding.severity == "error"]
    assert false == []


def test_a_proposal_can_be_pasted(judge):
    [finding] = judge("There were eighty-five new\ncomplaints.")
    assert (finding.line, finding.found, finding.owner) == (1, "eighty-five", "Customer Relationship Team")
    assert finding.proposal == 'write {% figure "new_complaints" as="words" /%}'


def test_a_suppressed_number_is_answered_with_what_is_public(judge):
    [finding] = judge("Of the new complaints, four came by letter.")
    assert finding.kind == "suppressed" and '"fewer than 6"' in finding.proposal
    assert '{% figure "new_complaints" /%}' in finding.proposal


def test_lines_are_those_of_the_file(judge):
    text = "---\ntitle: Ours\n---\n\nOne line,\nthen 85 complaints\nand 213 issues.\n\n- a point\n- 40 compliments\n"
    assert [(finding.line, finding.found) for finding in judge(text)] == [(6, "85"), (7, "213"), (10, "40")]


@pytest.mark.parametrize("value", [0, 3, 20, 21, 45, 99])
def test_numbers_are_read_as_they_are_spelt(value):
    assert value_of(spelt(value)) == value if value else spelt(0) == "none"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("one hundred and five, two thousand three hundred and six", [105, 2306]),
        ("1,204 or 48.5%, forty two per cent", [1204, 48.5, 42]),
        ("nine in ten, two thirds, half of them, a dozen", [90, 200 / 3, 50, 12]),
        ("a third party in the third quarter of a half-term", []),
    ],
)
def test_numbers_are_found(text, values):
    assert [number.value for number in numbers_in(text)] == pytest.approx(values)


@pytest.mark.parametrize(
    ("sentence", "said", "proposal"),
    [
        ("We received 15 more than last year.", "may be how", '{% change "new_complaints" as="amount" /%}'),
        ("We received 12 more complaints than last year.", "it rose by 15", '{% change "new_complaints" as="amount" /%}'),
        ("Complaints rose by 21 per cent.", "is how", '{% change "new_complaints" as="per_cent" /%}'),
        ("There were 70 complaints last year.", "2022-23", '{% figure "new_complaints" period="last_year" /%}'),
        ("There were 95 complaints this year.", "contradicts `new_complaints`, which is 85", '{% figure "new_complaints" /%}'),
        ("Of 213 issues raised, 40 were in compliments.", "`issues_raised`", '{% figure "issues_raised" /%}'),
        ("Most complaints were statutory.", "corporate is 55", '{% top "new_complaints" by="procedure" count=1 /%}'),
    ],
)  # fmt: skip
def test_a_proposal_is_of_the_figure_that_the_words_are_about(judge, sentence, said, proposal):
    finding = judge(sentence)[0]
    assert said in finding.problem and finding.proposal.partition("%}")[0] + "%}" in (
        f"write {proposal}",
        f"put {proposal}",
    )


def test_no_figure_is_proposed_that_shares_no_word_with_the_sentence(judge):
    [finding] = judge("Forty people came to the opening.")
    assert "{% figure" not in finding.proposal


@pytest.mark.parametrize(
    "sentence",
    [
        "Most complaints were corporate.",
        "There were more corporate than statutory complaints.",
        "Corporate complaints had more complaints than they could carry.",
        "Most complaints were about letters.",
    ],
)
def test_an_order_that_the_figures_bear_out_or_do_not_know_stands(judge, sentence):
    assert judge(sentence) == []
