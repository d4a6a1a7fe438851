// The messages that a search finds, newest first: pages, what is newer, and what has changed since.
import * as api from "../base/api.js";
import { useCallback, useEffect, useMemo, useRef, useState } from "../base/html.js";
import { listen } from "./live.js";

const PAGE = 100;
const PAUSE = 400;
/** Reading again takes at most one part in so many of the server's time. */
const SHARE = 5;
/** Rows that stay while new ones come in at the top. */
const KEPT = 1000;
/** Changed rows below the first page that are read again one by one, at most. */
const SINGLE = 20;

const EMPTY = { q: null, refused: [], rows: [], newer: [], gap: null, next: null, counts: null, ready: false, error: null, fresh: new Set() };
/** Counts by state are of everything else that the search says. */
const withoutState = (q) => q.replace(/(^|\s)state:\S+/g, " ").trim();
/** Refused submissions are kept apart from messages: unless the search says what it wants, both are listed. */
const isOpen = (q) => !/(^|\s)-?(state|kind|id):/.test(q);
const idOf = (row) => Number(row.id);

/** Join what was shown with the newest page. With `hold` nothing moves: what is new waits in `newer`. A page that
 * does not reach down to what was shown leaves a gap: `gap` is where the page ends, and what is shown below it goes. */
export function merge(shown, page, hold) {
  const found = page.messages;
  const last = found.length ? idOf(found.at(-1)) : Infinity;
  const whole = !page.next;
  const top = shown.rows.length ? idOf(shown.rows[0]) : 0;
  const gap = top && last > top ? page.next : null;
  const known = new Map(found.map((row) => [row.id, row]));
  if (hold) {
    const there = new Set(shown.rows.map((row) => row.id));
    const newer = found.filter((row) => !there.has(row.id) && idOf(row) > top);
    const seen = new Set(shown.refused.map((row) => row.id));
    newer.push(...page.refused.filter((row) => !seen.has(row.id)));
    return { ...shown, rows: shown.rows.map((row) => known.get(row.id) ?? row), newer, gap, counts: page.counts ?? shown.counts };
  }
  const older = whole || gap ? [] : shown.rows.filter((row) => idOf(row) < last);
  const before = new Set(shown.rows.map((row) => row.id));
  const fresh = new Set(shown.ready ? found.filter((row) => !before.has(row.id)).map((row) => row.id) : []);
  const rows = [...found, ...older].slice(0, KEPT);
  const isCut = found.length + older.length > KEPT;
  const next = isCut ? rows.at(-1).id : older.length ? shown.next : (page.next ?? null);
  for (const row of page.refused) if (shown.ready && !shown.refused.some(({ id }) => id === row.id)) fresh.add(row.id);
  return { ...shown, refused: page.refused, rows, newer: [], gap: null, next, counts: page.counts ?? shown.counts, ready: true, error: null, fresh };
}

/** A page of the search; one that is empty but not the last is gone on from. */
async function newest(q, before) {
  for (let cursor = before; ; ) {
    const page = await api.messages({ q, order: "newest", limit: PAGE, before: cursor });
    if (page.messages.length || !page.next) return page;
    cursor = page.next;
  }
}

/** Rows and what was refused in one list, the newest first; of the refused none that is older than what was read. */
function interleave(rows, refused, next) {
  if (!refused.length) return rows;
  const found = [];
  let index = 0;
  for (const row of rows) {
    while (index < refused.length && refused[index].submitted_at > row.submitted_at) found.push(refused[index++]);
    found.push(row);
  }
  return next ? found : found.concat(refused.slice(index));
}

/** `hold()` tells whether the list must stand still just now. */
export function useListing(q, hold) {
  const [shown, show] = useState(EMPTY);
  const self = useRef({ q, busy: false, again: false, timer: 0, stale: new Set(), pause: PAUSE, shown: EMPTY });
  self.current.shown = shown;

  const soon = useCallback(() => {
    const state = self.current;
    state.timer ||= setTimeout(() => {
      state.timer = 0;
      refresh();
    }, state.pause);
  }, []);
  const refresh = useCallback(async () => {
    const state = self.current;
    if (state.busy) {
      state.again = true;
      return;
    }
    state.busy = true;
    const asked = state.q;
    const begun = performance.now();
    try {
      const [page, counts, refused] = await Promise.all([
        newest(asked),
        api.counts(withoutState(asked)).catch(() => null),
        isOpen(asked) ? api.messages({ q: `${asked} state:refused`, order: "newest", limit: PAGE }).catch(() => null) : null,
      ]);
      page.counts = counts;
      page.refused = refused?.messages ?? [];
      if (asked === state.q) show((before) => merge(before, page, before.ready && hold()));
      const below = [...state.stale].filter((id) => !page.messages.some((row) => row.id === id)).slice(0, SINGLE);
      state.stale.clear();
      for (const id of below) {
        const row = await api.message(id).catch(() => null);
        if (row) show((before) => ({ ...before, rows: before.rows.map((each) => (each.id === id ? row : each)) }));
      }
    } catch (error) {
      if (asked === state.q) show((before) => ({ ...before, error, ready: true }));
    } finally {
      state.busy = false;
      state.pause = Math.max(PAUSE, (SHARE - 1) * (performance.now() - begun));
      if (asked !== state.q) refresh();
      else if (state.again) soon();
      state.again = false;
    }
  }, []);

  useEffect(() => {
    self.current.q = q;
    show((before) => ({ ...EMPTY, q, counts: before.counts }));
    refresh();
  }, [q]);

  useEffect(() => {
    const state = self.current;
    const end = listen((events) => {
      const loaded = new Set(state.shown.rows.map((row) => row.id));
      let concerns = false;
      for (const { event, id } of events) {
        concerns ||= event.startsWith("message") || event.startsWith("stream") || event === "submit.refused";
        if (id && event.startsWith("message") && loaded.has(id)) state.stale.add(id);
      }
      if (concerns) soon();
    });
    return () => {
      end();
      clearTimeout(state.timer);
    };
  }, []);

  const more = useCallback(async () => {
    const state = self.current;
    const { next } = state.shown;
    if (!next || state.paging) return;
    state.paging = true;
    const asked = state.q;
    try {
      const page = await newest(asked, next);
      if (asked === state.q) {
        show((before) => ({ ...before, rows: [...before.rows, ...page.messages], next: page.next ?? null }));
      }
    } catch (error) {
      show((before) => ({ ...before, error }));
    } finally {
      state.paging = false;
    }
  }, []);

  const take = useCallback(() => {
    const isRefused = (row) => row.state === "refused";
    show((before) => ({
      ...before,
      refused: [...before.newer.filter(isRefused), ...before.refused],
      rows: [...before.newer.filter((row) => !isRefused(row)), ...(before.gap ? [] : before.rows)],
      newer: [],
      gap: null,
      next: before.gap ?? before.next,
      fresh: new Set(before.newer.map((row) => row.id)),
    }));
  }, []);
  const drop = useCallback((gone) => show((before) => ({ ...before, refused: before.refused.filter((row) => !gone(row)), rows: before.rows.filter((row) => !gone(row)) })), []);
  // The rows of another search are none of this one's.
  const own = shown.q === q ? shown : { ...EMPTY, counts: shown.counts };
  const rows = useMemo(() => interleave(own.rows, own.refused, own.next), [own.rows, own.refused, own.next]);
  return { ...own, rows, refresh, more, take, drop };
}
