"""A real browser for the pages: Chromium, driven by Playwright; where there is none, the tests say so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from smsc.testing.server import SmscHandle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE_MS = 30_000
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 375, "height": 812}
HUGE = {"width": 3840, "height": 2160}

Open = Callable[..., "Page"]


@pytest.fixture(scope="module")  # while it runs, its thread has a running loop: other tests need theirs
def browser() -> Iterator[Browser]:
    api = pytest.importorskip("playwright.sync_api", reason="needs Playwright for Python (extra: test)")
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    api.expect.set_options(timeout=PATIENCE_MS)
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


class Watch:
    """What no page may do: log an error, raise one, or ask another host for anything."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.wrong: list[str] = []
        #: statuses of answers that a story expects, which the browser logs as errors
        self.expected: tuple[int, ...] = ()

    def logged(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(f"status of {code}" in message.text for code in self.expected):
            self.wrong.append(f"logged: {message.text} ({message.location.get('url')})")

    def raised(self, error: Exception) -> None:
        self.wrong.append(f"raised: {error}")

    def asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != self.origin and not request.url.startswith(("data:", "blob:")):
            self.wrong.append(f"asked another host: {request.url}")


@pytest.fixture
def watch(smsc: SmscHandle) -> Watch:
    return Watch(smsc.http_address)


@pytest.fixture
def open_page(browser: Browser, smsc: SmscHandle, watch: Watch) -> Iterator[Open]:
    """`open_page("/map", dark=True, narrow=True)`: a page of the test's own server."""
    contexts: list[BrowserContext] = []

    def open_one(path: str = "/", *, dark: bool = False, narrow: bool = False) -> Page:
        context = browser.new_context(
            base_url=smsc.url,
            viewport=NARROW if narrow else WIDE,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", watch.logged)
        page.on("pageerror", watch.raised)
        page.on("request", watch.asked)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert watch.wrong == []


@pytest.fixture
def page(open_page: Open) -> Page:
    """The first page of the console."""
    return open_page()


def press_until(page: Page, wanted: Locator, key: str = "Tab", most: int = 60) -> None:
    """Press a key until what is wanted has the focus, as somebody does who has no mouse."""
    for _ in range(most):
        if wanted.count() and wanted.first.evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"the keyboard does not reach {wanted}")


def drop_file(page: Page, onto: str, name: str, content: str) -> None:
    """Let a file go over what the selector `onto` finds, as somebody does who drags it from a folder."""
    page.evaluate(
        """([onto, name, content]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([content], name));
            const target = document.querySelector(onto);
            for (const type of ["dragover", "drop"]) {
                const event = new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true});
                if (target.dispatchEvent(event)) throw new Error(`${type}: the browser would open the file`);
            }
        }""",
        [onto, name, content],
    )
