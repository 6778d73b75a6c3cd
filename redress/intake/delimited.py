"""A delimited text file to records, without ever looking at it line by line.

The bytes are examined as one array: where quotation marks, line ends and delimiters stand decides where
records begin and how many cells each has. Damaged records (NUL bytes, bytes outside the encoding, a cell
too many or too few) are cut out whole, so their neighbours are read as if they were not there. The file is
rejected where that is not certain: a quotation mark out of place makes every record end after it doubtful.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from redress.contract.mapping import declared_encoding
from redress.contract.values import SPACE, trim
from redress.intake.file_kinds import kind_of
from redress.intake.problems import RejectedFile, row_problems
from redress.intake.sheet import TOTAL_WORDS, Sheet, banded

_QUOTE, _LF, _CR = 34, 10, 13
LARGEST_FILE = 2**31
"""Bytes; a larger file should come in parts."""

_BOMS = {codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32"} | {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


_STAND_INS = "\x1f\x1e\x1d\x1c\x02\x03\x04\x05"
"""Characters that may stand for a delimiter of several bytes while a file is read."""


@dataclass(frozen=True)
class _Form:
    """How the bytes become cells: one ASCII character between them, and whether quotation marks mean anything."""

    delimiter: str
    encoding: str
    is_quoted: bool = True


@dataclass
class _Records:
    """Where records lie in the bytes: starts and ends (line end left out), and cells per record."""

    starts: np.ndarray
    ends: np.ndarray
    cells: np.ndarray


def _to_ascii_compatible(data: bytes, encoding: str) -> tuple[bytes, str]:
    """Return the bytes in an encoding in which delimiters, quotes and line ends are single bytes."""
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    for mark, name in _BOMS.items():
        if data.startswith(mark) and not is_wide:
            raise RejectedFile(
                "utf16_file",
                f"The file is in {name} (Excel calls it Unicode text); {encoding.upper()} was expected. "
                "Save it again as CSV UTF-8.",
                found=name,
                expected=encoding.upper(),
            )
    if is_wide:
        try:
            return data.decode(encoding).removeprefix("\ufeff").encode("utf-8"), "utf-8"
        except UnicodeError:
            raise RejectedFile(
                "wrong_encoding",
                f"The file is not in {encoding.upper()}, as the mapping says.",
                expected=encoding,
            ) from None
    sample = data[:4096]
    if len(sample) >= 4 and sample.count(0) * 5 > len(sample) * 2:
        raise RejectedFile(
            "utf16_file",
            f"Every second byte is a NUL: the file is in UTF-16 without a mark; {encoding.upper()} "
            "was expected.",
            found="UTF-16",
            expected=encoding.upper(),
        )
    return data, encoding


def _reject_quote(position: int, at: np.ndarray, kind: np.ndarray, why: str) -> RejectedFile:
    line = 1 + int(((kind == _LF) & (at < position)).sum())
    return RejectedFile(
        "unbalanced_quote",
        f"{why} It is met near line {line} of the file. From there on it is not certain where records begin, "
        "so nothing of the file is loaded.",
        found=f"near line {line}",
        expected='text with quotation marks as "two ""such"" words"',
    )


@dataclass
class _Marks:
    """Every delimiter, quotation mark and line end of a file: where it stands and what it is."""

    at: np.ndarray
    kind: np.ndarray


def _marks(array: np.ndarray, form: _Form) -> _Marks:
    """Return delimiters and line ends outside quotes.

    Raises:
        RejectedFile: where a quotation mark opens in the middle of a cell, closes before its end, or is
            never closed.
    """
    is_mark = np.zeros(256, dtype=bool)
    is_mark[[ord(form.delimiter), _LF, _CR]] = True
    is_mark[_QUOTE] = form.is_quoted
    at = np.flatnonzero(is_mark[array])
    kind = array[at]
    is_quote = kind == _QUOTE
    if not is_quote.any():
        return _Marks(at, kind)
    quotes = at[is_quote]
    opening, closing = quotes[0::2], quotes[1::2]
    before = opening[opening > 0] - 1
    early = before[~is_mark[array[before]]]
    after = closing[closing < len(array) - 1] + 1
    late = after[~is_mark[array[after]]]
    if len(early) or len(late):
        first = min(int(part[0]) for part in (early, late) if len(part))
        raise _reject_quote(first, at, kind, "A quotation mark stands where none can be, or one is missing.")
    if len(quotes) % 2:
        raise _reject_quote(int(quotes[-1]), at, kind, "A quotation mark is opened and never closed.")
    outside = (np.cumsum(is_quote, dtype=np.uint8) & 1) == 0
    outside &= ~is_quote
    return _Marks(at[outside], kind[outside])


def _records(array: np.ndarray, marks: _Marks, delimiter: int) -> tuple[_Records, dict[str, int]]:
    """Find records; any of CRLF, LF and CR ends one when it stands outside quotes."""
    is_line = marks.kind != delimiter
    line_at, line_kind = marks.at[is_line], marks.kind[is_line]
    is_cr = line_kind == _CR
    cleaned: dict[str, int] = {}
    ends, nexts = line_at, line_at + 1
    if is_cr.any():
        # the line feed of a CRLF belongs to the carriage return before it
        is_pair = np.zeros(len(line_at), dtype=bool)
        is_pair[1:] = (line_kind[1:] == _LF) & is_cr[:-1] & (line_at[1:] == line_at[:-1] + 1)
        pairs = int(is_pair.sum())
        ends = line_at[~is_pair]
        nexts = ends + 1
        nexts[np.flatnonzero(is_pair) - 1 - np.arange(pairs)] += 1
        counts = {"crlf": pairs, "cr": int(is_cr.sum()) - pairs}
        cleaned = {kind: count for kind, count in counts.items() if count}
    starts = np.concatenate([[0], nexts])
    ends = np.concatenate([ends, [len(array)]])
    if starts[-1] == len(array):
        starts, ends = starts[:-1], ends[:-1]
    separators = marks.at[~is_line]
    cells = np.searchsorted(separators, ends) - np.searchsorted(separators, starts) + 1
    return _Records(starts, ends, cells), cleaned


def _blank_records(array: np.ndarray, records: _Records, form: _Form) -> np.ndarray:
    """Return which records hold nothing but delimiters, spaces and empty quotes."""
    filled = np.ones(256, dtype=bool)
    filled[[ord(form.delimiter), 32, 9, _LF, _CR]] = False
    filled[_QUOTE] = not form.is_quoted
    lengths = records.ends - records.starts
    blank = np.zeros(len(lengths), dtype=bool)
    short = np.flatnonzero(lengths <= records.cells + 3)
    if len(short):
        is_blank = np.ones(len(short), dtype=bool)
        for offset in range(int(lengths[short].max())):
            at = np.minimum(records.starts[short] + offset, len(array) - 1)
            is_blank &= (offset >= lengths[short]) | ~filled[array[at]]
        blank[short] = is_blank
    # quotes may hold a delimiter or a quotation mark, which are something
    for index in np.flatnonzero(blank):
        record = array[records.starts[index] : records.ends[index]].tobytes()
        if b'"' in record:
            blank[index] = not any(trim(cell) for cell in _cells(record.decode("ascii"), form))
    return blank


def _undecodable(data: bytes, records: _Records, encoding: str) -> np.ndarray:
    """Return indexes of records that are not in the encoding, found by halving: cost grows with the faults only."""
    bad: list[int] = []
    pending = [(0, len(records.starts))]
    view = memoryview(data)
    while pending:
        low, high = pending.pop()
        try:
            codecs.decode(view[records.starts[low] : records.ends[high - 1]], encoding)
        except UnicodeDecodeError:
            if high - low == 1:
                bad.append(low)
            else:
                middle = (low + high) // 2
                pending += [(low, middle), (middle, high)]
    return np.array(sorted(bad), dtype=np.int64)


def _cells(text: str, form: _Form) -> list[str]:
    """Return the cells of one record."""
    if len(text) > csv.field_size_limit():
        csv.field_size_limit(len(text) + 1)
    rows = list(_csv_reader(text, form))
    return rows[0] if rows else []


def _csv_reader(text: str, form: _Form) -> Iterator[list[str]]:
    quoting = csv.QUOTE_MINIMAL if form.is_quoted else csv.QUOTE_NONE
    return csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, quoting=quoting)


def _record_text(data: bytes, records: _Records, index: int, encoding: str) -> str:
    return data[records.starts[index] : records.ends[index]].decode(encoding, errors="replace")


def _read_regular(
    array: np.ndarray, records: _Records, keep: np.ndarray, width: int, form: _Form
) -> pl.DataFrame:
    """Return cells of the kept records, which are known to be regular: each has `width` cells."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    names = [str(position) for position in range(width)]
    if not keep.any():
        return pl.DataFrame(schema={name: pl.String() for name in names})
    if keep.all():
        data = array[records.starts[0] : records.ends[-1]].tobytes()
    else:
        # runs of neighbouring records that are kept, each with its line end
        nexts = np.append(records.starts[1:], len(array))
        edges = np.diff(np.concatenate([[0], keep.astype(np.int8), [0]]))
        runs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True)
        view = memoryview(array)
        data = b"".join(view[records.starts[first] : nexts[last]] for first, last in runs)
    if form.encoding != "utf-8":
        data = data.decode(form.encoding).encode("utf-8")
    longest = int((records.ends - records.starts)[keep].max())
    table = pacsv.read_csv(
        pa.BufferReader(data),
        read_options=pacsv.ReadOptions(column_names=names, block_size=max(1 << 22, 4 * longest + 64)),
        parse_options=pacsv.ParseOptions(
            delimiter=form.delimiter,
            quote_char='"' if form.is_quoted else False,
            double_quote=form.is_quoted,
            newlines_in_values=form.is_quoted,
            ignore_empty_lines=False,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.large_string() for name in names}, strings_can_be_null=False
        ),
    )
    frame = pl.from_arrow(table)
    if frame.height != int(keep.sum()):
        raise RuntimeError("the two ways of finding records disagree")
    return frame


def _ragged_problems(
    data: bytes,
    records: _Records,
    rows: np.ndarray,
    ragged: np.ndarray,
    width: int,
    form: _Form,
) -> list[pl.DataFrame]:
    """Return records with too few or too many cells; a line of totals is called by its own name."""
    totals, others, sizes = [], [], []
    for index in ragged:
        cells = [trim(cell) for cell in _cells(_record_text(data, records, index, form.encoding), form)]
        label = next((cell for cell in cells if cell), "")
        if re.match(TOTAL_WORDS, label):
            totals.append(int(rows[index]))
        else:
            others.append(int(rows[index]))
            sizes.append(f"{records.cells[index]} cells")
    numbers = pl.Series("row", others, dtype=pl.Int32)
    return [
        row_problems(
            pl.Series("row", totals, dtype=pl.Int32),
            "total_row",
            "This line is a total, not a record: it is not counted.",
        ),
        row_problems(
            numbers,
            "ragged_row",
            f"The header has {width} cells and this record another number, so its values may stand in "
            "the wrong columns.",
            found=pl.Series("found", sizes, dtype=pl.String),
            expected=f"{width} cells",
        ),
    ]


def read_delimited(
    data: bytes,
    delimiter: str = ",",
    encoding: str = "utf-8",
    header_row: int = 1,
    bands: tuple[int, ...] = (),
    is_quoted: bool = True,
    is_spaced: bool = False,
) -> Sheet:
    """Read a delimited file.

    Args:
        data: the whole file.
        delimiter: one character or several.
        encoding: as the mapping declares it.
        header_row: record (1-based) that holds the column names; what stands above is not read.
        bands: records above it that hold the names of groups of columns.
        is_quoted: whether quotation marks may stand around a cell.
        is_spaced: whether spaces may stand between a delimiter and the quotation mark after it.

    Returns:
        The records as texts. `received` counts records, not lines: a quoted line end belongs to its cell.

    Raises:
        RejectedFile: empty_file, utf16_file, wrong_encoding, unbalanced_quote, file_too_large,
            unreadable_file.
    """
    encoding = declared_encoding(encoding)
    if len(data) > LARGEST_FILE:
        raise RejectedFile("file_too_large", "The file is larger than 2 GB: send it in parts.")
    if not re.search(rb"[^ \t\r\n\x00]", data):
        raise RejectedFile(
            "empty_file", "The file has no content: the export failed. Export it again.", found="0 rows"
        )
    if kind := kind_of(data):
        raise RejectedFile("unreadable_file", f"The file is {kind}", found=kind.partition(".")[0])
    data, encoding = _to_ascii_compatible(data, encoding)
    cleaned: dict[str, int] = {}
    if data.startswith(codecs.BOM_UTF8):
        data, cleaned["bom"] = data[3:], 1
        encoding = "utf-8"
    if not re.search(rb"\S", data):
        raise RejectedFile(
            "empty_file", "The file has no content: the export failed. Export it again.", found="0 rows"
        )
    data, form = _with_one_byte(data, delimiter, encoding, is_quoted)
    if is_spaced and is_quoted:
        data = _without_spaces(data, form)
    sheet = _records_below(data, form, header_row, bands, cleaned)
    if form.delimiter != delimiter:
        sheet.header = [name.replace(form.delimiter, delimiter) for name in sheet.header]
        sheet.frame = sheet.frame.with_columns(
            pl.col(pl.String).str.replace_all(form.delimiter, delimiter, literal=True)
        )
    return sheet


def _records_below(
    data: bytes, form: _Form, header_row: int, bands: tuple[int, ...], cleaned: dict[str, int]
) -> Sheet:
    """Return the column names and what stands below them."""
    array = np.frombuffer(data, dtype=np.uint8)
    records, line_ends = _records(array, _marks(array, form), ord(form.delimiter))
    cleaned |= line_ends
    if len(records.starts) < header_row:
        raise RejectedFile(
            "merged_header",
            f"The header should be on row {header_row}, and the file has only {len(records.starts)} rows.",
            expected=f"header on row {header_row}",
        )
    names = [
        [trim(cell) for cell in _cells(_record_text(data, records, row - 1, form.encoding), form)]
        for row in (*bands, header_row)
    ]
    header = banded(names[-1], names[:-1]) or [""]
    below = _Records(records.starts[header_row:], records.ends[header_row:], records.cells[header_row:])
    rows = np.arange(header_row + 1, header_row + 1 + len(below.starts))
    return _body(data, array, below, rows, header, form, cleaned)


def _with_one_byte(data: bytes, delimiter: str, encoding: str, is_quoted: bool) -> tuple[bytes, _Form]:
    """Return the file with a delimiter of one byte; what stands within quotation marks is put back after reading."""
    if len(delimiter) == 1 and delimiter.isascii():
        return data, _Form(delimiter, encoding, is_quoted)
    stand_in = next((mark for mark in _STAND_INS if mark.encode() not in data), None)
    try:
        written = delimiter.encode(encoding)
    except UnicodeEncodeError:
        written = b""
    if stand_in is None or not written:
        raise RejectedFile(
            "unreadable_file",
            f"The delimiter `{delimiter}` cannot be told from the rest of the file: control characters stand in it, or "
            f"{encoding.upper()} has no such character.",
            expected=delimiter,
        )
    return data.replace(written, stand_in.encode()), _Form(stand_in, encoding, is_quoted)


def _without_spaces(data: bytes, form: _Form) -> bytes:
    """Return the file without the spaces between a delimiter and the quotation mark that opens the cell after it."""
    quotes = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _QUOTE)
    parts, at = [], 0
    for spaces in re.finditer(b"(?<=" + re.escape(form.delimiter.encode()) + b') +(?=")', data):
        if np.searchsorted(quotes, spaces.start()) % 2 == 0:  # not within a cell
            parts.append(data[at : spaces.start()])
            at = spaces.end()
    return b"".join([*parts, data[at:]])


def _body(
    data: bytes,
    array: np.ndarray,
    records: _Records,
    rows: np.ndarray,
    header: list[str],
    form: _Form,
    cleaned: dict[str, int],
) -> Sheet:
    """Return the records below the header; `rows` are their row numbers."""
    total = len(records.starts)
    width = len(header)
    blank = _blank_records(array, records, form)
    if blank.any():
        cleaned["blank_row"] = int(blank.sum())
    damaged: list[pl.DataFrame] = []
    bad = np.zeros(total, dtype=bool)

    nul_at = np.flatnonzero(array == 0)
    if len(nul_at) and total:
        index = np.searchsorted(records.starts, nul_at, side="right") - 1
        index = np.unique(index[(index >= 0)])
        index = index[~blank[index]]
        bad[index] = True
        damaged.append(
            row_problems(
                pl.Series("row", rows[index], dtype=pl.Int32),
                "nul_byte",
                "The record holds a NUL byte: it is damaged, and no part of it is used.",
                expected="text",
            )
        )
    if total:
        index = _undecodable(data, records, form.encoding)
        index = index[~blank[index]] if len(index) else index
        bad[index] = True
        damaged.append(
            row_problems(
                pl.Series("row", rows[index], dtype=pl.Int32),
                "cp1252_bytes",
                f"The record holds bytes that are not {form.encoding.upper()} (often Windows-1252 typed or "
                "pasted in). "
                "Export it again as CSV UTF-8.",
                expected=form.encoding.upper(),
            )
        )
    ragged = np.flatnonzero((records.cells != width) & ~blank & ~bad)
    if len(ragged):
        bad[ragged] = True
        damaged += _ragged_problems(data, records, rows, ragged, width, form)
    keep = ~bad & ~blank
    frame = _read_regular(array, records, keep, width, form)
    frame = frame.insert_column(0, pl.Series("row", rows[keep], dtype=pl.Int32))
    found = pl.concat(damaged).sort("row") if damaged else None
    sheet = Sheet(header, frame, int((~blank).sum()), cleaned=cleaned)
    if found is not None:
        sheet.damaged = found
    return sheet


def first_records(
    data: bytes, delimiter: str, encoding: str, count: int = 20, is_quoted: bool = True
) -> list[list[str]]:
    """Return the first records of a file that could be read, for finding where its header stands."""
    text = data[: 1 << 20].decode("utf-8" if encoding.startswith("utf") else encoding, errors="replace")
    text = text.removeprefix("\ufeff")
    if len(text) > csv.field_size_limit():
        csv.field_size_limit(len(text) + 1)
    rows: list[list[str]] = []
    if len(delimiter) > 1 or not delimiter.isascii():
        text, delimiter = text.replace("\x1f", "").replace(delimiter, "\x1f"), "\x1f"
    for row in _csv_reader(text.replace("\x00", ""), _Form(delimiter, encoding, is_quoted)):
        rows.append([cell.strip(SPACE) for cell in row])
        if len(rows) == count:
            break
    return rows
