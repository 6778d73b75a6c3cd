"""Chromium as a printer: one process that prints page after page, since starting it takes longer than a print.

It is spoken to over a pair of pipes in the words of the DevTools protocol
(https://chromedevtools.github.io/devtools-protocol/): JSON messages, each ended by a zero byte. No port is opened.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from redress.base.errors import GateFailed

PRINT_SECONDS = 180
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe",
    "--hide-scrollbars",  # a page with them is narrower than the picture of it, and breaks into other lines
)  # fmt: skip
_SCREEN, _SHARPNESS = 900, 2
"""Width of the screen on which pictures are drawn, and how many dots there are to each of its own."""
_ABOVE = 6
_PLACES = """(%s).map(([name, element]) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [name, x + scrollX, y + scrollY, width, height];
}).filter(([, , , width, height]) => width && height)"""


class Printer:
    """Prints pages, and draws parts of them, one after the other.

    A context manager: Chromium starts at the first page and ends with it.

    Args:
        program: Chromium.
    """

    def __init__(self, program: str) -> None:
        self.program = program
        self._process: int | None = None
        self._to = self._from = -1
        self._profile: tempfile.TemporaryDirectory[str] | None = None
        self._said: Path | None = None
        self._heard = b""
        self._number = 0
        self._session: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End Chromium, and remove what it wrote."""
        for descriptor in (self._to, self._from):
            if descriptor >= 0:
                os.close(descriptor)
        self._to = self._from = -1
        if self._process is not None:
            self._end(self._process)
            self._process = None
        if self._profile is not None:
            self._profile.cleanup()
            self._profile = None

    def print(self, page: Path, is_final: bool = True) -> bytes:
        """A page of this machine as a PDF, on the paper that its style sheet names.

        Args:
            page: a file of HTML.
            is_final: whether the PDF is to be tagged, for people who have it read to them, and to have bookmarks; a
                draft breaks into the same pages in half the time.

        Raises:
            GateFailed: nothing was printed; the details are the last lines that Chromium said.
        """
        until = time.monotonic() + PRINT_SECONDS
        paper = {
            "printBackground": True,
            "preferCSSPageSize": True,
            "generateTaggedPDF": is_final,
            "generateDocumentOutline": is_final,
        }
        self._open(page, until)
        return base64.b64decode(self._ask("Page.printToPDF", paper, until)["data"])

    def draw(self, page: Path, elements: str) -> dict[str, bytes]:
        """Return pictures (PNG) of parts of a page as it is shown on a wide screen, by their names.

        Args:
            page: a file of HTML.
            elements: JavaScript that returns a list of `[name, element]`.

        Raises:
            GateFailed: nothing was drawn.
        """
        until = time.monotonic() + PRINT_SECONDS
        self._open(page, until)
        screen = {"width": _SCREEN, "height": _SCREEN, "deviceScaleFactor": _SHARPNESS, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", screen, until)
        asked = {"expression": _PLACES % elements, "returnByValue": True}
        places = self._ask("Runtime.evaluate", asked, until)["result"]["value"]
        pictures = {}
        for name, x, y, width, height in places:
            # words of a drawing may stand a little above it
            clip = {"x": x, "y": y - _ABOVE, "width": width, "height": height + _ABOVE, "scale": 1}
            taken = self._ask("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}, until)
            pictures[name] = base64.b64decode(taken["data"])
        self._ask("Emulation.clearDeviceMetricsOverride", {}, until)
        return pictures

    def _open(self, page: Path, until: float) -> None:
        """Show a page, in a Chromium that is started where none is running."""
        if self._process is None:
            self._start()
        if self._session is None:
            target = self._ask("Target.createTarget", {"url": "about:blank"}, until)["targetId"]
            attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True}, until)
            self._session = attached["sessionId"]
            self._ask("Page.enable", {}, until)
        self._ask("Page.navigate", {"url": page.as_uri()}, until)
        self._wait(lambda message: message.get("method") == "Page.loadEventFired", until)

    def _start(self) -> None:
        # Chromium reads from descriptor 3 and writes to descriptor 4.
        its_in, self._to = os.pipe()
        self._from, its_out = os.pipe()
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        folder = Path(self._profile.name)
        self._said = folder / "said.txt"
        command = [self.program, *_FLAGS, f"--user-data-dir={folder / 'profile'}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:  # Chromium's sandbox refuses the superuser
            command.append("--no-sandbox")
        kept = [_above_four(its_in), _above_four(its_out)]
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            self._process = os.posix_spawn(
                self.program,
                command,
                {**os.environ, "TZ": "UTC"},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, str(self._said), flags, 0o600),
                    (os.POSIX_SPAWN_DUP2, kept[0], 3),
                    (os.POSIX_SPAWN_DUP2, kept[1], 4),
                ],
                setpgroup=0,
            )
        except OSError as problem:
            raise self._failed(str(problem)) from problem
        finally:
            for descriptor in kept:
                os.close(descriptor)

    def _end(self, process: int) -> None:
        """Chromium ends when its pipe is closed; one that does not is ended with all that it started."""
        for _ in range(50):
            if os.waitpid(process, os.WNOHANG)[0]:
                return
            time.sleep(0.1)
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)

    def _ask(self, method: str, words: dict[str, Any], until: float) -> dict:
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": words}
        if self._session:
            message["sessionId"] = self._session
        try:
            os.write(self._to, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise self._failed() from None
        answer = self._wait(lambda message: message.get("id") == number, until)
        if "error" in answer:
            raise self._failed(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def _wait(self, is_it, until: float) -> dict:
        while True:
            while b"\0" in self._heard:
                message, _, self._heard = self._heard.partition(b"\0")
                found = json.loads(message)
                if is_it(found):
                    return found
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._from], [], [], left)[0]:
                raise GateFailed(
                    f"The PDF was not printed within {PRINT_SECONDS} seconds.", "whoever maintains reports/"
                )
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise self._failed()
            self._heard += piece

    def _failed(self, *why: str) -> GateFailed:
        has_said = self._said is not None and self._said.exists()
        said = self._said.read_text("utf-8", "replace").splitlines()[-5:] if has_said else []
        return GateFailed("The PDF could not be printed.", "whoever installs Chromium", [*why, *said])


def _above_four(descriptor: int) -> int:
    """The same pipe under a number that is not given to Chromium; the old number is closed."""
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved
