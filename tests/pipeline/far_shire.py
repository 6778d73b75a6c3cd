"""A council that is like none of the project's own: its folder and its files, written into a temporary place.

Two case systems (the old one's export is semicolon-separated in Windows' encoding with a title above the header, the new
one's a workbook), its own names for procedures, stages, findings, teams and ways of contact, two stages instead of
three, its own limits from its own clock, teams that merged and a code that was recoded during the year.
"""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl

SLUG, YEAR, EARLIER = "far-shire", "2024-25", "2023-24"

PROFILE = """
authority: far-shire
name: Far Shire County Council
short_name: Far Shire
synthetic: true
protection: {threshold: 0}
case_data_from: 2023-04-01
reports:
  "2023-24": {as_at: 2025-05-31, title: What families told us 2023-24}
  "2024-25": {as_at: 2025-05-31, title: What families told us 2024-25}
vocabularies:
  channel:
    - Kitchen table: [KT, home visit]
    - Bottle post
  theme: [Not being heard, Late letters]
owners: {default: Families' Voice Desk}
contact: {team: Families' Voice Desk, email: voice@far-shire.example}
"""
SERVICES = """service,label,level,parent_service,valid_from,valid_to,successor_service,aliases
families,Families & Homes,service_area,,,,,
Hill Team,Hill Team,team,families,,2024-09-30,Fells Team,H1|Front desk
Dale Team,Dale Team,team,families,,2024-09-30,Fells Team,D1
Fells Team,Fells Team,team,families,2024-10-01,,,F1|Front desk
"""
TIMESCALES = """procedure,stage,standard_working_days,extended_working_days,clock_start,clock_end,day_count,valid_from,valid_to,source
corporate,1,7,12,accepted,responded_date,count_start_day,,2024-09-30,Far Shire promise 2020
corporate,1,9,,accepted,responded_date,count_start_day,2024-10-01,,Far Shire promise 2024
corporate,2,33,,requested,responded_date,exclude_start_day,,,Far Shire promise 2020
"""
TIME_BANDS = """procedure,stage,band,from_days,to_days,valid_from,valid_to
corporate,1,within a week,0,7,,
corporate,1,later,8,,,
"""
GROUPINGS = """attribute,value,grouping,group
complainant_role,carer,family,Kin
complainant_role,child_or_young_person,family,The child
"""
COLUMNS = """
          received_date: Came in
          accepted_date: Agreed
          procedure: {value: corporate}
          channel: How
          complainant_role: {from: Who, words: who}
          theme: About"""
STAGE = """
          complaint_id: Number
          procedure: {value: corporate}
          service: Team"""
TABLES = f"""
      - table: complaint
        columns:
          complaint_id: Number{COLUMNS}
      - table: complaint_service
        split: {{column: Team, on: "/"}}
        columns: {{complaint_id: Number, service: Team}}
      - table: stage
        columns:
          stage_id: {{template: "{{Number}}/first"}}{STAGE}
          stage: {{value: 1}}
          requested_date: Came in
          responded_date: First look
          outcome: {{from: First verdict, words: verdict}}
      - table: stage
        where: {{column: Asked again, not_blank: true}}
        columns:
          stage_id: {{template: "{{Number}}/second"}}{STAGE}
          stage: {{value: 2}}
          requested_date: Asked again
          responded_date: Second look
          outcome: {{from: Second verdict, words: verdict}}
"""
MAPPING = f"""
version: 1
words:
  who: {{Grandmother: carer, Pupil: child_or_young_person}}
  verdict: {{We were wrong: upheld, A bit of both: partially_upheld, We were right: not_upheld}}
sources:
  - id: ledger
    files: "Klagebuch*.txt"
    encoding: cp1252
    delimiter: ";"
    header_row: 3
    date_format: "%d %b %Y"
    tables:{TABLES}
  - id: voicebox
    files: "voicebox*.xlsx"
    sheet: Cases
    header_row: 2
    takes_over: {{sources: [ledger], from: 2024-10-01}}
    tables:{TABLES}
"""
HEADER = ["Number", "Came in", "Agreed", "How", "Who", "About", "Team", "First look", "First verdict", "Asked again", "Second look", "Second verdict"]  # fmt: skip
LEDGER = [
    ["1/é", "3 May 2023", "4 May 2023", "KT", "Grandmother", "Late letters", "H1", "12 May 2023", "We were wrong", "", "", ""],
    ["2/é", "5 Jun 2024", "5 Jun 2024", "Bottle post", "Pupil", "Not being heard", "Front desk", "14 Jun 2024", "A bit of both", "1 Jul 2024", "31 Jul 2024", "We were right"],
    ["3/é", "2 Sep 2024", "3 Sep 2024", "home visit", "Pupil", "Late letters", "D1", "", "", "", "", ""],
]  # fmt: skip
VOICEBOX = [
    ["3/é", "2024-09-02", "2024-09-03", "home visit", "Pupil", "Late letters", "D1", "2024-10-02", "We were wrong", "", "", ""],
    ["4/é", "2024-11-04", "2024-11-04", "KT", "Grandmother", "Late letters", "Front desk", "2024-11-14", "We were right", "", "", ""],
    ["5/é", "2025-02-03", "2025-02-04", "KT", "Pupil", "Not being heard", "F1", "2025-02-12", "We were wrong", "2025-03-03", "", ""],
]  # fmt: skip


def write(place: Path) -> Path:
    """Write the council's folder below a place; gives it. Two batches: before and after the new system came."""
    folder = place / SLUG
    files = {
        "profile.yml": PROFILE,
        "services.csv": SERVICES,
        "timescales.csv": TIMESCALES,
        "time_bands.csv": TIME_BANDS,
        "groupings.csv": GROUPINGS,
        "mapping.yml": MAPPING,
    }
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text.lstrip(), encoding="utf-8")
    before, after = (folder / "extracts" / YEAR / day for day in ("2024-09-30", "2025-05-02"))
    for drop in (before, after):
        drop.mkdir(parents=True)
    lines = ["Far Shire", "", *(";".join(row) for row in [HEADER, *LEDGER])]
    (before / "Klagebuch.txt").write_bytes("\r\n".join(lines).encode("cp1252"))
    (after / "voicebox export.xlsx").write_bytes(_workbook([["Voicebox"], HEADER, *VOICEBOX]))
    return folder


def _workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Cases"
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
