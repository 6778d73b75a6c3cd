"""What must hold of every council's made-up cases, whatever the printed tables say."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from seeds.synthetic.cases import Cases

ORDER = ("requested_date", "panel_date", "findings_date", "responded_date", "closed_date")


def later_than(cases: Cases, last_day: date) -> list[tuple[str, str, date]]:
    """Return every date of a case after the last day that the extracts can know."""
    return [
        (table, column, value)
        for table, rows in cases.tables.items()
        for row in rows
        for column, value in row.items()
        if table != "activity" and isinstance(value, date) and value > last_day
    ]


def stages_out_of_order(cases: Cases) -> list[str]:
    """Return the stages whose dates go back, or that begin before the complaint or before the stage below had ended."""
    received = {row["complaint_id"]: row["received_date"] for row in cases.rows("complaint")}
    closed = {(row["complaint_id"], row["stage"]): row.get("closed_date") for row in cases.rows("stage")}
    faults = []
    for row in cases.rows("stage"):
        days = [row[column] for column in ORDER if row.get(column)]
        before = closed.get((row["complaint_id"], row["stage"] - 1), received.get(row["complaint_id"]))
        if before is None or before > days[0] or any(later < earlier for earlier, later in pairwise(days)):
            faults.append(row["stage_id"])
    return faults
