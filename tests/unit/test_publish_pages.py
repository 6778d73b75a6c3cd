"""What is kept of a built site, and what a site must not hold."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from redress.base.errors import ConfigurationProblem
from redress.base.settings import Settings
from redress.publish import build_site
from redress.publish.pages import MOST_FIRST_VIEW, MOST_HTML, keep, problems, relative_links
from redress.publish.program import prepare, reasons

GUARD = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
FINE = (
    '<!doctype html><html lang="en-GB"><head>' + GUARD + "<title>A page</title>{head}</head>"
    '<body><h1 id="top">A page</h1>{body}</body></html>'
)


def page(site: Path, name: str, body: str = "", head: str = "") -> None:
    (site / name).parent.mkdir(parents=True, exist_ok=True)
    (site / name).write_text(FINE.format(head=head, body=body), encoding="utf-8")


@pytest.mark.parametrize(
    ("folder", "link", "expected"),
    [
        (".", "/", "./"),
        (".", "/method/", "method/"),
        (".", "/_app/a.css", "_app/a.css"),
        ("b/2023-24", "/", "../../"),
        ("b/2023-24", "/b/2023-24/", "./"),
        ("b/2023-24/stages", "/b/2023-24/figures/x/#id-1", "../figures/x/#id-1"),
        ("b/2023-24", "/icon.svg", "../../icon.svg"),
    ],
)
def test_links_from_the_root_become_relative(folder: str, link: str, expected: str) -> None:
    assert relative_links(f'<a href="{link}">x</a>', folder) == f'<a href="{expected}">x</a>'


def test_links_that_are_not_from_the_root_stay() -> None:
    for link in ("#top", "mailto:a@example.org", "https://example.org/", "//example.org/x"):
        assert relative_links(f'<a href="{link}">x</a>', "b") == f'<a href="{link}">x</a>'


def test_only_pages_and_what_they_use_are_kept(tmp_path: Path) -> None:
    built, kept = tmp_path / "built", tmp_path / "kept"
    page(
        built,
        "b/index.html",
        head='<link rel="stylesheet" href="/_app/used.css"><script src="/search.js" defer></script>',
    )
    (built / "search.js").write_text("x", encoding="utf-8")
    (built / "_app").mkdir()
    for name in ("used.css", "unused.css", "start.js", "data.wasm", "version.json"):
        (built / "_app" / name).write_text("x", encoding="utf-8")
    (built / "data.parquet").write_text("x", encoding="utf-8")
    assert keep(built, kept) == {"b/index.html": {"_app/used.css", "search.js"}}
    assert sorted(file.relative_to(kept).as_posix() for file in kept.rglob("*") if file.is_file()) == [
        "_app/used.css",
        "b/index.html",
        "search.js",
    ]


def test_a_fit_site_has_no_problems(tmp_path: Path) -> None:
    page(tmp_path, "index.html", '<a href="b/#top">b</a>', '<link rel="stylesheet" href="a.css">')
    page(
        tmp_path,
        "b/index.html",
        '<a href="../">home</a> <a href="#top">top</a>',
        '<script src="../search.js"></script>',
    )
    (tmp_path / "search.js").write_text("1", encoding="utf-8")
    (tmp_path / "a.css").write_text("body { color: #000 }", encoding="utf-8")
    assert problems(tmp_path, ["index.html", "b/index.html"]) == []


@pytest.mark.parametrize(
    ("body", "head", "fault"),
    [
        ('<a href="nowhere/">x</a>', "", "a dead link"),
        ('<a href="#nowhere">x</a>', "", "an anchor that is not there"),
        ('<a href="/b/">x</a>', "", "a link from the site's root"),
        ('<p id="top">x</p>', "", "two elements have the identifier"),
        ("<h1>again</h1>", "", "2 main headings"),
        ("<script>1</script>", "", "a script is shipped"),
        ('<script src="other.js"></script>', "", "a script is shipped"),
        ('<p onclick="x()">x</p>', "", "carries a script"),
        ('<img src="https://example.org/a.png">', "", "fetched from elsewhere"),
        ("", '<link rel="stylesheet" href="//example.org/a.css">', "fetched from elsewhere"),
        ("<p>undefined complaints</p>", "", "words that only a fault prints"),
        ("<td>NaN%</td>", "", "words that only a fault prints"),
        ("<p>Error in Query: no such table</p>", "", "words that only a fault prints"),
    ],
)
def test_what_must_not_be_published_is_named(tmp_path: Path, body: str, head: str, fault: str) -> None:
    page(tmp_path, "index.html", body, head)
    found = problems(tmp_path, [])
    assert len(found) == 1 and fault in found[0] and found[0].startswith("index.html: "), found


def test_a_page_says_what_a_browser_may_load(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(FINE.replace(GUARD, "").format(head="", body=""), encoding="utf-8")
    [found] = problems(tmp_path, [])
    assert "Content-Security-Policy" in found


def test_a_page_that_is_too_heavy_is_named(tmp_path: Path) -> None:
    long = "<p>words</p>" * (MOST_HTML // 12)
    page(tmp_path, "a/index.html", long)
    page(tmp_path, "b/2023-24/report/index.html", long)
    page(tmp_path, "c/2023-24/report/index.html", long * 2)
    assert [line.split(": ")[0] for line in problems(tmp_path, [])] == [
        "a/index.html",
        "c/2023-24/report/index.html",
    ]


def test_what_a_page_fetches_weighs_with_it(tmp_path: Path) -> None:
    noise = random.Random(1)
    (tmp_path / "logo.png").write_bytes(noise.randbytes(MOST_FIRST_VIEW))
    page(tmp_path, "with/index.html", '<img src="../logo.png" alt="">')
    page(tmp_path, "without/index.html", "<p>words</p>" * 30_000)
    [found] = problems(tmp_path, [])
    assert found.startswith("with/index.html: its first view has ")


def test_a_missing_page_a_data_file_and_a_fetching_style_are_named(tmp_path: Path) -> None:
    page(tmp_path, "index.html")
    (tmp_path / "figures.arrow").write_bytes(b"x")
    (tmp_path / "a.css").write_text("@import url(https://example.org/font.css)", encoding="utf-8")
    assert problems(tmp_path, ["b/index.html"]) == [
        "b/index.html: the page was not built",
        "a.css: the style sheet fetches from elsewhere",
        "figures.arrow: a file of this kind is not shipped",
    ]


def test_the_reason_of_a_failed_build_comes_without_its_stack() -> None:
    log = "npm warn x\nCustom svelte.config.js applied\nSQL error on /b/: no table\n    at run (x.js)\nBuild failed\nNode.js v20\n"
    assert reasons(log) == ["SQL error on /b/: no table", "Build failed"]


def test_missing_packages_and_a_missing_export_are_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblem, match="packages are not installed"):
        prepare(tmp_path, tmp_path / "work")
    with pytest.raises(ConfigurationProblem, match="no protected export"):
        build_site(Settings(build=tmp_path), tmp_path / "empty", tmp_path / "site")
