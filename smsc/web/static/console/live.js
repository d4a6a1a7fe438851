// What the server says by itself: the stream of events, and whether it answers at all.
import { url } from "../base/api.js";
import { store } from "../base/store.js";

/** "connecting", "live" or "lost". */
export const connection = store("connecting");
/** When the last event or answer came, in real time. */
export const heard = store(0);
/** Events that were missed since the bar was closed: null or {count, seconds}. */
export const missed = store(null);

const listeners = new Set();
let source = null;
let lostAt = 0;

/** Call `listener(events)` with what has happened, at most ten times a second. */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let waiting = [];
let timer = 0;

function flush() {
  timer = 0;
  const events = waiting;
  waiting = [];
  for (const listener of [...listeners]) listener(events);
}

function take(text) {
  const event = JSON.parse(text);
  heard.set(Date.now());
  if (event.event === "stream.gap") {
    missed.set({ count: event.missed ?? event.count ?? null, seconds: lostAt ? (Date.now() - lostAt) / 1000 : 0 });
  }
  waiting.push(event);
  if (!timer) timer = setTimeout(flush, 100);
}

export function connect() {
  source?.close();
  connection.set(lostAt ? "lost" : "connecting");
  source = new EventSource(url("events"));
  source.onopen = () => {
    const again = lostAt > 0;
    connection.set("live");
    heard.set(Date.now());
    if (again) {
      waiting.push({ event: "stream.reconnected" });
      if (!timer) timer = setTimeout(flush, 0);
    }
    lostAt = 0;
  };
  source.onmessage = ({ data }) => take(data);
  source.onerror = () => {
    lostAt ||= Date.now();
    connection.set("lost");
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  };
}
