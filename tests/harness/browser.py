"""A real browser that looks at the page: Debian's Chromium, without a screen."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_OPTIONS = ["--no-sandbox", "--mute-audio"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; skips where there is none, unless REQUIRE_BROWSER says that there has to be."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("there is no chromium: apt-get install chromium")
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_OPTIONS)
        yield browser
        browser.close()


class Visit:
    """A page that is looked at, and what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self._context = browser.new_context(**context)
        self.page: Page = self._context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        self.page.goto(address)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def sees(self, script: str, seconds: float = 30) -> None:
        """Wait until this is true in the page, which lets nobody but the debugger evaluate it."""
        until = time.monotonic() + seconds
        while not self.page.evaluate(f"Boolean({script})"):
            assert time.monotonic() < until, f"not seen in {seconds} s: {script}; {self.errors}"
            self.page.wait_for_timeout(40)

    def close(self) -> None:
        self._context.close()
