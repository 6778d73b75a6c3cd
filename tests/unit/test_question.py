"""What a question in plain words asks for, and what it is told where it is not understood."""

from __future__ import annotations

import pytest

from redress.warehouse.question import Asked, CannotAnswer, Vocabulary, fold, measure_of, read_rest

TITLES = {
    "new_complaints": "New complaints",
    "new_complaints_by_outcome": "New complaints by what became of them",
    "issues_raised": "Issues raised",
    "working_days_mean": "Mean working days to respond",
}
MEASURES = {fold(name): name for name in TITLES} | {fold(title): name for name, title in TITLES.items()}
KEYS = ("procedure", "any_procedure", "service", "stage", "disability", "child_looked_after", "theme")
VALUES = {
    "statutory": {("procedure", "statutory"), ("any_procedure", "statutory")},
    "yes": {("disability", "yes"), ("child_looked_after", "yes")},
    "csc": {("service", "csc")},
    "Children's Social Care": {("service", "csc")},
    "Learning, Skills & Progression": {("service", "lsp")},
    "1": {("stage", "1")},
    "Delay (by staff)": {("theme", "Delay (by staff)")},
}
VOCABULARY = Vocabulary(
    keys={**{fold(key): key for key in KEYS}, ("looked", "after"): "child_looked_after"},
    levels={("team",): "team", ("service", "area"): "service_area"},
    other_keys={("ethnicity",): "ethnicity"},
    values=lambda: {fold(word): frozenset(pairs) for word, pairs in VALUES.items()},
)


def understood(question: str) -> Asked:
    measure, rest = measure_of(question, MEASURES, TITLES)
    asked = Asked(measure, TITLES[measure])
    read_rest(asked, rest, VOCABULARY)
    return asked


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("new complaints", {}),
        ("How many new complaints were there?", {}),
        ("New Complaint by Service and month, 2023-24", {"keys": ["service"], "kind": "month", "year": "2023-24"}),
        ("new_complaints by services, quarterly", {"keys": ["service"], "kind": "quarter"}),
        ("new complaints by what became of them by theme", {"measure": "new_complaints_by_outcome", "keys": ["theme"]}),
        ("new complaints per looked after for statutory",
         {"keys": ["child_looked_after"], "filters": {"procedure": "statutory"}}),
        ("new complaints for any procedure=statutory", {"filters": {"any_procedure": "statutory"}}),
        ("new complaints for stage 1, disability=yes", {"filters": {"stage": "1", "disability": "yes"}}),
        ("new complaints in Children's Social Care", {"filters": {"service": "csc"}}),
        ("new complaints in learning, skills & progression", {"filters": {"service": "lsp"}}),
        ("new complaints about delay (by staff)", {"filters": {"theme": "Delay (by staff)"}}),
        ("new complaints by team for csc", {"keys": ["service"], "level": "team", "under": "csc"}),
        ("new complaints by service area", {"keys": ["service"], "level": "service_area"}),
        ("new complaints by procedure for statutory", {"keys": [], "filters": {"procedure": "statutory"}}),
        ("new complaints, 2023/24 Q2", {"year": "2023-24", "part": "Q2"}),
        ("new complaints in 2023-24-Q2", {"year": "2023-24", "part": "Q2"}),
        ("new complaints in February 2024", {"year": "2023-24", "part": "02"}),
        ("new complaints 2023-04", {"year": "2023-24", "part": "04"}),
        ("new complaints by theme, all years", {"keys": ["theme"], "is_every_year": True}),
        ("new complaints by year", {"kind": "year"}),
    ],
)  # fmt: skip
def test_a_question_is_understood(question: str, expected: dict) -> None:
    asked = understood(question)
    plain = {
        "measure": "new_complaints",
        "keys": [],
        "filters": {},
        "level": "",
        "under": "",
        "kind": "",
        "year": "",
    }
    plain |= {"part": "", "is_every_year": False}
    assert {name: getattr(asked, name) for name in plain} == plain | expected


@pytest.mark.parametrize(
    ("question", "what", "detail"),
    [
        ("new complants by service", "`new complant` is no measure", "New complaints (new_complaints)"),
        ("new complaints for yes", "several keys", "disability=yes"),
        ("new complaints by ethnicity", "no key `ethnicity`", "by: procedure"),
        ("new complaints by servise", "`servise` is no key", "Nearest: service"),
        ("new complaints for statutary", "`statutary` is no key", "Nearest: statutory"),
        ("new complaints for theme=Delay by stuff", "`theme` has no value", "Delay"),
        ("new complaints for theme=lateness", "`theme` has no value", "Delay"),
        ("new complaints for csc and Learning, Skills & Progression", "One value of `service`", "Ask `by service`"),
        ("new complaints 2022-23 and 2023-24", "One period", "all years"),
        ("new complaints Q1 and Q2 2023-24", "One period", "by quarter"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_with_what_is(question: str, what: str, detail: str) -> None:
    with pytest.raises(CannotAnswer) as problem:
        understood(question)
    assert what in problem.value.what
    assert detail in "\n".join(problem.value.details)
