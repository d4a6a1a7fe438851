// A line chart in one drawing: what a second brought, over the last hour at most.
import { count } from "../base/format.js";
import { html, useLayoutEffect, useRef, useState } from "../base/html.js";

const HIGH = 180;
const LEFT = 44;
const BOTTOM = 22;
const TOP = 8;
/** At least a minute is shown, so that the first samples are no wall. */
const LEAST_SECONDS = 60;
const STEPS = [1, 2, 5];
const MARK = 80;

/** A round number of about a quarter of `most`. */
function roundStep(most) {
  for (let power = 1; ; power *= 10) {
    for (const step of STEPS) if (step * power * 4 >= most) return step * power;
  }
}

function timeMarks(from, to, most) {
  const step = [10, 30, 60, 300, 600, 1200].find((each) => (to - from) / each <= most) ?? 3600;
  const marks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) marks.push(at);
  return marks;
}

/** `data` is [x in seconds, line, line, …]; `tones` the colour of each line. */
export function Chart({ data, tones, label }) {
  const box = useRef(null);
  const [wide, measure] = useState(520);
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(() => measure(Math.max(240, box.current.clientWidth)));
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const [times, ...lines] = data;
  const to = times.at(-1) ?? Date.now() / 1000;
  const from = Math.min(times[0] ?? to, to - LEAST_SECONDS);
  const most = Math.max(1, ...lines.map((line) => line.reduce((top, value) => Math.max(top, value), 0)));
  const step = roundStep(most);
  const top = Math.ceil(most / step) * step;
  const x = (at) => LEFT + ((wide - LEFT - 8) * (at - from)) / (to - from);
  const y = (value) => TOP + (HIGH - TOP - BOTTOM) * (1 - value / top);
  const path = (line) => line.map((value, index) => `${index ? "L" : "M"}${x(times[index]).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const marks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return html`<div class="plot" ref=${box}><svg viewBox=${`0 0 ${wide} ${HIGH}`} width=${wide} height=${HIGH} role="img" aria-label=${label}>
    ${marks.map((value) => html`<path key=${value} class="grid" d=${`M${LEFT} ${y(value).toFixed(1)}H${wide - 8}`} /><text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${count(value)}</text>`)}
    ${timeMarks(from, to, Math.floor((wide - LEFT) / MARK)).map((at) => html`<text key=${at} x=${x(at).toFixed(1)} y=${HIGH - 6} text-anchor="middle">${new Date(at * 1000).toISOString().slice(11, to - from > 300 ? 16 : 19)}</text>`)}
    ${lines.map((line, index) => html`<path key=${index} class=${`line ${tones[index]}`} d=${path(line)} />`)}
  </svg></div>`;
}
