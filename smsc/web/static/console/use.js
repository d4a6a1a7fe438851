// Asking the API from a component: once, again when something happens, and never too often.
import { useCallback, useEffect, useRef, useState } from "../base/html.js";
import { listen } from "./live.js";

/** `{value, error, again}` of `ask(signal)`; asked anew when `keys` change and, at most every `pause` ms, when
 * `concerns(event)` is true of what happens. The old value stays until the new one is there. */
export function useAnswer(ask, keys, { concerns, pause = 400 } = {}) {
  const [answer, show] = useState({ value: null, error: null });
  const state = useRef({ running: false, wanted: false, last: 0, timer: 0, stop: null });
  const latest = useRef({ ask, concerns });
  latest.current = { ask, concerns };

  const again = useCallback(async () => {
    const self = state.current;
    if (self.running) {
      self.wanted = true;
      return;
    }
    self.running = true;
    self.wanted = false;
    self.last = performance.now();
    const stop = (self.stop = new AbortController());
    try {
      const value = await latest.current.ask(stop.signal);
      if (!stop.signal.aborted) show({ value, error: null });
    } catch (error) {
      if (!stop.signal.aborted) show((shown) => ({ value: shown.value, error }));
    } finally {
      if (self.stop === stop) {
        self.running = false;
        if (self.wanted) soon();
      }
    }
  }, []);

  const soon = useCallback(() => {
    const self = state.current;
    self.wanted = true;
    if (self.timer) return;
    self.timer = setTimeout(() => {
      self.timer = 0;
      if (self.wanted) again();
    }, Math.max(0, self.last + pause - performance.now()));
  }, [pause]);

  useEffect(() => {
    const self = state.current;
    self.stop?.abort();
    self.running = false;
    again();
  }, keys);

  useEffect(() => {
    const end = listen((events) => {
      const { concerns: mine } = latest.current;
      if (mine && events.some((event) => event.event === "stream.reconnected" || mine(event))) soon();
    });
    return () => {
      end();
      clearTimeout(state.current.timer);
      state.current.stop?.abort();
    };
  }, [soon]);

  return { ...answer, again };
}

/** The time, told each `pause` ms: one timer for all ages on the page. */
export function useTick(pause = 1000) {
  const [tick, turn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => turn((count) => count + 1), pause);
    return () => clearInterval(timer);
  }, [pause]);
  return tick;
}

/** Text as somebody types it, told to the address when it has stood still; what else the address comes to say replaces
 * it. `[text, type, tellNow]`. */
export function useTyped(told, tell) {
  const [text, type] = useState(told);
  const own = useRef(told);
  const settled = useSettled(text.trim());
  const tellNow = (words = text.trim()) => {
    if (words === own.current) return;
    own.current = words;
    tell(words);
  };
  useEffect(() => tellNow(settled), [settled]);
  useEffect(() => {
    if (told === own.current) return;
    own.current = told;
    type(told);
  }, [told]);
  return [text, type, tellNow];
}

/** `value` after it has stood still for `pause` ms. */
export function useSettled(value, pause = 150) {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}
