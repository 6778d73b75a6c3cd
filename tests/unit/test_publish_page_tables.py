"""Tables of pages as files: what is downloaded is what the page shows."""

from __future__ import annotations

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook
from test_publish_numbers import ask

from redress.publish.page_tables import SHORTHAND, add_downloads, as_csv, page_tables


def table(caption: str, *rows: str, heads: str = "<th scope='col'>Team</th><th>Share (%)</th>") -> str:
    return (
        f'<div class="table"><div class="scroll" role="region"><table><caption><span id="table-{caption.lower()}">{caption}'
        f"</span></caption><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def row(*cells: str) -> str:
    first, *rest = cells
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'


def page(site: Path, name: str, body: str) -> Path:
    file = site / name / "index.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"<html><head><title>A page</title></head><body>{body}</body></html>", encoding="utf-8")
    return file


def test_cells_are_read_as_the_page_shows_them() -> None:
    (read,) = page_tables(
        table("T", row("Ben &amp; <b>Co</b>", '<a href="x">1,234</a>'), row("All", "\u22123"))
    )
    assert (read.caption, read.columns) == ("T", ["Team", "Share (%)"])
    assert read.rows == [["Ben & Co", "1,234"], ["All", "\u22123"]]


def test_a_csv_has_plain_numbers_and_no_formula() -> None:
    (read,) = page_tables(
        table("T", row("=A1", "1,234.5"), row("b, c", "\u221212%"), row("d", "[c]"), row("1-10", "£2,800"))
    )
    rows = list(csv.reader(as_csv(read).decode("utf-8").splitlines()))
    assert rows[1:] == [["'=A1", "1234.5"], ["b, c", "-12%"], ["d", "[c]"], ["1-10", "£2,800"]]


def test_every_table_gets_its_links_its_legend_and_its_files(tmp_path: Path) -> None:
    file = page(tmp_path, "a/2023-24", table("One", row("x", "[c]")) + table("Two", row("y", "38%")))
    assert add_downloads(tmp_path, {"a/2023-24": ["Of a council."]}) == {"tables": 2, "files": 3}
    html = file.read_text(encoding="utf-8")
    assert html.count('href="tables/tables.ods"') == 2
    assert html.count('href="tables/one.csv"') == html.count('href="tables/two.csv"') == 1
    assert html.count("<b>[c]</b> not shown, to protect people") == 1
    book = CalamineWorkbook.from_path(str(file.parent / "tables" / "tables.ods"))
    assert book.sheet_names[3:] == ["Table 1", "Table 2"]
    assert book.get_sheet_by_name("Cover").to_python()[-1] == ["Of a council."]
    assert book.get_sheet_by_name("Table 1").to_python() == [
        ["One", ""],
        ["[c]: not shown, to protect people.", ""],
        ["Team", "Share (%)"],
        ["x", "[c]"],
    ]
    assert book.get_sheet_by_name("Table 2").to_python()[-1] == ["y", 0.38]


def test_what_the_page_explains_is_not_said_twice(tmp_path: Path) -> None:
    file = page(tmp_path, "a", table("One", row("x", "[c]")) + "<p class='note'>[c] confidential.</p></div>")
    add_downloads(tmp_path)
    assert "legend" not in file.read_text(encoding="utf-8")


def test_a_page_without_tables_and_a_folder_left_out_stay_as_they_are(tmp_path: Path) -> None:
    plain, whole = (
        page(tmp_path, "a", "<p>words</p>"),
        page(tmp_path, "a/report", table("One", row("x", "1"))),
    )
    before = plain.read_bytes(), whole.read_bytes()
    assert add_downloads(tmp_path, without="report") == {"tables": 0, "files": 0}
    assert (plain.read_bytes(), whole.read_bytes()) == before
    assert not list(tmp_path.rglob("*.csv"))


def test_every_sign_that_pages_print_is_explained() -> None:
    assert list(SHORTHAND) == ask("numbers.js", "Object.keys(it.SHORTHAND)")
