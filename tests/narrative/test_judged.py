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
