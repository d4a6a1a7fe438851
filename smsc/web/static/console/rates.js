// Counters sampled once a second: what a second brings, over the last minute.
import { useEffect, useRef, useState } from "../base/html.js";

const KEPT = 60;

/** `read()` gives key -> {name: count}; returned: key -> {name: [per second, ...]}, the latest last. */
export function useRates(read, pause = 1000) {
  const [rates, show] = useState(() => new Map());
  const state = useRef({ before: new Map(), series: new Map(), at: 0 });
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    let gone = false;
    let timer = 0;
    const sample = async () => {
      const self = state.current;
      try {
        const counted = document.hidden ? null : await latest.current();
        const at = performance.now();
        if (gone) return;
        if (counted) {
          const seconds = Math.max(0.25, (at - self.at) / 1000);
          const series = new Map();
          for (const [key, counters] of counted) {
            const before = self.before.get(key);
            const lines = {};
            for (const [name, count] of Object.entries(counters)) {
              const rate = before ? Math.max(0, (count - (before[name] ?? count)) / seconds) : 0;
              lines[name] = [...(self.series.get(key)?.[name] ?? new Array(KEPT).fill(0)), rate].slice(-KEPT);
            }
            series.set(key, lines);
          }
          Object.assign(self, { before: new Map(counted), series, at });
          show(series);
        }
      } catch {
        // no answer: the bar above says so
      }
      if (!gone) timer = setTimeout(sample, pause);
    };
    sample();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [pause]);
  return rates;
}
