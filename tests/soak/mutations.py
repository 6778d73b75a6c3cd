"""Damage the files of a small made-up council at random and see that the program says so, and never breaks.

    python -m tests.soak.mutations 10000 --seed 1

Each mutation changes one file: bytes, rows, cells, sheets of a workbook, nodes of YAML. A changed folder is looked at by
`redress check`, a changed extract is taken in by `redress intake`, both in this process. Whatever was changed, the
command ends with 0, 2 or 3, in words, soon and in little memory, and of each file taken in the records received are
those conformed and those set aside.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import yaml
from click.testing import CliRunner

from redress import cli
from redress.base.settings import ROOT, Settings
from redress.intake.ledger import read_ledger
from redress.warehouse.dbt import environment

SLUG = "smallham"
MOST_SECONDS = 20
MOST_MEGABYTES = 400
"""What one mutation may add to the largest memory that the process ever held."""

PROFILE = """\
authority: smallham
name: Smallham Borough Council
short_name: Smallham
synthetic: true
case_data_from: 2023-04-01
reports:
  "2023-24": {as_at: 2024-05-31, title: The year, published_on: 2024-06-28}
settings: {outcome_share_withdrawn: including, percent_places: 1}
vocabularies: {channel: {Email: [E-mail, message]}, theme: [Delay, {Staff: [Rude]}]}
owners: {default: Complaints team, stage: Stage team}
contact: {team: Complaints, email: complaints@smallham.example}
retention: {case_data_years: 7}
protection: {threshold: 5, open_keys: [procedure], internal: {threshold: 3}}
theme: {colour: "#12436d"}
licence: {title: Open, path: "https://example.org/licence"}
"""
MAPPING = """\
version: 1
defaults: {encoding: utf-8, date_format: "%d/%m/%Y"}
words: {yes_no: {Y: "yes", N: "no"}}
sources:
  - id: cases
    files: [cases*.csv]
    scope: "cases-(.+)[.]csv"
    ignore: [Notes]
    names: [Name]
    tables:
      - table: complaint
        where: {column: Ref, not_blank: true}
        columns:
          complaint_id: Ref
          received_date: Received
          procedure: {from: Kind, words: {S: statutory, C: corporate}}
          channel: How
          complainant_role: {value: parent}
          complainant_id: {template: "{Ref}-P"}
          child_looked_after: {from: LAC, words: yes_no}
          closed_date: {from: [Closed, Ended], format: "%d/%m/%Y"}
  - id: points
    files: [points.xlsx]
    sheet: Points
    header_row: 2
    date_format: "%Y-%m-%d"
    set_aside: {up_to: 40, because: points of two teams stand in one cell, until: 9999-12-31}
    tables:
      - table: issue
        split: {column: Service, on: ";"}
        columns: {issue_id: Point, complaint_id: Ref, raised_date: Raised, service: Service, category: About}
"""
TABLES = {
    "services.csv": (
        "service,label,level,parent_service,valid_from,valid_to,successor_service,aliases\n"
        "csc,Social Care,service_area,,,,,\nOld Team,,team,csc,2010-04-01,2023-10-01,New Team,Older|Oldest\n"
        "New Team,,team,csc,2023-10-02,,,\n"
    ),
    "categories.csv": (
        "service,category,sub_category,valid_from,valid_to,aliases\n,Delay,,,,Late\n,Staff,Rude,2020-01-01,,\n"
    ),
    "timescales.csv": (
        "procedure,stage,standard_working_days,extended_working_days,clock_start,clock_end,day_count,valid_from,"
        "valid_to,source\ncorporate,1,20,30,accepted,responded_date,exclude_start_day,2010-04-01,,Policy\n"
    ),
    "time_bands.csv": "procedure,stage,band,from_days,to_days\ncorporate,1,0-20,0,20\ncorporate,1,21+,21,\n",
    "groupings.csv": "attribute,value,grouping,group\ncomplainant_role,parent,kind,adult\n",
    "published/2023-24.csv": (
        "ref,locator,measure,breakdown,period,value,unit,figure_measure,figure_breakdown,figure_period,scale,note\n"
        "s-1,p1,total,,2023/24,5,cases,new_complaints,,2023-24,,\ns-2,p1,late,,2023/24,20.5,percent,,,,0.1,x\n"
    ),
    "published/2023-24-contradictions.csv": "ref,conflicts_with,relation,reason\ns-2,s-1,round_to(r1 / 2; 0) < r2,No\n".replace(
        ";", ","
    ).replace("round_to(r1 / 2, 0) < r2", '"round_to(r1 / 2, 0) < r2"'),
    "accepted_faults.csv": "check_id,reason,owner,expires\nparts:x,Because,Head,2030-01-01\n",
    "published/2023-24-audit.yml": "synonyms: {a: b}\noverlap: [c]\nshares: {d: e}\n",
}
CASES = "Ref,Received,Kind,How,LAC,Closed,Ended,Name,Notes\n" + "".join(
    f'C{n},{n % 28 + 1:02}/05/2023,{"SC"[n % 2]},Email,{"YN"[n % 2]},,{n % 28 + 1:02}/06/2023,Ann Other,"a, b"\n'
    for n in range(12)
)
POINTS = [["Points of complaint"], ["Point", "Ref", "Raised", "Service", "About"]] + [
    [f"P{n}", f"C{n}", "2023-05-02", "New Team" if n % 3 else "New Team;Old Team", "Delay"] for n in range(12)
]
NASTY: tuple[Any, ...] = (
    *(
        "",
        " ",
        "\0",
        "\x07",
        "\ufeff",
        "\u202e",
        "\U0001f600",
        "\xa0",
        "é" * 50,
        "x" * 40_000,
        "9" * 400,
        "-1",
        "1e999",
    ),
    *(
        "nan",
        "inf",
        "1,234.50",
        "31/02/2023",
        "00/00/0000",
        "2023-13-45",
        "45000",
        "#REF!",
        "=1+1",
        "@x",
        "'",
        '"',
        '""',
    ),
    *(
        "a\nb",
        "a\r\nb",
        ";",
        "|",
        "{",
        "{Ref",
        "}{",
        "%",
        "%d",
        "%Y" * 200,
        "*" * 300,
        "[",
        "(",
        "(a+)+$",
        "..",
        "/",
        "~",
    ),
    *(
        "!!python/object:os.system x",
        "&a *a",
        "<<",
        "yes",
        "null",
        "open",
        "Grand Total",
        "9**9**9",
        "r1/0",
        "True",
    ),
)
NASTY_NODES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        10**17,
        10**30,
        1.5,
        float("inf"),
        [],
        {},
        [[]],
        [{}],
        {"a": {}},
        {"a": [None]},
    ),
    *(
        [1, [2, [3]]],
        {1: 2},
        {None: None},
        {True: False},
        {"": ""},
        ["x"] * 500,
        {"from": []},
        {"column": []},
    ),
    *({"by": 5}, {"sources": [{}]}, {"value": {}}, {"template": "{"}, {"words": []}, "2023-02-30"),
)


class Outcome(NamedTuple):
    """What became of one mutation.

    Attributes:
        kind: bytes, rows, cells, sheets or yaml.
        target: the file that was changed.
        exit_code: of the command.
        message: its last words.
        verdict: `ok`, or what is wrong: internal, exit, silent, unequal, slow, memory.
    """

    kind: str
    target: str
    exit_code: int
    message: str
    verdict: str


def run_mutations(count: int, seed: int, workdir: Path) -> list[Outcome]:
    """Make mutations and see what becomes of each.

    Args:
        count: how many.
        seed: of the random choices; equal seeds give equal mutations.
        workdir: an empty folder, or none yet.
    """
    council = _Council(Path(workdir))
    outcomes = []
    with environment(REDRESS_BUILD=str(council.build), REDRESS_AUTHORITIES=str(council.folder.parent)):
        for number in range(count):
            draw = random.Random(f"{seed} {number}")
            council.restore()
            target = draw.choice(council.targets)
            kind, change = draw.choice(_changes(target))
            path = council.path(target)
            path.write_bytes(change(path.read_bytes(), draw))
            outcomes.append(_judged(council, kind, target))
    return outcomes


class _Council:
    """A council's folder and its extracts, made again before each mutation."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder, self.incoming, self.build = (
            root / "authorities" / SLUG,
            root / "incoming",
            root / "build",
        )
        self.extracts = {"cases-2023.csv": CASES.encode(), "points.xlsx": _workbook(POINTS)}
        self.files = {"profile.yml": PROFILE, "mapping.yml": MAPPING, **TABLES}
        self.targets = [
            *self.files,
            *["profile.yml", "mapping.yml"] * 3,
            *(name for name in self.extracts for _ in range(4)),
        ]
        self.settings = Settings(root=ROOT, build=self.build, authorities=(root / "authorities",))

    def path(self, target: str) -> Path:
        """Where a file lies."""
        return self.incoming / target if target in self.extracts else self.folder / target

    def restore(self) -> None:
        """Put everything back as it was."""
        for folder in (self.folder, self.incoming, self.build):
            shutil.rmtree(folder, ignore_errors=True)
        for name, text in self.files.items():
            self.path(name).parent.mkdir(parents=True, exist_ok=True)
            self.path(name).write_text(text, encoding="utf-8")
        self.incoming.mkdir(parents=True)
        for name, content in self.extracts.items():
            self.path(name).write_bytes(content)

    def command(self, target: str) -> list[str]:
        """What a user would type about the file that was changed."""
        if target in self.extracts:
            files = [str(self.path(name)) for name in self.extracts]
            return ["intake", *files, "--authority", SLUG, "--received", "2024-04-08"]
        return ["check", SLUG]


def _judged(council: _Council, kind: str, target: str) -> Outcome:
    """Run the command about a target and judge how it ended."""
    before = _peak()
    with _time_limit() as is_over:
        result = CliRunner().invoke(cli.main, council.command(target))
    words = result.output.strip().splitlines()
    message = (words[0] if words else "")[:300]
    verdict = "ok"
    if is_over():
        verdict = "slow"
    elif result.exit_code == 70 or "Traceback" in result.output or "Internal error" in result.output:
        verdict = "internal"
    elif result.exit_code not in (0, 2, 3):
        verdict = "exit"
    elif result.exit_code and "To fix" not in result.output and "rejected" not in result.output:
        verdict = "silent"
    elif target in council.extracts and not _adds_up(council.settings):
        verdict = "unequal"
    elif _peak() - before > MOST_MEGABYTES:
        verdict = "memory"
    elif max((len(line) for line in words), default=0) > 3_000:
        verdict = "silent"  # a message of pages is none
    return Outcome(kind, target, result.exit_code, message, verdict)


def _adds_up(settings: Settings) -> bool:
    """Whether of each file the records received are those conformed and those set aside."""
    return all(
        row["rows_received"] == row["rows_conformed"] + row["rows_left_out"] + row["rows_quarantined"]
        for row in read_ledger(settings)
        if row["status"] == "loaded"
    )


def _peak() -> float:
    """The most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


@contextmanager
def _time_limit() -> Iterator[Callable[[], bool]]:
    """Break off the body after `MOST_SECONDS`; the function that is given says whether that was so."""
    over = [False]

    def stop(*_: object) -> None:
        over[0] = True
        raise TimeoutError("longer than a mutation may take")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_SECONDS)
    try:
        yield lambda: over[0]
    except TimeoutError:
        pass
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


# Changes: (bytes of a file, random source) -> other bytes

Change = Callable[[bytes, random.Random], bytes]


def _changes(target: str) -> list[tuple[str, Change]]:
    """What can be done to a file, with its kind."""
    every = [("bytes", change) for change in (_flip, _insert, _cut_out, _truncate, _twice, _encode)]
    if target.endswith(".xlsx"):
        return [("sheets", _change_cells), ("sheets", _change_cells), ("sheets", _change_sheet), *every]
    if target.endswith(".yml"):
        return [("yaml", _change_node)] * 6 + every
    rows = [("rows", change) for change in (_row_twice, _row_gone, _rows_swapped, _row_ragged)]
    return [("cells", _change_cell)] * 5 + rows + every


def _flip(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice([1, 1, 3, 20])):
        changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _insert(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content) + 1)
    nasty = draw.choice(NASTY).encode("utf-8", "surrogatepass") * draw.choice([1, 1, 50])
    return content[:place] + nasty + content[place:]


def _cut_out(content: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(content))
    return content[:start] + content[start + draw.choice([1, 5, 100]) :]


def _truncate(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def _twice(content: bytes, draw: random.Random) -> bytes:
    return content * 2


def _encode(content: bytes, draw: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(draw.choice(["utf-16", "utf-8-sig", "cp1252", "utf-32", "utf-7"]), "replace")


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _row_twice(content: bytes, draw: random.Random) -> bytes:
    lines = _lines(content)
    return b"".join([*lines, draw.choice(lines)])


def _row_gone(content: bytes, draw: random.Random) -> bytes:
    lines = _lines(content)
    del lines[draw.randrange(len(lines))]
    return b"".join(lines)


def _rows_swapped(content: bytes, draw: random.Random) -> bytes:
    lines = _lines(content)
    draw.shuffle(lines)
    return b"".join(lines)


def _row_ragged(content: bytes, draw: random.Random) -> bytes:
    lines = _lines(content)
    place = draw.randrange(len(lines))
    lines[place] = draw.choice(
        [lines[place].replace(b",", b"", 1), b"," + lines[place], lines[place].rstrip() + b',"\n']
    )
    return b"".join(lines)


def _change_cell(content: bytes, draw: random.Random) -> bytes:
    lines = _lines(content)
    place = draw.randrange(len(lines))
    cells = lines[place].rstrip(b"\n").split(b",")
    nasty = draw.choice(NASTY)
    if draw.random() < 0.5:
        nasty = '"' + nasty.replace('"', '""') + '"'
    cells[draw.randrange(len(cells))] = nasty.encode()
    lines[place] = b",".join(cells) + b"\n"
    return b"".join(lines)


def _change_node(content: bytes, draw: random.Random) -> bytes:
    """Another value, key or shape somewhere in a YAML file."""
    tree = yaml.safe_load(content)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    walk(tree)
    for _ in range(draw.choice([1, 1, 1, 2, 4])):
        node, key = draw.choice(places)
        if isinstance(node, dict) and draw.random() < 0.2:
            node[draw.choice([*NASTY[:20], 5, None, True, "x"])] = node.pop(key, None)
        else:
            node[key] = draw.choice(draw.choice([NASTY, NASTY_NODES]))
    try:
        return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode()
    except yaml.YAMLError:
        return content[: len(content) // 2]


def _workbook(rows: list[list[Any]], title: str = "Points") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _change_cells(content: bytes, draw: random.Random) -> bytes:
    """Another value in some cells."""
    rows = [list(row) for row in POINTS]
    for _ in range(draw.choice([1, 3])):
        row = draw.choice(rows)
        value = draw.choice([*NASTY, 45000, 1.5, True, None, -1e300])
        if isinstance(value, str):
            value = "".join(letter for letter in value if letter >= " " or letter in "\n\t")[:32_000]
        row[draw.randrange(len(row))] = value
    return _workbook(rows)


def _change_sheet(content: bytes, draw: random.Random) -> bytes:
    """Another sheet: renamed, emptied, without its header, ragged, with rows doubled."""
    rows = [list(row) for row in POINTS]
    title = draw.choice(["Points", "Points", "points ", "Other"])
    act = draw.randrange(5)
    if act == 0:
        rows = []
    elif act == 1:
        del rows[draw.randrange(2)]
    elif act == 2:
        rows[draw.randrange(len(rows))] += ["more"] * draw.choice([1, 300])
    elif act == 3:
        rows += rows[2:]
    else:
        draw.shuffle(rows)
    return _workbook(rows, title)


def main() -> None:
    """Run from a terminal: counts by verdict, and each mutation that did not go well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="redress-") as folder:
        outcomes = run_mutations(given.count, given.seed, Path(folder))
    for outcome in outcomes:
        if outcome.verdict != "ok":
            print(*outcome, sep=" | ")
    print(Counter((outcome.kind, outcome.exit_code, outcome.verdict) for outcome in outcomes))
    sys.exit(any(outcome.verdict != "ok" for outcome in outcomes))


if __name__ == "__main__":
    main()
