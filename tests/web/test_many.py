"""A list that much comes into: no gap is hidden in it, and what is kept does not grow without an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

JOIN = """async ([pages, hold]) => {
  const { merge } = await import("/static/console/listing.js");
  let shown = { refused: [], rows: [], newer: [], gap: null, next: null, ready: false, fresh: new Set() };
  const row = (id) => ({ id: String(id) });
  for (const [from, count, whole] of pages) {
    const messages = Array.from({ length: count }, (_, index) => row(from - index));
    const page = { messages, refused: [], next: whole ? null : String(from - count + 1) };
    shown = merge(shown, page, shown.ready && hold);
  }
  const { next, gap, newer } = shown;
  return { ids: shown.rows.map(({ id }) => Number(id)), next, gap, newer: newer.length };
}"""


def join(page: Page, pages: list[tuple[int, int, bool]], *, hold: bool = False) -> dict[str, Any]:
    """What is shown after newest pages, each (highest id, rows, whether nothing is below it)."""
    told: dict[str, Any] = page.evaluate(JOIN, [pages, hold])
    return told


def test_a_page_that_does_not_reach_what_was_shown_replaces_it(page: Page) -> None:
    told = join(page, [(100, 100, True), (350, 100, False)])
    assert told["ids"] == list(range(350, 250, -1))
    assert told["next"] == "251"


def test_a_page_that_reaches_what_was_shown_is_put_before_it(page: Page) -> None:
    told = join(page, [(100, 100, True), (150, 100, False)])
    assert told["ids"] == list(range(150, 0, -1))
    assert told["next"] is None


def test_rows_below_the_thousandth_are_read_again_when_they_are_scrolled_to(page: Page) -> None:
    told = join(page, [(first, 100, False) for first in range(100, 5000, 90)])
    assert len(told["ids"]) == 1000
    assert told["ids"] == list(range(told["ids"][0], told["ids"][0] - 1000, -1))
    assert told["next"] == str(told["ids"][-1])


def test_a_list_that_is_held_still_knows_that_more_is_newer_than_a_page(page: Page) -> None:
    told = join(page, [(100, 100, True), (350, 100, False)], hold=True)
    assert told["ids"] == list(range(100, 0, -1))
    assert (told["newer"], told["gap"]) == (100, "251")
    near = join(page, [(100, 100, True), (150, 100, False)], hold=True)
    assert (near["newer"], near["gap"]) == (50, None)
