"""Every fault that is put into words is found at its line, and none is found in words without one."""

import re

from redress.narrative.book import keys_of_tag
from redress.narrative.numbers import spelt
from tests.narrative.faults import KINDS, faults_in

WORLD = {"hidden": 'channel="Letter"', "share": 'responses_within_standard_share" stage="1'}


def values_of(book):
    def value(tag):
        measure = re.search(r'figure "([^"]+)"', tag)[1]
        attributes = {key: said.strip('"') for key, said in re.findall(r'(\w+)=("[^"]*"|\d+)', tag)}
        node = {"type": "tag", "name": "figure", "primary": measure, "attributes": attributes}
        figure = book.get(measure, keys_of_tag(node), book.period(attributes.get("period")))
        return round(figure.value) if figure and figure.value is not None else None

    return value


def test_clean_words_have_no_finding(judge, words):
    assert [str(finding) for finding in judge(words) if finding.kind != "reading_age"] == []


def test_each_of_two_hundred_faults_is_found_at_its_line(judge, words, book):
    faults = faults_in(words, 200, 14, values_of(book), WORLD, spelt)
    assert len(faults) == 200 and {fault.kind for fault in faults} == set(KINDS)
    missed = [
        f"{fault.kind}: {fault.words}"
        for fault, findings in zip(faults, judge(*(fault.text for fault in faults)), strict=True)
        if fault.line not in {finding.line for finding in findings if finding.severity == "error"}
    ]
    assert missed == []
