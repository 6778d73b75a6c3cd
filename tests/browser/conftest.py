"""A built site, served from a folder below the root of a small server, and a browser that may reach nothing else."""

from __future__ import annotations

import fcntl
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from site_world import write_protected

from redress.base.settings import Settings
from redress.publish import build_site

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BELOW = "any/path"


@dataclass
class Visit:
    """A page being looked at, and every address that it asked for."""

    page: Page
    base: str
    asked: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the site; it must be there."""
        answer = self.page.goto(f"{self.base}/{path}")
        assert answer and answer.status == 200, path
        return self.page


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server that says nothing."""

    def log_message(self, *words: object) -> None:
        """Nothing."""


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the two invented councils, built by the project's own code: `protected`, `build` and `served`.

    The processes of a run share it: whoever comes first builds it, and the others wait.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return build_installation(tmp_path_factory.mktemp("site"))
    folder = tmp_path_factory.getbasetemp().parent / "site"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return folder if (folder / "served").exists() else build_installation(folder)


def build_installation(folder: Path) -> Path:
    """Build the site into a folder, and return the folder."""
    protected = write_protected(folder / "protected")
    build_site(Settings(build=folder / "build"), protected, folder / "served" / BELOW)
    return folder


@pytest.fixture(scope="session")
def site(installation: Path) -> Path:
    """The finished site."""
    return installation / "served" / BELOW


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    """The address of the site: not at the root of its server."""
    root = site.parents[len(Path(BELOW).parts) - 1]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{BELOW}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable, "Chromium is needed for the browser tests (apt-get install chromium)"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(params=[320, 390, 1280])
def width(request: pytest.FixtureRequest) -> int:
    """Of the window, in pixels."""
    return request.param


@pytest.fixture
def visit(browser: Browser, base: str) -> Iterator[Visit]:
    """A visit with scripts switched off: nothing on a page may need one."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    visiting = Visit(context.new_page(), base)
    visiting.page.on("request", lambda request: visiting.asked.append(request.url))
    yield visiting
    context.close()


@pytest.fixture
def measured(browser: Browser, base: str) -> Iterator[Visit]:
    """A visit in which the test itself may run scripts, to measure."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context.new_page(), base)
    context.close()
