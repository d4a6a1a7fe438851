// The server's counters, sampled while the console is open; an hour of them.
import * as api from "../base/api.js";
import { store } from "../base/store.js";

const PAUSE = 2000;
const KEPT = 1800;

/** [{at, values, refused, failed}], the latest last. */
export const samples = store([]);

/** The Prometheus text as name -> number, without the prefix of the product. */
export function parse(text) {
  const values = new Map();
  for (const line of text.split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const at = line.lastIndexOf(" ");
    values.set(line.slice(0, at).replace(/^smsc_/, ""), Number(line.slice(at + 1)));
  }
  return values;
}

const sum = (values, metric) => [...values].reduce((all, [name, value]) => (name.startsWith(`${metric}{`) ? all + value : all), 0);

async function sample() {
  try {
    if (document.hidden) return;
    const values = parse(await api.metrics());
    const taken = { at: Date.now(), values, refused: sum(values, "submits_refused_total"), failed: sum(values, "attempts_failed_total") };
    samples.set([...samples.get(), taken].slice(-KEPT));
  } catch {
    // no answer: the bar above says so
  }
}

export function followSamples() {
  sample();
  setInterval(sample, PAUSE);
}
