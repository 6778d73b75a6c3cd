"""Search files to the last byte for words that must not be there, and for the numbers that stand with a figure.

A word is looked for in every container that the project or a later change of it may write (zip and so workbooks, gzip,
Brotli, zstd, Parquet, Arrow, PDF, SQLite, DuckDB, base64 blocks) and in every writing of text (UTF-8 and UTF-16, HTML
entities, per cent signs, backslash escapes, tags within a word, any case, with or without accents).
"""

from __future__ import annotations

import binascii
import csv
import io
import json
import os
import re
import sqlite3
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

DEEPEST = 4
WIDE = 1 << 20
"""Bytes up to which a file is read as UTF-16 as well; of a longer one the zero bytes are passed over."""
_MAGIC = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"PAR1",
    b"ARROW1",
    b"\xff\xff\xff\xff",
    b"%PDF-",
    b"SQLite",
)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2}))")
_MARKS = re.compile("[\u0300-\u036f]")
_TAG = re.compile(r"<[^>]*>")


def pieces(name: str, data: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """A file's bytes and all that is packed in them, as (place, bytes); a place is a path of containers."""
    yield name, data
    if depth >= DEEPEST:
        return
    for place, inner in _packed(name, data):
        yield from pieces(f"{name} > {place}", inner, depth + 1)


def _packed(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield member.filename, archive.read(member)
    elif data[:2] == b"\x1f\x8b":
        yield "gzip", zlib.decompress(data, 31)
    elif data[:4] == b"\x28\xb5\x2f\xfd" or name.endswith((".br", ".zst")):
        with pa.CompressedInputStream(
            pa.BufferReader(data), "brotli" if name.endswith(".br") else "zstd"
        ) as packed:
            yield "unpacked", packed.read()
    elif data[:4] == b"PAR1":
        yield "rows", _rows(pq.read_table(pa.BufferReader(data)))
    elif data[:6] == b"ARROW1":
        yield "rows", _rows(pa.ipc.open_file(pa.BufferReader(data)).read_all())
    elif data[:4] == b"\xff\xff\xff\xff":
        yield "rows", _rows(pa.ipc.open_stream(pa.BufferReader(data)).read_all())
    elif data[:5] == b"%PDF-":
        yield from _pdf(data)
    elif data[:16] == b"SQLite format 3\0":
        yield "rows", "\n".join(_sqlite(data)).encode()
    elif data[8:12] == b"DUCK":
        yield "rows", _duckdb(data)
    else:
        yield from _base64(data)


def _rows(table: pa.Table) -> bytes:
    """The distinct values of each column, a line each."""
    lines = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            values = column.unique().to_pylist()
        except pa.ArrowNotImplementedError:  # lists and the like
            values = column.to_pylist()
        lines += [name, *map(str, values)]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _pdf(data: bytes) -> Iterator[tuple[str, bytes]]:
    reader = PdfReader(io.BytesIO(data))
    yield "text", "\n".join(page.extract_text() for page in reader.pages).encode()
    yield "properties", str({**(reader.metadata or {}), "outline": reader.outline}).encode()
    for number, packed in enumerate(_STREAM.findall(data)):
        try:
            yield f"stream {number}", zlib.decompress(packed)
        except zlib.error:
            continue  # an image or a font: its bytes are searched as they are


def _sqlite(data: bytes) -> list[str]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        return list(connection.iterdump())
    finally:
        connection.close()


def _duckdb(data: bytes) -> bytes:
    """The distinct values of every column of every table: what the file itself holds compressed."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.duckdb"
        path.write_bytes(data)
        with duckdb.connect(str(path), read_only=True) as connection:
            columns = connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() "
                "where (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())"
            ).fetchall()
            for schema, table, column in columns:
                values = connection.execute(
                    f'select distinct "{column}" from "{schema}"."{table}"'
                ).fetchall()
                lines += [column, *(str(value) for (value,) in values)]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _base64(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What blocks of base64 hold, from each of the four places at which one can begin.

    One piece for each of the four, of all blocks; a block that is a packed file is a piece of its own.
    """
    blocks = [block.rstrip(b"=").translate(_URL_SAFE) for block in _BASE64.findall(data)]
    for first in range(4) if blocks else ():
        decoded = []
        for block in blocks:
            part = block[first:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            decoded.append(binascii.a2b_base64(part + b"=" * (-len(part) % 4)))
        yield f"base64 from {first}", b"\n".join(decoded)
        for number, one in enumerate(decoded):
            if one.startswith(_MAGIC):
                yield f"base64 {number}", one


def texts(data: bytes) -> Iterator[str]:
    """The readings of bytes as text, in the form of `folded`."""
    readings = [data.decode("utf-8", "replace")]
    if not data.isascii():
        readings.append(data.decode("latin-1"))
    if b"\0" in data and len(data) <= WIDE:
        readings += [
            data[first:].decode(coding, "replace")
            for first in (0, 1)
            for coding in ("utf-16-le", "utf-16-be")
        ]
    elif b"\0" in data:
        readings.append(data.replace(b"\0", b"").decode("latin-1"))
    for text in readings:
        yield folded(text)
        plain = text
        if "%" in plain or "+" in plain:
            plain = unquote_plus(plain)
        if "\\" in plain:
            plain = _ESCAPE.sub(lambda match: chr(min(int(match[match.lastindex or 0], 16), 0x10FFFF)), plain)
        if "&" in plain:
            plain = unescape(unescape(plain))
        if plain != text:
            yield folded(plain)
        if "<" in plain:
            yield folded(_TAG.sub("", plain))


def folded(text: str) -> str:
    """A text in any case, without accents, with single spaces."""
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(text.casefold().split())


def found(folder: Path, words: tuple[str, ...], without: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """Which words are where below a folder, names of files and folders included.

    Args:
        folder: what to search.
        words: at least four characters each.
        without: beginnings of paths that are passed over.

    Returns:
        (place, word), the place as a path below the folder and, after ` > `, what is packed in the file.
    """
    wanted = {folded(word): word for word in words}
    hits = set()
    for place, path in places(folder):
        if place.startswith(without):
            continue
        hits |= {(place, word) for key, word in wanted.items() if key in folded(place)}
        if not path.is_file():
            continue
        for name, data in pieces(place, path.read_bytes()):
            for text in texts(data):
                hits |= {(name, word) for key, word in wanted.items() if key in text}
    return hits


def places(folder: Path) -> Iterator[tuple[str, Path]]:
    """Everything below a folder, each once: what links lead to under the link's name, not under that of its generation."""
    named: dict[Path, str] = {}
    whole = folder.resolve()
    for top, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [one for one in folders if (Path(top) / one).resolve().is_relative_to(whole)]
        for name in [*folders, *files]:
            path = Path(top) / name
            place = path.relative_to(folder).as_posix()
            known = named.setdefault(path.resolve(), place)
            if "generations/" in known and "generations/" not in place:
                named[path.resolve()] = place
    for path, place in sorted(named.items(), key=lambda item: item[1]):
        yield place, path


def beside(folder: Path, figures: set[str]) -> Iterator[tuple[str, str, list[str]]]:
    """What stands with a figure wherever a file names it: (place, figure id, the other cells of its row).

    Rows of CSV, Parquet, Arrow and workbooks; of HTML the row that bears the figure's id, and the text of the element
    that is marked with it; of JSON the values beside the id.
    """
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        place = path.relative_to(folder).as_posix()
        for row in _cells(path):
            for figure in figures.intersection(row):
                yield place, figure, [cell for cell in row if cell != figure]


def _cells(path: Path) -> Iterator[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.reader(file)
    elif path.suffix == ".parquet":
        yield from ([str(cell) for cell in row.values()] for row in pq.read_table(path).to_pylist())
    elif path.suffix == ".arrow":
        with pa.OSFile(str(path)) as file:
            yield from (
                [str(c) for c in row.values()] for row in pa.ipc.open_stream(file).read_all().to_pylist()
            )
    elif path.suffix in (".ods", ".xlsx"):
        book = CalamineWorkbook.from_path(str(path))
        for sheet in book.sheet_names:
            yield from ([str(cell) for cell in row] for row in book.get_sheet_by_name(sheet).to_python())
    elif path.suffix in (".html", ".svg"):
        html = path.read_text(encoding="utf-8")
        for figure, inner in re.findall(r'data-figure="([^"]+)"[^>]*>(.*?)</', html, re.DOTALL):
            yield [figure, unescape(_TAG.sub("", inner)).strip()]
        for figure, inner in re.findall(r'<tr\b[^>]*\bid="([^"]+)"[^>]*>(.*?)</tr>', html, re.DOTALL):
            cells = re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", inner, re.DOTALL)
            yield [figure, *(unescape(_TAG.sub("", cell)).strip() for cell in cells)]
        for block in re.findall(r"<script[^>]*json[^>]*>(.*?)</script>", html, re.DOTALL):
            yield from _values(json.loads(block))
    elif path.suffix == ".json":
        yield from _values(json.loads(path.read_text(encoding="utf-8")))


def _values(node: Any) -> Iterator[list[str]]:
    """The values of every object, and of every list, of a JSON document."""
    if isinstance(node, dict | list):
        inner = list(node.values()) if isinstance(node, dict) else node
        yield [str(value) for value in inner if not isinstance(value, dict | list)]
        for value in inner:
            yield from _values(value)
