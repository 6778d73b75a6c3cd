"""Far Shire, with words that begin like formulas wherever a council writes words."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline import far_shire

OWNER = '=HYPERLINK("http://owner","x")'
QUOTED = '"=HYPERLINK(""http://owner"",""x"")"'
WORDS = {
    "name: Far Shire County Council": "name: '=HYPERLINK(\"http://name\")'",
    "short_name: Far Shire": "short_name: '@Far Shire'",
    "title: What families told us 2023-24": "title: '=HYPERLINK(\"http://title\")'",
    "{default: Families' Voice Desk}": '{default: \'=HYPERLINK("http://owner","x")\'}',
    "team: Families' Voice Desk": "team: '+Families'",
    "- Kitchen table:": '- "@Kitchen table":',
    "- Bottle post": '- "-Bottle post": [Bottle post]',
    "theme: [Not being heard, Late letters]": 'theme: [{"+Not being heard": [Not being heard]}, {"=Late letters": [Late letters]}]',
    "Hill Team": "=Hill Team",
    "Dale Team": "@Dale Team",
    "Families & Homes": "-Families & Homes",
    "Far Shire promise": "=Far Shire promise",
    "within a week": "=within a week",
    ",Kin\n": ",@Kin\n",
    '"Klagebuch*.txt"': '"*Klagebuch*.txt"',
    '"voicebox*.xlsx"': '"*voicebox*.xlsx"',
}


def write(place: Path) -> None:
    """Write the council's folder below a place."""
    folder = far_shire.write(place)
    for path in [*folder.glob("*.csv"), *folder.glob("*.yml")]:
        text = path.read_text(encoding="utf-8")
        for word, formula in WORDS.items():
            text = text.replace(word, formula)
        path.write_text(text, encoding="utf-8")
    for path in folder.glob("extracts/*/*/*"):
        path.rename(path.with_name(f"={path.name}"))
    (ledger,) = folder.glob("extracts/*/*/=Klagebuch.txt")
    more = "=1+1;=HYPERLINK(A1);4 May 2023;KT;Grandmother;Late letters;H1;12 May 2023;We were wrong;;;"
    ledger.write_bytes(ledger.read_bytes() + f"\r\n{more}".encode())
    (folder / "published").mkdir()
    (folder / "published" / "2024-25.csv").write_text(
        "ref,locator,measure,breakdown,period,value,unit,figure_measure,figure_breakdown,figure_period\n"
        '=P1,"=HYPERLINK(""http://place"")",@New complaints,,2024-25,4,complaints,new_complaints,,2024-25\n',
        encoding="utf-8",
    )
    (folder / "accepted_faults.csv").write_text(
        "check_id,reason,owner,expires\n"
        f'figures-equal-published:2024-25,"=HYPERLINK(""http://reason"")",{QUOTED},2099-01-01\n',
        encoding="utf-8",
    )
