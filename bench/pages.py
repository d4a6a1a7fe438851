"""Suite `pages`: what the pages weigh, how soon they show, and what they take of the server.

Chromium is driven by Playwright as in `tests/web`. The server is `smsc serve` as a user starts it; the events
and the load beside a search come from `smsc load`.
"""

from __future__ import annotations

import gzip
import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import children
from bench.measure import FARM, NOT_SERVED
from bench.results import Suite

STATIC = Path(__file__).resolve().parent.parent / "smsc" / "web" / "static"
#: Messages, and so events: each is accepted, and some also fail their first attempt.
EVENTS_A_SECOND = 1_000
FINISHED = 100_000
SUBMITTED_A_SECOND = 50_000
SEARCHES = 20
NEEDLE = "finnes-ikke"  # every message is looked through in vain
_PROBE_S = 0.01
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--enable-precise-memory-info", "--js-flags=--expose-gc")

#: Counts events and tasks of more than 50 ms from the beginning of the page.
_WATCH = """
window.seen = 0;
window.tasks = [];
const note = (list) => window.tasks.push(...list.getEntries().map((each) => each.duration));
new PerformanceObserver(note).observe({type: "longtask", buffered: true});
const Source = window.EventSource;
window.EventSource = class extends Source {
  constructor(...given) { super(...given); this.addEventListener("message", () => { window.seen += 1; }); }
};
"""
_FIRST_ROW = """new Promise((done) => {
  const there = () => document.querySelector(".rows .row");
  const look = () => (there() ? done(performance.now()) : requestAnimationFrame(look));
  look();
})"""
#: A long task on purpose: the longest one that was told.
_BUSY_MS = 80
_BUSY = f"""new Promise((done) => {{
  setTimeout(() => {{
    for (const until = performance.now() + {_BUSY_MS}; performance.now() < until; );
    setTimeout(() => done(Math.max(0, ...tasks)), 500);
  }});
}})"""
_HEAP = "(gc(), performance.memory.usedJSHeapSize / 1e6)"


def run(options: Any) -> Suite:
    suite = Suite("pages")
    packed = [
        len(gzip.compress(each.read_bytes(), 9))
        for each in STATIC.rglob("*")
        if each.name.endswith((".js", ".css", "-texts.json"))
    ]
    suite.add("script and style, gzipped file by file", "kB", [sum(packed) / 1e3], lower=True, target=150)
    chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if chromium is None:
        print("bench: no Chromium, so nothing of the browser is measured", file=sys.stderr)
    else:
        _in_browser(suite, options, chromium)
    _searches(suite)
    return suite


def _in_browser(suite: Suite, options: Any, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with children.Smsc() as child, sync_playwright() as playwright:
        url = f"http://{child.ready['http']}/"
        _load(child, "--count", "1000", "--to", _range(NOT_SERVED)).wait()
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        shown = []
        for _ in range(options.repetitions):
            page = browser.new_context().new_page()
            page.goto(url, wait_until="commit")
            shown.append(page.evaluate(_FIRST_ROW))
            page.context.close()
        suite.add("first list on the screen, nothing cached", "ms", shown, lower=True, target=1_000)
        page = browser.new_context().new_page()
        page.add_init_script(_WATCH)
        page.goto(url)
        page.locator(".rows .row").first.wait_for()
        seconds = max(60.0, options.seconds)
        if page.evaluate(_BUSY) < _BUSY_MS:
            raise RuntimeError("the page's long tasks are not told: what would be measured is nothing")
        work = _load(
            child, "--rate", str(EVENTS_A_SECOND), "--duration", str(seconds), "--to", _range(NOT_SERVED)
        )
        page.wait_for_timeout(10_000)
        before, heap = page.evaluate("[seen, tasks.length = 0, performance.now()]"), page.evaluate(_HEAP)
        page.wait_for_timeout((seconds - 15) * 1000)
        after, grown = page.evaluate("[seen, Math.max(0, ...tasks), performance.now()]"), page.evaluate(_HEAP)
        work.wait()
        browser.close()
    came = 1000 * (after[0] - before[0]) / (after[2] - before[2])
    suite.add("events that came to the page", "/s", [came], target=EVENTS_A_SECOND)
    suite.add("longest task of the page meanwhile, 0 below 50", "ms", [after[1]], lower=True, target=100)
    suite.add(
        "growth of its heap meanwhile", "MB", [grown - heap], lower=True, target=5, note=f"from {heap:.1f} MB"
    )


def _searches(suite: Suite) -> None:
    with children.Smsc() as child:
        _load(
            child, "--count", str(FINISHED), "--window", "100", "--no-receipts", "--to", _range(FARM)
        ).wait()
        children.settle(child)
        counts = _ask(child, "messages/counts")
        alone = [_search(child) for _ in range(SEARCHES)]
        suite.add(
            "first page of a search in vain",
            "ms",
            alone,
            lower=True,
            target=300,
            note=f"through {counts['stages']['delivered']:,} finished messages",
        )
        memory = child.resident()
        rate = ("--rate", str(SUBMITTED_A_SECOND), "--binds", "4", "--window", "100")
        work = _load(child, *rate, "--duration", "20", "--to", _range(NOT_SERVED), "--no-receipts")
        time.sleep(3)
        with _probed(child) as quiet:
            time.sleep(5)
        with _probed(child) as probes:
            beside = [_search(child) for _ in range(SEARCHES)]
            whole = [_search(child, to_the_end=True)]
        told = json.loads(work.communicate()[0])
        came = told["submits"]["per_second"]
        note = f"beside {came:,.0f} submissions a second"
        suite.add("the same under load", "ms", beside, lower=True, target=300, note=note)
        suite.add("the whole search under load, page after page", "ms", whole, lower=True)
        suite.add("longest wait of a probe, load alone", "ms", [max(quiet)], lower=True)
        suite.add("longest wait of a probe, load and search", "ms", [max(probes)], lower=True, target=30)
        suite.add("growth of the server's memory", "MB", [(child.resident() - memory) / 1e6], lower=True)


def _range(numbers: Any) -> str:
    return f"{numbers.first}-{numbers.last}"


def _load(child: children.Child, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "smsc", "load", f"{child.host}:{child.port}", "--json", *options]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=children.ROOT
    )


def _ask(child: children.Child, path: str) -> Any:
    with urllib.request.urlopen(f"http://{child.ready['http']}/api/v1/{path}", timeout=60) as answer:
        return json.load(answer)


def _search(child: children.Child, *, to_the_end: bool = False) -> float:
    """ms that the first page of a search takes which finds nothing, or all its pages."""
    begun = time.perf_counter()
    asked = {"q": NEEDLE, "order": "newest", "limit": 100}
    while following := _ask(child, f"messages?{urllib.parse.urlencode(asked)}")["next"]:
        if not to_the_end:
            break
        asked["before"] = following
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _probed(child: children.Child) -> Iterator[list[float]]:
    """ms that `/livez` takes, asked again and again meanwhile: no less than a turn of the loop."""
    waits: list[float] = [0.0]
    done = threading.Event()

    def ask() -> None:
        while not done.wait(_PROBE_S):
            begun = time.perf_counter()
            with urllib.request.urlopen(f"http://{child.ready['http']}/livez", timeout=60):
                waits.append((time.perf_counter() - begun) * 1000)

    thread = threading.Thread(target=ask)
    thread.start()
    yield waits
    done.set()
    thread.join()
    print(f"{len(waits)} probes, median {statistics.median(waits):.1f} ms", file=sys.stderr)
