"""The search for what must not be published finds what is planted, in every container and writing."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import quote

import duckdb
import openpyxl
import polars as pl
import pyarrow as pa
import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from redress.protect.streams import write_stream
from redress.publish.workbook import Sheet, write_workbook
from tests.byte_search import beside, found

WORD = "Žofie Quäckenbush"
TABLE = pa.table({"a": [f"x {WORD} y"] * 50, "n": list(range(50))})


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/inner.gz", gzip.compress(WORD.encode()))


def _workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = WORD
    book.save(path)


def _ods(path: Path) -> None:
    write_workbook(path, "Title", [], [], [Sheet("One", "Caption", ["a"], [[WORD]], [])])


def _pdf(path: Path) -> None:
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    stream = DecodedStreamObject()
    stream.set_data(b"BT (Zofie Quackenbush) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    writer.write(path)


def _database(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema s; create table s.t as select ? || range as a from range(5000)", [WORD]
        )


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table t (a blob)")
        connection.execute("insert into t values (?)", [WORD])
    connection.close()


def _compressed(codec: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with pa.OSFile(str(path), "wb") as file, pa.CompressedOutputStream(file, codec) as stream:
            stream.write(WORD.encode())

    return write


def _bytes(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data)


PLANTED: dict[str, Callable[[Path], None]] = {
    "plain.txt": _bytes(f"x{WORD.upper()}x".encode()),
    "utf16.txt": _bytes(f"ab{WORD}".encode("utf-16")),
    "utf16-be-odd.bin": _bytes(b"\x01" + WORD.encode("utf-16-be")),
    "cp1252.txt": _bytes("Zofie Quäckenbush".encode("cp1252")),
    "entities.html": _bytes(b"<p>&#381;ofie&nbsp;Qu&auml;ckenbush</p>"),
    "twice.html": _bytes(escape("&#381;ofie Qu&auml;ckenbush").encode()),
    "tags.html": _bytes("Žo<b>fie</b> Quäcken<i></i>bush".encode()),
    "percent.txt": _bytes(quote(WORD).encode()),
    "plus.txt": _bytes(b"?q=Zofie+Quackenbush"),
    "escaped.json": _bytes(json.dumps({"a": WORD}).encode()),
    "hex.js": _bytes(rb"\x5aofie Qu\u{00e4}ckenbush"),
    "base64.css": _bytes(
        b"url(data:image/svg+xml;base64," + base64.b64encode(f"<svg>{WORD}</svg>".encode()) + b")"
    ),
    "urlsafe.txt": _bytes(b"ab" + base64.urlsafe_b64encode(f"....{WORD}????".encode()).rstrip(b"=")),
    "packed.gz": _bytes(gzip.compress(WORD.encode())),
    "packed.zip": _zip,
    "packed.xlsx": _workbook,
    "packed.ods": _ods,
    "packed.br": _compressed("brotli"),
    "packed.zst": _compressed("zstd"),
    "table.parquet": lambda path: pl.from_arrow(TABLE).write_parquet(path, compression="zstd"),
    "table.arrow": lambda path: write_stream(TABLE, path),
    "file.arrow": lambda path: pl.from_arrow(TABLE).write_ipc(path, compression="zstd"),
    "pages.pdf": _pdf,
    "base.duckdb": _database,
    "base.sqlite": _sqlite,
    "Žofie Quäckenbush.txt": _bytes(b""),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_word_is_found_in_each_kind_of_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "nothing.txt").write_text("Zofia Quackenbusch", encoding="utf-8")
    assert found(tmp_path, (WORD,)) == set()
    PLANTED[name](tmp_path / "in" / name)
    assert {place.split(" > ")[0] for place, _ in found(tmp_path, (WORD,))} == {f"in/{name}"}
    assert found(tmp_path, (WORD,), ("in/",)) == set()


NUMBERS: dict[str, Callable[[Path], None]] = {
    "a.csv": _bytes(b"figure_id,value\r\nb-1,3\r\nb-2,4\r\n"),
    "a.parquet": lambda path: pl.DataFrame({"v": [3.0, 4.0], "id": ["b-1", "b-2"]}).write_parquet(path),
    "a.arrow": lambda path: write_stream(pa.table({"v": [3, 4], "id": ["b-1", "b-2"]}), path),
    "a.ods": lambda path: write_workbook(
        path, "T", [], [], [Sheet("One", "C", ["id", "v"], [["b-1", 3], ["b-2", 4]], [])]
    ),
    "row.html": _bytes(b'<tr class="x" id="b-1"><th>New</th><td class="n"><b>3</b></td></tr>'),
    "cell.html": _bytes(b'<td><a data-figure="b-1" href="#b-1">3</a> of <a data-figure="b-2">4</a></td>'),
    "block.html": _bytes(b'<script type="application/ld+json">{"a": [{"id": "b-1", "v": 3}]}</script>'),
    "a.json": _bytes(b'{"rows": [{"figure_id": "b-1", "value": 3}, ["b-2", 4]]}'),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_the_number_beside_a_figure_is_found_in_each_kind_of_file(tmp_path: Path, name: str) -> None:
    NUMBERS[name](tmp_path / name)
    told = [(place, figure, cells) for place, figure, cells in beside(tmp_path, {"b-1"})]
    assert told and {place for place, _, _ in told} == {name} and {figure for _, figure, _ in told} == {"b-1"}
    cells = {cell for _, _, row in told for cell in row}
    assert cells & {"3", "3.0"} and not cells & {"4", "4.0"}


def test_what_a_link_leads_to_is_searched_once_and_under_the_links_name(tmp_path):
    file = tmp_path / "state" / "generations" / "one" / "figures.csv"
    file.parent.mkdir(parents=True)
    file.write_text("Zebedee")
    (tmp_path / "aside").write_text("Zebedee")
    (tmp_path / "build").mkdir()
    (tmp_path / "state").rename(tmp_path / "build" / "state")
    (tmp_path / "build" / "figures.csv").symlink_to("state/generations/one/figures.csv")
    (tmp_path / "build" / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    assert found(tmp_path / "build", ["Zebedee"]) == {("figures.csv", "Zebedee")}
