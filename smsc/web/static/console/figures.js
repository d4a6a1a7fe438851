// Figures: what a second brings, what waits, what is refused and why, since the console was opened.
import { count, span } from "../base/format.js";
import { html } from "../base/html.js";
import { useStore } from "../base/store.js";
import { why } from "../base/words.js";
import { Chart } from "./chart.js";
import { latest, samples } from "./samples.js";

const CHARTS = [
  ["Submissions, a second", [["submits_total", "accepted", "move", true], ["refused", "refused", "fail", true]]],
  ["Deliveries, a second", [["deliveries_total", "delivered", "done", true], ["failed", "failed attempts", "wait", true], ["receipts_total", "receipts", "rest", true]]],
  ["Waiting", [["queue_messages", "messages", "wait"], ["queue_recipients", "recipients", "rest"], ["held_messages", "held in phones", "late"]]],
  ["Commits of the store, a second", [["store_commits_total", "commits", "accent", true], ["store_errors_total", "errors", "fail", true]]],
];

/** x in seconds, and one array a line; counters become rates. */
export function lines(kept, series) {
  const x = [];
  const out = series.map(() => []);
  kept.forEach((sample, index) => {
    if (!index) return;
    const before = kept[index - 1];
    const seconds = Math.max(0.2, (sample.at - before.at) / 1000);
    x.push(sample.at / 1000);
    series.forEach(([name, , , isCounter], line) => {
      const value = sample[name];
      out[line].push(isCounter ? Math.max(0, value - before[name]) / seconds : value);
    });
  });
  return [x, ...out];
}

function Figure({ title, series, kept }) {
  const data = lines(kept, series);
  const shown = series.map(([name, word, , isCounter], index) => {
    const value = isCounter ? data[index + 1].at(-1) : kept.at(-1)?.[name];
    return [word, Math.round((value ?? 0) * 10) / 10];
  });
  return html`<section class="card span-6" aria-label=${title}><header><h2>${title}</h2></header>
    <dl class="kv pad-x">${series.map(([name, word, tone], index) => html`<div key=${name}><dt><i class=${`key ${tone}`}></i>${word}</dt><dd>${count(shown[index][1])}</dd></div>`)}</dl>
    <${Chart} data=${data} tones=${series.map(([, , tone]) => tone)} label=${`${title}: ${shown.map((each) => each.join(" ")).join(", ")}`} /></section>`;
}

function Reasons({ title, metric, tone }) {
  const found = [...useStore(latest)].flatMap(([name, value]) => {
    const reason = new RegExp(`^${metric}\\{reason="([^"]+)"\\}$`).exec(name)?.[1];
    return reason && value ? [[reason, value]] : [];
  });
  found.sort((a, b) => b[1] - a[1]);
  const most = Math.max(1, ...found.map(([, value]) => value));
  return html`<section class="card span-6" aria-label=${title}><header><h2>${title}</h2><span class="dim">since the server started</span></header>
    ${found.length ? html`<div class="bars">${found.slice(0, 12).map(([reason, value]) => html`<span class="lab" key=${reason}><code>${reason}</code><span>${why(reason)}</span></span><span class=${`t ${tone}`} style=${{ width: `${(100 * value) / most}%` }}></span><b>${count(value)}</b>`)}</div>` : html`<p class="nothing dim">None.</p>`}</section>`;
}

export function Page() {
  const kept = useStore(samples);
  const since = kept.length > 1 ? `last ${span(kept.at(-1).at - kept[0].at)}` : "first moment";
  return html`<div class="page"><div class="head"><div><h1>Figures</h1><p class="dim">The ${since}: since this console was opened, at most an hour. All of it is at <a href="metrics">/metrics</a>.</p></div></div>
    <div class="cols">${CHARTS.map(([title, series]) => html`<${Figure} key=${title} title=${title} series=${series} kept=${kept} />`)}
      <${Reasons} title="Refused submissions, by reason" metric="submits_refused_total" tone="fail" />
      <${Reasons} title="Failed attempts, by reason" metric="attempts_failed_total" tone="wait" /></div></div>`;
}
