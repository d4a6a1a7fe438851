// The server's counters, sampled while the console is open; an hour of them.
import * as api from "../base/api.js";
import { store } from "../base/store.js";

const PAUSE = 2000;
const KEPT = 1800;

/** What is kept of each sample; all the rest only of the latest. */
const NAMES = ["submits_total", "deliveries_total", "receipts_total", "queue_messages", "queue_recipients", "held_messages", "store_commits_total", "store_errors_total"];

/** [{at, refused, failed, and each of NAMES}], the latest last. */
export const samples = store([]);
/** Name of each metric -> its value when it was last asked. */
export const latest = store(new Map());

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
    const taken = { at: Date.now(), refused: sum(values, "submits_refused_total"), failed: sum(values, "attempts_failed_total") };
    for (const name of NAMES) taken[name] = values.get(name) ?? 0;
    latest.set(values);
    samples.set([...samples.get(), taken].slice(-KEPT));
  } catch {
    // no answer: the bar above says so
  }
}

export function followSamples() {
  sample();
  setInterval(sample, PAUSE);
}
