// The drawn timeline: lanes above, the length of each stretch below, and the true scale at the bottom.
import { clock, date, ms, sameDay, span, when } from "../base/format.js";
import { html, useId, useLayoutEffect, useRef, useState } from "../base/html.js";
import { STATES, stateOf, why } from "../base/words.js";
import { place, waits } from "./moments.js";
import { BECAUSE } from "./timeline.js";
import { now } from "./time.js";

const LEFT = 88;
const LANE = 33;
const TOP = 26;
const LANES = ["Submission", "Waiting", "Attempts", "Delivery", "Receipt"];
const base = (lane) => TOP + LANE * lane;
const line = (lane) => base(lane) + 18;
const AXIS = TOP + LANE * 5 + 22;
const STRIP = AXIS + 42;
const HEIGHT = STRIP + 28;

/** The drawing is as wide as its place, so that letters keep their size. */
/** Moments are told to the millisecond. */
const taking = (time) => (time < 1 ? "within 1 ms" : `in ${span(time)}`);

function useWidth(least) {
  const box = useRef(null);
  const [wide, measure] = useState(760);
  useLayoutEffect(() => {
    const read = () => measure(Math.max(least, Math.floor(box.current.parentElement.clientWidth - 32)));
    read();
    const watcher = new ResizeObserver(read);
    watcher.observe(box.current.parentElement);
    return () => watcher.disconnect();
  }, [least]);
  return [box, wide];
}

const Span = ({ x, to, lane, tone, hatch, plan }) => {
  const box = { x: x.toFixed(1), y: base(lane) + 5, width: Math.max(3, to - x).toFixed(1), height: 18, rx: 4 };
  return html`<g class=${tone}><rect class=${plan ? "plan" : "span"} ...${box} />${hatch && html`<rect ...${box} fill=${`url(#${hatch})`} />`}</g>`;
};

const Text = ({ x, lane, tone, plain, anchor = "start", children }) => html`<text class=${plain ? "faint" : `span-t ${tone}`} x=${x.toFixed(1)} y=${line(lane)} text-anchor=${anchor}>${children}</text>`;

const fits = (text, room) => (text.length * 6.1 < room ? text : room > 60 ? `${text.slice(0, Math.floor(room / 6.1) - 1)}…` : "");

function Attempt({ point, x, label }) {
  if (point.many) return html`<text class="faint" x=${x.toFixed(1)} y=${line(2)} text-anchor="middle">${label}</text>`;
  return html`<g class=${point.tone}><path class="x" d=${`M${(x - 4).toFixed(1)} ${line(2) - 8}l8 8m0-8l-8 8`} /></g>
    ${label && html`<text class="num faint" x=${(x + 8).toFixed(1)} y=${line(2)}>${label}</text>`}`;
}

function Waits({ points, x, hatch, right, message }) {
  return waits(points).map((bar) => {
    const from = x[bar.from];
    const to = x[bar.to];
    const room = to - from - 12;
    const text = fits(bar.text, room);
    const open = bar.goesOn && message.state === "enroute";
    return html`<${Span} x=${from} to=${to} lane=${1} tone=${bar.tone} hatch=${bar.tone === "wait" && hatch} />
      ${text && html`<${Text} x=${from + 8} lane=${1} tone=${bar.tone}>${text}<//>`}
      ${open && html`<${Span} x=${to} to=${right} lane=${1} tone=${bar.tone} plan />`}`;
  });
}

function Ends({ points, x, message, right }) {
  const index = points.findIndex((point) => point.final);
  const sent = points.findLastIndex((point) => point.event === "sent");
  if (index < 0) {
    if (sent < 0) return null;
    return html`<${Span} x=${x[sent]} to=${right} lane=${3} tone="move" plan /><${Text} x=${x[sent] + 8} lane=${3} tone="move">deliver_sm, not answered yet<//>`;
  }
  const [word, , tone] = STATES[stateOf(message)];
  const point = points[index];
  const delivered = point.event === "delivered";
  const text = delivered ? (sent >= 0 ? `deliver_sm answered ${taking(point.at - points[sent].at)}` : "delivered") : `${word.toLowerCase()}${point.reason ? `: ${why(point.reason)}` : ""}`;
  const before = x[index] > right - 200;
  return html`${sent >= 0 && html`<${Span} x=${x[sent]} to=${x[index]} lane=${3} tone=${tone} />`}
    <g class=${tone}><circle class="dot" cx=${x[index].toFixed(1)} cy=${line(3) - 4} r="7" />
      <path class="mark" d=${delivered ? `m${(x[index] - 3.2).toFixed(1)} ${line(3) - 3.8}l2.2 2.2 4-4.4` : `m${(x[index] - 2.5).toFixed(1)} ${line(3) - 6.5}l5 5m0-5l-5 5`} /></g>
    <${Text} x=${before ? Math.min(x[index], sent >= 0 ? x[sent] : x[index]) - 12 : x[index] + 13} anchor=${before ? "end" : "start"} lane=${3} tone=${tone}>${text}<//>`;
}

export function Drawing({ message, points, label }) {
  const hatch = `hatch${useId()}`.replace(/[^a-z0-9]/gi, "");
  const [box, wide] = useWidth(520);
  const right = wide - 8;
  const x = place(points, LEFT, right);
  const at = now();
  const present = points.findIndex((point) => point.event === "now");
  const first = points[0].at;
  const all = Math.max(1, points.at(-1).at - first);
  const truly = (moment) => LEFT + ((right - LEFT) * (moment - first)) / all;
  const answered = points[1] && points[0].event === "submitted" ? x[1] : LEFT + 24;
  const commit = Math.min(answered, LEFT + 26);
  const alert = points.findLastIndex((point) => point.event === "alert");
  return html`<svg ref=${box} viewBox=${`0 0 ${wide} ${HEIGHT}`} width=${wide} height=${HEIGHT} role="img" aria-label=${label}>
    <defs><pattern id=${hatch} class="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" /></pattern></defs>
    ${x.map((each, index) => html`<path class="grid" key=${index} d=${`M${each.toFixed(1)} ${TOP}V${base(5)}`} />`)}
    ${LANES.map((name, lane) => html`<path class="lane" d=${`M0 ${base(lane + 1) - 4}H${wide}`} /><text class="lab" x="0" y=${line(lane)}>${name}</text>`)}
    ${points[0].event === "submitted" && html`<${Span} x=${LEFT} to=${commit} lane=${0} tone="done" /><${Text} x=${commit + 8} lane=${0} tone="done">submit_sm, committed<//>`}
    <${Waits} points=${points} x=${x} hatch=${hatch} right=${right} message=${message} />
    ${points.map((point, index) => {
      if (point.event === "attempt_failed") {
        const text = point.many ? `${point.first} to ${point.last}` : String(point.first);
        const room = (x[index + 1] ?? right) - x[index];
        return html`<${Attempt} key=${index} point=${point} x=${x[index]} label=${room > 20 || point.many ? text : ""} />`;
      }
      if (point.event === "attempt") return html`<circle class="ring rest" cx=${x[index].toFixed(1)} cy=${line(2) - 4} r="5" /><text class="faint" x=${(x[index] + 10).toFixed(1)} y=${line(2)}>${point.first}</text>`;
      if (point.event === "expires") return html`<g class="late"><path class="ends" d=${`M${x[index].toFixed(1)} ${TOP}V${base(5)}`} /></g><${Text} x=${x[index] - 6} anchor="end" lane=${1} tone="late">expires<//>`;
      return null;
    })}
    ${alert >= 0 && html`<g class="move"><path class="ends" d=${`M${x[alert].toFixed(1)} ${base(1) + 14}V${line(3)}`} /></g><text class="now-t" x=${(x[alert] - 7).toFixed(1)} y=${line(3) - 16} text-anchor="end">alert: ${BECAUSE[points[alert].detail?.because] ?? points[alert].detail?.because}</text>`}
    <${Ends} points=${points} x=${x} message=${message} right=${right} />
    <${Receipt} message=${message} points=${points} x=${x} right=${right} />
    ${present >= 0 && html`<path class="now" d=${`M${x[present].toFixed(1)} ${TOP - 2}V${base(5)}`} /><rect class="now-b" x=${(Math.min(x[present], wide - 15) - 15).toFixed(1)} y="9" width="30" height="15" rx="7.5" /><text class="now-w" x=${Math.min(x[present], wide - 15).toFixed(1)} y="20" text-anchor="middle">now</text>`}
    ${x.slice(1).map((to, index) => {
      const from = x[index];
      const length = points[index + 1].at - points[index].at;
      return html`<path class="axis" d=${`M${(from + 2).toFixed(1)} ${AXIS}H${(to - 2).toFixed(1)}`} />${to - from > 34 && html`<text class="num faint" x=${((from + to) / 2).toFixed(1)} y=${AXIS - 6} text-anchor="middle">${fits(span(length), to - from)}</text>`}`;
    })}
    <rect class="strip" x=${LEFT} y=${STRIP} width=${(right - LEFT).toFixed(1)} height="8" rx="4" />
    ${points.map((point, index) => {
      const there = truly(point.at).toFixed(1);
      const here = x[index].toFixed(1);
      return html`<path class="fan" d=${`M${here} ${AXIS}C${here} ${AXIS + 21} ${there} ${AXIS + 21} ${there} ${STRIP}`} /><path class="true" d=${`M${there} ${STRIP}v8`} /><circle class="knot" cx=${here} cy=${AXIS} r="2.5" />`;
    })}
    <text class="faint" x="0" y=${AXIS + 4}>Time between</text><text class="faint" x="0" y=${STRIP + 8}>True to scale</text>
    <text class="num faint" x=${LEFT} y=${STRIP + 22}>${sameDay(first, at) ? clock(first) : `${date(first)} ${clock(first)}`}</text>
    <text class="num faint" x=${right} y=${STRIP + 22} text-anchor="end">${when(points.at(-1).at, at)}</text>
  </svg>`;
}

function Receipt({ message, points, x, right }) {
  const asked = message.registered_delivery;
  const { receipt } = message;
  const present = points.findIndex((point) => point.event === "now");
  if (receipt) {
    const from = x[points.findIndex((point) => point.final)] ?? LEFT;
    const end = points.findIndex((point) => point.event === "receipt");
    const to = x[end] ?? x[present] ?? right;
    const [tone, text] = end < 0 ? ["wait", `waits for ${receipt.destination}`] : receipt.state === "delivered" ? ["done", `answered by ${receipt.destination} ${taking(points[end].at - ms(receipt.submitted_at))}`] : ["late", `${receipt.state}: ${receipt.destination} never took it`];
    const inside = to - from > text.length * 6.6 + 16;
    const before = !inside && to > right - 260;
    return html`<${Span} x=${from} to=${to} lane=${4} tone=${tone} />${end < 0 && html`<${Span} x=${to} to=${right} lane=${4} tone=${tone} plan />`}
      <${Text} x=${inside ? from + 8 : before ? from - 8 : to + 8} anchor=${before ? "end" : "start"} lane=${4} tone=${tone}>${text}<//>`;
  }
  const late = x[present] > right - 190;
  if (asked && present >= 0) return html`<${Text} x=${x[present] + (late ? -8 : 8)} anchor=${late ? "end" : "start"} lane=${4} plain>to ${message.source} when it ends<//>`;
  if (asked === 0 || asked === undefined) return html`<${Text} x=${LEFT + 8} lane=${4} plain>${asked === 0 ? "not asked for" : ""}<//>`;
  return null;
}
