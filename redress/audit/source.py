"""Reading the file of a printed report, and the sidecar beside it.

The rows must have a header with the columns `ref, locator, measure, breakdown, period, value, unit`, in any order and
case; further columns are passed over. Comma, semicolon and tab are recognised, and UTF-8 (with or without a byte order
mark), UTF-16 and Windows-1252.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from redress.audit.model import COLUMNS, Row
from redress.base.errors import ConfigurationProblem

_NEEDED = ("measure", "period", "value", "unit")
_WHO = "whoever wrote down the report's figures"


def _fail(path: Path, what: str, details: list[str] | None = None) -> ConfigurationProblem:
    return ConfigurationProblem(f"{path}: {what}", _WHO, details)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of the file.

    Raises:
        ConfigurationProblem: the file is missing, is no text, lacks a column, or a row has more or fewer fields
            than the header; says which line and column, what was found and what was expected.
    """
    text = _text(Path(path))
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise _fail(path, "the file is empty. Expected a header with the columns " + ", ".join(COLUMNS) + ".")
    header_line = next(line for line in lines if line.strip())
    delimiter = max(",;\t|", key=header_line.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    names: list[str] = []
    start = 0
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            if not names:
                names, start = [name.strip().lower().strip("\ufeff") for name in fields], reader.line_num
                _check_header(path, names, start)
                continue
            records.append((reader.line_num, fields))
    except csv.Error as error:
        raise _fail(path, f"line {reader.line_num} cannot be read as CSV: {error}.") from error
    if not records:
        raise _fail(path, f"line {start} is a header and no row follows. Expected at least one row.")
    wrong = [
        f"line {line}: {len(fields)} fields where the header has {len(names)}"
        for line, fields in records
        if len(fields) > len(names)
        and any(field.strip() for field in fields[len(names) :])
        or len(fields) < len(names) - 2
        or len(fields) < max(names.index(name) for name in _NEEDED if name in names) + 1
    ]
    if wrong:
        raise _fail(
            path,
            f"{len(wrong)} of {len(records)} rows do not have the fields of the header "
            "(a value with a comma needs quotes).",
            wrong,
        )
    rows = []
    for line, fields in records:
        record = dict(zip(names, (field.strip() for field in fields), strict=False))
        record.setdefault("ref", "")
        record["ref"] = (record["ref"] or f"line-{line}").replace(" ", "_")
        rows.append(Row.of(record, line))
    return _distinct(rows)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _fail(path, "there is no such file.") from None
    except OSError as error:
        raise _fail(path, f"the file cannot be opened: {error.strerror or error}.") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _fail(path, "the file begins as UTF-16 text but does not go on as such.") from error
    if b"\x00" in content:
        kind = "a zip or Excel file" if content[:2] == b"PK" else "not a text file"
        raise _fail(path, f"this is {kind}. Expected CSV text.")
    if content[:2] == b"PK" or content[:4] == b"%PDF":
        raise _fail(path, "this is a workbook or PDF. Expected CSV text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _check_header(path: Path, names: list[str], line: int) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1 and name in COLUMNS]
    if twice:
        raise _fail(
            path, f"line {line}: the column {', '.join(twice)} is there twice. Expected each column once."
        )
    missing = [name for name in (*_NEEDED, "ref", "locator", "breakdown") if name not in names]
    if missing:
        raise _fail(
            path,
            f"line {line}: the header lacks {', '.join(missing)}. Expected the columns {', '.join(COLUMNS)}; "
            f"found {', '.join(name or '(blank)' for name in names[:12])}.",
        )


def _distinct(rows: list[Row]) -> list[Row]:
    """Rows with refs that name one row each: a ref that comes again has its line added."""
    seen: Counter[str] = Counter()
    found = []
    for row in rows:
        seen[row.ref] += 1
        found.append(replace(row, ref=f"{row.ref}@{row.line}") if seen[row.ref] > 1 else row)
    return found


def read_sidecar(path: Path) -> dict[str, Any]:
    """Return what the sidecar declares (YAML).

    Raises:
        ConfigurationProblem: it cannot be read, or says something that no sidecar can.
    """
    from redress.base.strict_yaml import YamlProblem, read_yaml

    try:
        content = read_yaml(Path(path)) or {}
    except FileNotFoundError:
        raise _fail(path, "there is no such file.") from None
    except YamlProblem as error:
        raise _fail(path, f"the sidecar cannot be read as YAML: {error}.") from error
    kinds = {"synonyms": dict, "overlap": list, "exclusive": list, "shares": dict, "hierarchies": dict}
    if not isinstance(content, dict):
        raise _fail(path, f"the sidecar must be a mapping with some of {', '.join(kinds)}.")
    for name, value in content.items():
        if name not in kinds:
            raise _fail(path, f"'{name}' is not something to declare. Expected some of {', '.join(kinds)}.")
        if value is not None and not isinstance(value, kinds[name]):
            raise _fail(path, f"'{name}' must be a {'mapping' if kinds[name] is dict else 'list'}.")
    return content
