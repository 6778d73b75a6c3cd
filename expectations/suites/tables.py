"""Rules of single tables, evaluated by Great Expectations on the warehouse itself.

Relations between numbers are in the other suites; here is what each row must be for them to mean anything: a
figure is there once, has a value unless it says that it has none, and is a number that can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from redress.contract import figure_catalogue as catalogue

FAMILY = "table_rules"


@dataclass(frozen=True)
class Rule:
    """One expectation on one table.

    Attributes:
        name: names the check: `table-rules:<name>`.
        schema: schema of the table.
        table: the table.
        statement: what must hold, in plain words.
        expectation: the name of a class of `great_expectations.expectations`.
        arguments: its arguments.
        severity: block or warn.
    """

    name: str
    schema: str
    table: str
    statement: str
    expectation: str
    arguments: dict = field(default_factory=dict)
    severity: str = "block"


def _never(name: str, statement: str, condition: str) -> Rule:
    """A rule on figures: no row meets the condition."""
    return Rule(
        name,
        "figures",
        "figures",
        statement,
        "UnexpectedRowsExpectation",
        {"unexpected_rows_query": f"select authority, figure_id from {{batch}} where {condition}"},
    )


def _unique(table: str, key: str, statement: str) -> Rule:
    """A rule on a mart: its key is unique within a report."""
    return Rule(
        f"{table}:unique",
        "marts",
        table,
        statement,
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": ["authority", "reporting_year", key]},
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "figures:rows",
        "figures",
        "figures",
        "There are figures.",
        "ExpectTableRowCountToBeBetween",
        {"min_value": 1},
    ),
    Rule(
        "figures:identity",
        "figures",
        "figures",
        "A figure (measure, breakdown and period of a report) is there once.",
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": ["authority", "reporting_year", "measure", "breakdown", "period"]},
    ),
    Rule(
        "figures:id",
        "figures",
        "figures",
        "A figure's id belongs to no other figure.",
        "ExpectColumnValuesToBeUnique",
        {"column": "figure_id"},
    ),
    *(
        Rule(
            f"figures:{column}",
            "figures",
            "figures",
            f"Every figure has its {column.replace('_', ' ')}.",
            "ExpectColumnValuesToNotBeNull",
            {"column": column},
        )
        for column in (
            "authority",
            "reporting_year",
            "figure_id",
            "measure",
            "breakdown",
            "period",
            "unit",
            "rule",
            "status",
        )
    ),
    Rule(
        "figures:status-words",
        "figures",
        "figures",
        "A figure is computed, prior or not available.",
        "ExpectColumnValuesToBeInSet",
        {"column": "status", "value_set": ["computed", "prior", "not_available"]},
    ),
    _never(
        "figures:value",
        "A computed or earlier figure has a value, and it is a number.",
        "status in ('computed', 'prior') and (value is null or isnan(value) or isinf(value))",
    ),
    _never(
        "figures:not-available",
        "A figure that is not available has no value.",
        "status = 'not_available' and value is not null",
    ),
    _never(
        "figures:not-negative",
        "No count is less than 0; only a change may be.",
        "status = 'computed' and value < 0 and not regexp_matches(measure, '_change(_pct|_points)?$')",
    ),
    _never(
        "figures:percent",
        "A share lies between 0 and 100 (what went on in the period over what came in may be more).",
        "unit = 'percent' and status = 'computed' and measure like '%share' and (value < 0 or value > 100 + 1e-9)"
        + "".join(f" and measure != '{measure}'" for measure in catalogue.shares_of_no_whole()),
    ),
    _never(
        "figures:whole-counts",
        "A count of complaints, points, people or stages is a whole number.",
        "status = 'computed' and unit in ('count', 'issues', 'people', 'services', 'stage_episodes') "
        "and value != round(value)",
    ),
    _unique("fct_complaints", "complaint_id", "A complaint is there once in a report."),
    _unique("fct_stages", "stage_id", "A stage is there once in a report."),
    _unique("fct_issues", "issue_id", "A point of complaint is there once in a report."),
)
