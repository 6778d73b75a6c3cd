"""What a newcomer begins with: a folder as `redress new-authority` writes it, and councils with next to nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

from redress.authority import template

PROFILE = """
name: Small Council
synthetic: true
case_data_from: 2024-04-01
reports:
  "2024-25": {as_at: 2025-05-31}
"""
# Councils of few cases, without a mapping: what a check may find nothing to compare for.
COUNCILS = {
    "one-case": {"complaint": ["complaint_id,received_date,procedure", "A1,2024-05-01,statutory"]},
    "another-year": {"complaint": ["complaint_id,received_date,procedure", "A1,2023-05-01,statutory"]},
    "no-limits": {
        "complaint": ["complaint_id,received_date,procedure", "A1,2024-05-01,corporate"],
        "stage": [
            "stage_id,complaint_id,procedure,stage,requested_date,responded_date",
            "S1,A1,corporate,1,2024-05-01,2024-05-09",
        ],
        "issue": ["issue_id,complaint_id,raised_date,service,category", "I1,A1,2024-05-01,Team,Delay"],
    },
    "informal-only": {
        "complaint": ["complaint_id,received_date,procedure", "A1,2024-05-01,informal"],
        "stage": [
            "stage_id,complaint_id,procedure,stage,requested_date,responded_date",
            "S1,A1,informal,1,2024-05-01,2024-05-09",
        ],
    },
}


def write(place: Path) -> None:
    """Write the folders below a place."""
    folder = template.create("north-town", place)
    drop = folder / "extracts" / "2024-25" / "2025-05-01"
    drop.mkdir(parents=True)
    shutil.copy(folder / "sample" / "complaint.csv", drop)
    (folder / "published").mkdir()
    (folder / "published" / "2024-25.csv").write_text(
        "ref,measure,breakdown,period,value,unit,figure_measure,figure_breakdown,figure_period\n"
        "P1,New complaints,,2024-25,3,complaints,new_complaints,,2024-25\n",
        encoding="utf-8",
    )
    for slug, tables in COUNCILS.items():
        drop = place / slug / "extracts" / "2024-25" / "2025-05-01"
        drop.mkdir(parents=True)
        (place / slug / "profile.yml").write_text(PROFILE, encoding="utf-8")
        for table, lines in tables.items():
            (drop / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
