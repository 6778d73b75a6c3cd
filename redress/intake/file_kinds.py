"""What a file is by its first bytes, where it is neither a text table nor an Excel workbook, and what to do about it."""

from __future__ import annotations

import codecs
import io
import re
import zipfile

_AS_XLSX = "Open it and save it as Excel Workbook (.xlsx)."
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document. Export the rows themselves, as CSV or .xlsx."),
    (b"{\\rtf", "a text document (.rtf). Export the rows themselves, as CSV or .xlsx."),
    (b"\x1f\x8b", "packed with gzip. Unpack it and send what is in it."),
    (b"7z\xbc\xaf\x27\x1c", "an archive (.7z). Unpack it and send what is in it."),
    (b"Rar!", "an archive (.rar). Unpack it and send what is in it."),
    (b"SQLite format 3\x00", "a database (SQLite). Export the rows, as CSV or .xlsx."),
    (b"\x00\x01\x00\x00Standard ", "an Access database. Export the rows, as CSV or .xlsx."),
    (b"PAR1", "a Parquet file. Export the rows, as CSV or .xlsx."),
)
_HTML = re.compile(
    r"<(?:!doctype\s+html|!--|(?:html|head|meta|title|style|body|table|div|script)\b)", re.IGNORECASE
)
_OLE = b"\xd0\xcf\x11\xe0"
_IN_OLE: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "a workbook locked with a password. Save it without one."),
    ("Workbook", f"an old Excel workbook (.xls). {_AS_XLSX}"),
    ("WordDocument", "a Word document. Export the rows themselves, as CSV or .xlsx."),
    ("__substg1.0_", "a mail message. Send the file that is attached to it."),
    ("Book", f"an old Excel workbook (.xls). {_AS_XLSX}"),
)
"""Names of the parts of a compound file, by which the programs that wrote it are told apart."""
_IN_ZIP: tuple[tuple[str, str], ...] = (
    (
        "xl/workbook.xml",
        "an Excel workbook (.xlsx). Let its name end so, or say `format: xlsx` in mapping.yml.",
    ),
    ("xl/workbook.bin", f"an Excel binary workbook (.xlsb). {_AS_XLSX}"),
    ("word/document.xml", "a Word document. Export the rows themselves, as CSV or .xlsx."),
    ("ppt/presentation.xml", "a presentation. Export the rows themselves, as CSV or .xlsx."),
    ("Index/Document.iwa", f"a Numbers document. {_AS_XLSX}"),
)


def kind_of(data: bytes) -> str:
    """Return what a file is and what to do with it, to follow "The file is"; empty for text and what is not known."""
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    if data.startswith(_OLE):
        return next(
            (kind for name, kind in _IN_OLE if name.encode("utf-16-le") in data),
            "an old workbook (.xls) or locked with a password. Save it as .xlsx without a password.",
        )
    known = next((kind for beginning, kind in _BEGINNINGS if data.startswith(beginning)), "")
    return known or _kind_of_text(data[:4096])


def _kind_of_archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            about = (
                archive.open("mimetype").read(200).decode("ascii", "replace") if "mimetype" in names else ""
            )
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError):
        return "a damaged workbook or archive. Save it again."
    if "opendocument.spreadsheet" in about:
        return f"an OpenDocument spreadsheet (.ods). {_AS_XLSX}"
    if "opendocument" in about:
        return "an OpenDocument text or drawing. Export the rows themselves, as CSV or .xlsx."
    return next(
        (kind for name, kind in _IN_ZIP if name in names),
        "an archive (.zip) and no workbook. Unpack it and send what is in it.",
    )


def _kind_of_text(head: bytes) -> str:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16" if wide else "utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<?xml"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text or "Excel.Sheet" in text:
            return f"an XML spreadsheet of 2003, whatever its name says. {_AS_XLSX}"
        if "<html" not in text.casefold():
            return "an XML document. Export the rows, as CSV or .xlsx."
    if text.startswith("<?xml") or _HTML.match(text):
        return (
            "a web page (HTML), whatever its name says: a report that a browser was to show, or a page to sign in. "
            f"{_AS_XLSX}"
        )
    if (
        re.match(r"(MIME-Version|Content-Type|From):.*\n", text, re.IGNORECASE)
        and "multipart" in text.casefold()
    ):
        return f"a web archive (MHTML), whatever its name says. {_AS_XLSX}"
    if re.match(r'\[?\s*\{\s*"', text):
        return "JSON. Export the rows, as CSV or .xlsx."
    return ""
