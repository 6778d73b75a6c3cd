"""The CSV files of a council's folder: refused with file and line where they cannot be what they seem."""

from __future__ import annotations

from datetime import date

import pytest
from intake_world import World

from redress.authority.model import AuthorityError
from redress.reconcile import accepted

HEADER = "service,label,level,parent_service,valid_from,valid_to,successor_service,aliases\n"
DAMAGED = {
    "NUL": (HEADER + "Team A,,team,,,,,\nTeam\0B,,team,,,,,\n", "line 3: there is a NUL byte"),
    "not UTF-8": (HEADER.encode() + b"Caf\xe9,,team,,,,,\n", "line 2: the file is not in UTF-8"),
    "UTF-16": (HEADER.encode("utf-16"), "the file is in UTF-16"),
    "ragged": (HEADER + "Team A,,team\nTeam B,,team,,,,,\n", "line 2 has another number of cells"),
    "huge cell": (HEADER + "x" * 1_000_000 + ",,team,,,,,\n", "line 2: a cell has 1,000,000 characters"),
    "open quote": (
        HEADER + 'Team A,,team,,,,,\n"Team B,,team,,,,,\nTeam C,,team,,,,,\n',
        "line 3: the row that begins here",
    ),
    "stray quote": (HEADER + '"Team" A,,team,,,,,\n', "line 2: the row that begins here"),
    "a column twice": ("service,service\nTeam A,Team B\n", "line 1: the column `service` stands twice"),
    "no such column": ("team\nTeam A\n", "columns are missing: service"),
    "no day": (HEADER + "Team A,,team,,2023-02-30,,,\n", "line 2: valid_from `2023-02-30` is no date"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_table_is_refused_with_its_line(tmp_path, name):
    content, told = DAMAGED[name]
    world = World(tmp_path).configure()
    path = world.folder / "services.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(AuthorityError) as refusal:
        world.authority()
    assert any(f"services.csv: {told}" in problem for problem in refusal.value.problems), (
        refusal.value.problems
    )
    assert all(len(problem) < 1000 for problem in refusal.value.problems)


@pytest.mark.parametrize("number", ["9" * 30, "1.5", "many", "-", "\u0665"])
def test_a_number_that_the_warehouse_cannot_hold_is_refused(tmp_path, number):
    world = World(tmp_path).configure()
    path = world.folder / "time_bands.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"procedure,stage,band,from_days,to_days\nstatutory,1,up to,{number},\n")
    with pytest.raises(AuthorityError, match=f"line 2: from_days `{number}` is no whole number"):
        world.authority()


@pytest.mark.parametrize("value", ["1e5", "nan", "1_000", "9" * 400, "0." + "1" * 40, "10%"])
def test_a_printed_number_is_written_in_digits(tmp_path, value):
    world = World(tmp_path).configure()
    path = world.folder / "published" / "2023-24.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"ref,measure,breakdown,period,value,unit\ns-1,total,,2023/24,{value},cases\n")
    with pytest.raises(AuthorityError, match="line 2: value `"):
        world.authority()


def test_many_equal_refs_are_told_at_once(tmp_path):
    world = World(tmp_path).configure()
    path = world.folder / "published" / "2023-24.csv"
    path.parent.mkdir(parents=True)
    rows = "".join(f"s-{n // 2},total,,2023/24,1,cases\n" for n in range(30_000))
    path.write_text("ref,measure,breakdown,period,value,unit\n" + rows)
    with pytest.raises(AuthorityError, match="ref `s-1` stands more than once"):
        world.authority()


@pytest.mark.parametrize(
    "content", [b"check_id,reason,owner,expires\na,\0,c,2030-01-01\n", b'check_id\n"open', b"\xff\xfe"]
)
def test_accepted_faults_that_cannot_be_read_accept_nothing(tmp_path, content):
    (tmp_path / accepted.FILE).write_bytes(content)
    holds, faults = accepted.read(tmp_path, date(2024, 1, 1))
    assert not holds and len(faults) == 1 and accepted.FILE in faults[0]
