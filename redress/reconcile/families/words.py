"""The families of checks in words: what each says, and what the owner of a failing check does about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """A family of checks for people.

    Attributes:
        heading: its name, as a heading.
        says: what every check of it says, in a sentence or two.
        to_do: what the owner of a failing check does.
    """

    heading: str
    says: str
    to_do: str


# What the suites say of themselves is in their families (expectations/suites); these are the other families.
_SAYS = {
    "table_rules": "A figure is there once, has a value, and is a number that can be.",
    "figures_against_themselves": "Every relation that the figures imply by their measures, parts and periods holds.",
    "figures_equal_published": "Every printed number is reproduced by counting the cases, or it is said why not.",
    "printed_report": "What the printed report says of itself was tested; what cannot all be true is listed and is no "
    "fault of the figures here.",
    "cases_behind_figures": "What is listed behind each figure, counted one by one, adds up to the figure.",
    "signed_off": "A report that was signed off still says what was signed.",
    "accepted_faults": "A fault that is accepted for a while has a reason, an owner and a date that has not passed.",
    "warehouse": "The tables between the extracts and the figures are what their descriptions say.",
    "preparation": "There is a report to check, and what the checks read can be read.",
}
_HEADING_AND_TO_DO = {
    "intake": (
        "What was received",
        (
            "Compare the file received with what the system holds, and send the file again. Nothing was changed in it "
            "here. Rows that were set aside are in the workbook of the batch in build/quarantine/."
        ),
    ),
    "mart_equals_staging": (
        "Nothing lost on the way",
        (
            "Rows were lost or made twice between the extract and the warehouse; where they are known they are listed. "
            "Whoever maintains the warehouse looks at the model; the extract itself is not at fault."
        ),
    ),
    "same_figure_twice": (
        "The same number by two routes",
        (
            "Two ways to the same number disagree. For a figure of an earlier year, correct the number in the file of "
            "earlier figures; otherwise whoever maintains the warehouse looks at both ways."
        ),
    ),
    "parts_to_total": (
        "Parts and their total",
        (
            "Look for cases without the value that the parts are made of, or with two of them, and correct them in the "
            "system; then send the file again."
        ),
    ),
    "quarters_to_year": (
        "Quarters, months and the year",
        (
            "Look for cases dated outside the year or without a date, and correct the dates in the system; then send the "
            "file again."
        ),
    ),
    "stock_and_flow": (
        "What was open, came in and was closed",
        (
            "Look for stages that were closed before they began, reopened, or closed twice, and correct the dates in the "
            "system; then send the file again."
        ),
    ),
    "percentage_from_counts": (
        "Percentages and their counts",
        "The percentage and its counts are worked out apart. Whoever maintains the warehouse looks at the figure.",
    ),
    "outcomes_to_responses": (
        "Answers and their outcomes",
        "Look for answers without an outcome, or with two, and correct them in the system; then send the file again.",
    ),
    "subset_within_whole": (
        "A part within its whole",
        (
            "Look for answers whose dates or categories put them into the part and not into the whole, and correct them in "
            "the system; then send the file again."
        ),
    ),
    "change_from_periods": (
        "Changes from one year to the next",
        (
            "Compare the earlier year's figure with the report in which it was printed, and correct it in the file of "
            "earlier figures."
        ),
    ),
    "table_rules": (
        "Figures that can be",
        (
            "A figure is there twice, is missing, or is no number. Whoever maintains the warehouse looks at the model that "
            "makes it."
        ),
    ),
    "figures_against_themselves": (
        "Figures against each other",
        (
            "Whoever maintains the warehouse looks at the models of the figures named; where a figure of an earlier year is "
            "at fault, correct it in the file of earlier figures."
        ),
    ),
    "cases_behind_figures": (
        "The cases behind each figure",
        (
            "The list of what a figure counted does not add up to it, so it could not be shown. Whoever maintains the "
            "warehouse looks at the statement of the figures named; the cases are not at fault."
        ),
    ),
    "signed_off": (
        "Reports that were signed off",
        (
            "Put back what changed in the authority's folder or in the program, date it so that the old year "
            "computes as it did, or publish a revision with `redress revise`."
        ),
    ),
    "figures_equal_published": (
        "The printed report against the cases",
        (
            "For each printed number listed, say in published/<year>.csv which figure it states, or why none; where the "
            "report contradicts itself, name the other number in published/<year>-contradictions.csv."
        ),
    ),
    "printed_report": (
        "The printed report against itself",
        (
            "Look at the message: a number in published/<year>.csv, or in published/<year>-audit.yml beside it, could not "
            "be read."
        ),
    ),
    "accepted_faults": (
        "Faults accepted for a while",
        (
            "Correct or remove the row in accepted_faults.csv: it needs a check, a reason, an owner and a date that has not "
            "passed. If the fault is still there, decide again whether it may stand."
        ),
    ),
    "warehouse": (
        "The tables of the warehouse",
        (
            "Look at the rows in the file named, in build/state/failures/, and correct them in the system; where the rows "
            "are right, whoever maintains the warehouse looks at the test."
        ),
    ),
    "preparation": (
        "What the checks need",
        "Whoever maintains Redress looks at the message: without it nothing could be checked.",
    ),
}
NOT_EVALUATED = (
    "The check could not be made at all, so nothing is known. Whoever maintains Redress looks at the message."
)
ANY = "Look at the numbers behind the check, correct what is wrong in the system, and send the file again."


def families(also: Iterable[str] = ()) -> dict[str, Words]:
    """Every family of checks in words, in reading order.

    Args:
        also: names of further families; what has no words here is called by its name.
    """
    from expectations.suites import FAMILIES

    says = {family.name: family.title for family in FAMILIES} | _SAYS
    says |= {name: "" for name in sorted(set(also) - set(says))}
    named = {name: (name.replace("_", " ").capitalize(), ANY) for name in says} | _HEADING_AND_TO_DO
    return {name: Words(named[name][0], sentence, named[name][1]) for name, sentence in says.items()}


def what_to_do(record: Mapping[str, Any]) -> str:
    """What the owner of a failing check does about it."""
    if record.get("verdict") not in ("fail", "pass"):
        return NOT_EVALUATED
    family = str(record.get("family"))
    return families([family])[family].to_do
