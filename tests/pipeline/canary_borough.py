"""A council whose files hold people in every place where they should not be: its folder, written into a temporary place."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

NAMES = {
    "child": "Žofie Quäckenbush",
    "complainant": "Zebedee Quatermass",
    "staff": "Ottoline Vexley-Strange",
    "elsewhere": "Barnabas Fettiplace",
    "file": "Perpetua Wimbush",
    "unclaimed": "Crispin Oglander",
}
PARTS = ("Quackenbush", "Quatermass", "Vexley", "Fettiplace", "Wimbush", "Oglander")
DETAILS = (
    "zq@canary.example", "07700 900941", "07700900941", "QQ9 9ZZ", "943 476 5919", "9434765919", "29 Sorrow Lane",
    "unmistakable note", "1987-02-13",
)  # fmt: skip
IDENTIFIERS = (
    "CASEREF-77",
    "CHILDREF-88",
    "PERSONREF-99",
    "STAGEREF-66",
    "ISSUEREF-55",
    "THANKSREF-44",
    "ACTIONREF-22",
)
"""The beginnings of every reference in the extracts; on the site none of them may be."""
PUBLISHED_QUOTE = "The rota was kept & everybody rang back"
REFUSED = (
    "Thank you Žofie, you were a star",
    "A great help from vexley strange throughout",
    "Barnabas Fettiplace turned things round",
    "Wonderful: QUATERMASS'S advice was sound",
    "Ring us on 07700 900941 to hear more praise",
    "Kind words for CASEREF-7700003 and all involved",
)
UNAPPROVED = "A kindness that nobody agreed to print"
EVERYTHING = (*NAMES.values(), *PARTS, *DETAILS, *IDENTIFIERS, *REFUSED, UNAPPROVED, PUBLISHED_QUOTE)
"""Every word that is searched for."""
PROFILE = """
name: Canary Borough Council
case_data_from: 2024-04-01
reports:
  "2024-25": {as_at: 2025-05-31}
vocabularies: {channel: [Email, Letter]}
"""
WHEN = "2025-05-01"
COLUMNS = (
    "complaint_id,received_date,procedure,channel,complainant_id,birth_date,sex,free_text,Full name,E-mail,NHS no,"
    "Address,Seen by"
)


def _lines(*rows: list[str]) -> bytes:
    lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
    return ("\n".join(lines) + "\n").encode("utf-8")


def write(place: Path) -> Path:
    """The council's folder: forty complaints, so that counts are small in some tables and not in all."""
    folder = place / "canary-borough"
    drop = folder / "extracts" / "2024-25" / WHEN
    drop.mkdir(parents=True)
    (folder / "profile.yml").write_text(PROFILE, encoding="utf-8")
    complaints, children, stages, issues, thanks, actions = [], [], [], [], [], []
    for n in range(40):
        day = date(2024, 4, 8) + timedelta(days=8 * n)
        case, team = (
            f"CASEREF-77{n:05}",
            ("Fells Team", "Dale Team", NAMES["staff"])[0 if n < 20 else 1 + n // 38],
        )
        category = ("Delay", "Communication", NAMES["complainant"], "Mrs Wimbush rang")[
            (n % 7) // 3 if n < 39 else 3
        ]
        complaints.append(
            [case, str(day), "statutory", "Email" if n % 5 else "Letter", f"PERSONREF-99{n:05}", "1987-02-13",
             ("female", "male", "joint")[n % 9 // 4], f"unmistakable note; call 07700 900941, QQ9 9ZZ, {NAMES['child']}",
             NAMES["complainant"], "zq@canary.example", "943 476 5919", "29 Sorrow Lane", NAMES["elsewhere"]]
        )  # fmt: skip
        children.append([case, f"CHILDREF-88{n:05}", "White" if n % 11 else "Other", NAMES["child"]])
        outcome = ("upheld", "partially_upheld", "not_upheld", "upheld")[n % 4 if n % 3 else 2]
        done = str(day + timedelta(days=5 + n % 30))
        stages.append(
            [f"STAGEREF-66{n:05}", case, "statutory", "1", str(day), done, outcome, team, NAMES["staff"]]
        )
        issues.append([f"ISSUEREF-55{n:05}", case, str(day), team, category])
    complaints.append(
        [
            "CASEREF-7799999",
            NAMES["complainant"],
            NAMES["child"],
            "zq@canary.example",
            "x",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]
    )
    for n, words in enumerate((PUBLISHED_QUOTE, *REFUSED, UNAPPROVED)):
        approved = "no" if words == UNAPPROVED else "yes"
        thanks.append([f"THANKSREF-44{n:05}", "2024-06-03", "Fells Team", "parent_or_carer", words, approved])
        actions.append(
            [f"ACTIONREF-22{n:05}", "CASEREF-7700001", "2024-06-03", "done", words, "A new rota", approved]
        )
    tables = {
        "complaint": [COLUMNS, complaints],
        "complaint_child": ["complaint_id,child_id,ethnicity,Child name", children],
        "stage": ["stage_id,complaint_id,procedure,stage,requested_date,responded_date,outcome,service,IO name", stages],
        "issue": ["issue_id,complaint_id,raised_date,service,category", issues],
        "compliment": ["compliment_id,received_date,service,source,quote,quote_approved", thanks],
        "action": ["action_id,complaint_id,agreed_date,status,said,agreed,words_approved", actions],
    }  # fmt: skip
    for table, (header, rows) in tables.items():
        (drop / f"{table}.csv").write_bytes(_lines(header.split(","), *rows))
    (drop / f"{NAMES['file']} complaint.csv").write_bytes(
        _lines(["complaint_id", "x"], ["CASEREF-7788888", "29 Sorrow Lane"])
    )
    (drop / "mediation.csv").write_bytes(
        _lines(
            ["mediation_id", "complaint_id", "offered_date"], ["MEDREF-33", "CASEREF-7700001", "2024-05-01"]
        )
    )
    later = folder / "extracts" / "2024-25" / "2025-05-08"
    later.mkdir()
    (later / "mediation.csv").write_bytes(f'mediation_id,"{NAMES["unclaimed"]}\n'.encode())
    return folder
