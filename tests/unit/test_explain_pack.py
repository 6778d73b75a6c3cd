"""`redress explain --pack` reads what somebody handed over: damage is said in words, and nothing in it commands a terminal."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

from redress.cli import main

FIGURE = "north-town-2023-24-new-complaints-d41d8cd9"
TABLES = {
    "figures.csv": "authority,reporting_year,figure_id,measure,breakdown,period,numerator,denominator,value,unit,rule,status,as_at\n"
    f'north-town,2023-24,{FIGURE},new_complaints,,"2023\x1b[2J\n24",,,1,"comp\u202elaints",received,computed,2024-05-31\n',
    "cases/parts.csv.gz": "figure_id,part,amount,basis,set_id,things,total,agrees,figures\n"
    f"{FIGURE},numerator,1,cases,a,1,1,yes,\n",
    "cases/members.csv.gz": "set_id,thing,weight\na,complaint-1,1\n",
    "cases/things.csv.gz": "thing,kind,belongs_to,extract_id,row\ncomplaint-1,complaint,,x,1\ncomplaint-2,complaint,,x,2\n",
    "cases/excluded.csv.gz": "measure,kind,thing,belongs_to,reason\n"
    'new_complaints,complaint,complaint-2,,"not \x1b]0;x\x07counted\nRestricted"\n',
}


@pytest.fixture
def pack(tmp_path) -> Path:
    """The tables of a pack that are read, with words that a terminal would obey."""
    (tmp_path / "cases").mkdir()
    for name, text in TABLES.items():
        data = text.encode("utf-8")
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return tmp_path


def explain(pack: Path) -> tuple[int, str]:
    """Exit code and what is said."""
    result = CliRunner().invoke(main, ["explain", FIGURE, "--excluded", "--pack", str(pack)])
    return result.exit_code, result.output


def test_what_a_pack_says_is_printed_without_control_characters(pack):
    code, said = explain(pack)
    assert code == 0 and "\\x1b[2J" in said and "\\u202e" in said and "complaint-2" in said
    assert all(line.isprintable() for line in said.split("\n"))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b\x08\x00", b"a,b\n1,2\n", b"\xff\xfe\x00", b'"a\n'])
def test_a_damaged_pack_is_said_in_words(pack, name, damage):
    is_cut = damage == b""
    (pack / name).write_bytes((pack / name).read_bytes()[:-12] if is_cut else damage)
    code, said = explain(pack)
    assert "Internal error" not in said and (code == 2 or (is_cut and code == 0)), said
