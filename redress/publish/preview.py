"""A council's report while its sections are being written: the last figures, and the sections as they lie in its folder.

Nothing of the pipeline runs. The pages are rendered by the website's own program from the last protected export, in which the
table `pages` is made anew of the folder; so a number that is not shown on the website is not shown here. A fault of a section is
shown in place of the pages, with its file and line. Links to what the report does not declare (evidence of figures, data) lead
to the last website.
"""

from __future__ import annotations

import hashlib
import html
import http.server
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pyarrow as pa

from redress.authority.folder import find_authority
from redress.authority.model import Authority
from redress.base.errors import ConfigurationProblem, RedressError
from redress.base.settings import Settings
from redress.base.tables import read_parquet
from redress.contract.breakdown import listed_keys
from redress.declared.asked import asked
from redress.declared.files import FOLDER
from redress.declared.load import SHIPPED, load_reports
from redress.declared.model import DeclaredReport, FigureSet
from redress.protect.streams import write_stream
from redress.publish import batches, open_data, program
from redress.publish.pages import keep
from redress.publish.parts import LOGOS, write_logos

LOOK_SECONDS = 0.5
"""How often the folder is looked at."""

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_RELOAD = """<script>
const shown = %s;
setInterval(async () => {
	const version = await (await fetch('/_version')).text();
	if (version !== shown) location.reload();
}, 1000);
</script>"""
_BANNER = """<div role="note" style="background:#f3f2f1;border-left:6px solid #12436d;padding:8px 12px;margin:12px 0">
<p><strong>Preview.</strong> The sections as they are now, with the figures of the last build. Nothing of this is
published.</p>%s</div>"""


class Preview:
    """The pages of one council's reports, rendered again whenever its sections change.

    Attributes:
        slug: the council.
        years: the reports of it that the last build holds.
        version: changes with every rendering, and with every fault.
        faults: what is wrong with the sections; none while the pages can be shown.
        site: the pages rendered last.
    """

    def __init__(self, settings: Settings, slug: str) -> None:
        """Find the last export and the council's reports in it.

        Raises:
            ConfigurationProblem: there is no such council, or the last build holds no report of it.
        """
        self._settings, self.slug = settings, slug
        self._protected = settings.state / "protected"
        self._work = settings.state / "preview"
        folder = find_authority(settings, slug)
        if folder is None:
            places = ", ".join(str(place) for place in settings.authorities)
            raise ConfigurationProblem(f"There is no authority {slug} in {places}.", "whoever runs Redress")
        exported = self._protected / "reports.arrow"
        rows = open_data.read_stream(exported).to_pylist() if exported.exists() else []
        self.years = sorted(row["reporting_year"] for row in rows if row["authority"] == slug)
        if not self.years:
            raise ConfigurationProblem(
                f"There are no figures of {slug} to show.",
                f"whoever runs Redress: run `redress build --authority {slug}` once",
            )
        self._places = [folder.folder, settings.root / SHIPPED]
        self._numbers = self._tables_of_last_build()
        self._seen = ""
        self.version, self.faults = "", []
        self.site = self._work / "shown"

    def compile(self) -> None:
        """Have the website's program ready: that of the last build where no file of it has changed, else compiled anew."""
        project = self._settings.root / "reports"
        compiled = program.compiled(project, self._settings.compiled / "website")
        shutil.rmtree(self._work, ignore_errors=True)
        program.set_up(compiled, project, self._work)
        write_logos(self._protected, self._work / "build" / LOGOS)

    def refresh(self) -> bool:
        """Render the pages anew where a file of the sections has changed; return whether something is shown anew."""
        seen = _fingerprint([self._places[0] / FOLDER, self._places[0], self._places[1]])
        if seen == self._seen:
            return False
        self._seen = seen
        try:
            authority = find_authority(self._settings, self.slug)
            if authority is None:
                raise ConfigurationProblem(
                    f"The folder of {self.slug} has gone.", "whoever keeps that folder"
                )
            reports = load_reports([authority], self._settings.root, self._settings.state).reports
            self._render(
                authority, [reports[self.slug, year] for year in self.years if year in authority.reports]
            )
            self.faults = []
        except RedressError as problem:
            self.faults = list(problem.details) or [str(problem)]
        except OSError as problem:  # a file that an editor is just putting into place; the next look finds it
            self.faults, self._seen = [f"{problem.filename}: {problem.strerror}"], ""
        self.version = hashlib.sha256(f"{seen}{time.time_ns()}".encode()).hexdigest()[:12]
        return True

    def _render(self, authority: Authority, reports: list[DeclaredReport]) -> None:
        data, target = self._work / "data", self._work / "build"
        shutil.rmtree(data, ignore_errors=True)
        for page in target.rglob(
            "*.html"
        ):  # what else lies there is style and pictures, made by the compiler
            page.unlink()
        batches.write_batches(self._protected, data)
        own = data / batches.COUNCILS / self.slug
        write_stream(open_data.FILES.empty_table(), own / "downloads.arrow")
        pages = open_data.read_stream(self._protected / "pages.arrow")
        write_stream(
            pa.Table.from_pylist([row for report in reports for row in report.rows()], schema=pages.schema),
            own / "pages.arrow",
        )
        addresses = [
            f"/{report.authority}/{report.year}/{page.path}{'/' if page.path else ''}"
            for report in reports
            for page in report.pages
        ]
        batch = {
            "council": self.slug,
            "reports": [f"/{report.authority}/{report.year}/" for report in reports],
            "folder": f"{batches.COUNCILS}/{self.slug}",
            "only": addresses,
        }
        batches.write_list(data, [batch], [self.slug])
        program.render(self._work, len(reports))
        fresh = self._work / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        keep(target, fresh)
        for report in reports:
            self._mark(fresh / report.authority / report.year, self._missing(report))
        shutil.rmtree(self.site, ignore_errors=True)
        fresh.rename(self.site)

    def _tables_of_last_build(self) -> set[tuple[str, FigureSet]]:
        """Return (year, table of figures) of what the last build counted."""
        path = self._settings.state / "config" / "config_figure_set.parquet"
        if not path.exists():
            return set()
        return {
            (
                row["reporting_year"],
                FigureSet(row["measure"], listed_keys(row["keys"]), row["period_kind"]),
            )
            for row in read_parquet(path.parent, path.name)
            if row["authority"] == self.slug
        }

    def _missing(self, report: DeclaredReport) -> list[str]:
        """Return the tables of figures that the sections ask for and the last build did not count, in words."""
        counted = {figures for year, figures in self._numbers if year == report.year}
        if not counted or any(figures.measure == "*" for figures in counted):
            return []
        return sorted(
            f"{figures.measure} by {', '.join(figures.keys) or 'nothing'}, {figures.kind}s"
            for figures in asked(report) - counted
        )

    def _mark(self, folder: Path, missing: Iterable[str]) -> None:
        """Say on every page of a report that it is a preview, and what the next build will count."""
        items = "".join(f"<li>{html.escape(words)}</li>" for words in missing)
        later = f"<p>Counted at the next build, and blank until then:</p><ul>{items}</ul>" if items else ""
        for page in folder.rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            page.write_text(
                re.sub(r"(<main\b[^>]*>)", lambda found: found[1] + _BANNER % later, text, count=1),
                encoding="utf-8",
            )


def serve(
    preview: Preview,
    site: Path,
    port: int,
    ready: Callable[[str], None] = lambda address: None,
    stop: threading.Event | None = None,
) -> None:
    """Serve a preview on this machine until it is stopped.

    Args:
        preview: compiled.
        site: the last website, for what the preview does not hold.
        port: 0 for any that is free.
        ready: told the address as soon as the first pages can be read.
        stop: ends it when set; without one the end of the program does.

    Raises:
        ConfigurationProblem: the port is taken.
    """
    preview.refresh()
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, preview, site))
    except OSError as problem:
        raise ConfigurationProblem(
            f"Port {port} cannot be used: {problem.strerror}.",
            "whoever runs Redress: choose another with --port",
        ) from problem
    threading.Thread(target=_watch, args=(preview, server, stop or threading.Event()), daemon=True).start()
    with server:
        ready(f"http://127.0.0.1:{server.server_address[1]}/{preview.slug}/{preview.years[-1]}/")
        server.serve_forever()


def _watch(preview: Preview, server: http.server.ThreadingHTTPServer, stop: threading.Event) -> None:
    while not stop.wait(LOOK_SECONDS):
        preview.refresh()
    server.shutdown()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the preview, behind it the last website; pages reload when there is something new."""

    def __init__(self, preview: Preview, site: Path, *given: object, **named: object) -> None:
        self._preview, self._site = preview, site
        super().__init__(*given, **named)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/_version":
            return self._answer(self._preview.version, "text/plain")
        place = self._find(path)
        if place is None or place.suffix != ".html":
            return self._file(place)
        page = (
            _faults_page(self._preview.faults) if self._preview.faults else place.read_text(encoding="utf-8")
        )
        script = _RELOAD % json.dumps(self._preview.version)
        return self._answer(_POLICY.sub("", page).replace("</body>", f"{script}</body>"), "text/html")

    def _find(self, path: str) -> Path | None:
        inside = os.path.normpath("/" + path).lstrip("/")
        for folder in (self._preview.site, self._site):
            place = folder / inside
            place = place / "index.html" if place.is_dir() else place
            if place.is_file():
                return place
        return None

    def _file(self, place: Path | None) -> None:
        if place is None:
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(place))
        self.end_headers()
        self.wfile.write(place.read_bytes())

    def _answer(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: object) -> None:
        """Say nothing of each request."""


def _faults_page(faults: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(fault)}</li>" for fault in faults)
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>The sections cannot be shown</title></head>'
        f"<body><main><h1>The sections cannot be shown</h1><ul>{items}</ul><p>Save the file again when it is put right.</p>"
        "</main></body></html>"
    )


def _fingerprint(folders: Iterable[Path]) -> str:
    """Return a hash of the names, sizes and times of the files in some folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*") if folder.name in (FOLDER, SHIPPED.name) else folder.glob("*")):
            if path.is_file():
                state = path.stat()
                digest.update(f"{path}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
