// The next 72 hours on one line: logarithmic, with a tick for each moment at which something is due.
import { HOUR, MINUTE, clock, plural, span, when } from "../base/format.js";
import { html } from "../base/html.js";
import { now } from "./time.js";

const FAR = 72 * HOUR;
const LEFT = 6;
const RIGHT = 244;
const MARKS = [[0, "now"], [MINUTE, "1 min"], [10 * MINUTE, "10"], [HOUR, "1 h"], [6 * HOUR, "6"], [24 * HOUR, "24"], [FAR, "72 h"]];
/** What is due -> its tone, and the words before whom it is for. */
const KINDS = {
  attempt: ["wait", "attempt to"],
  expiry: ["late", "expiry at"],
  coverage: ["move", "coverage returns for"],
  alert: ["move", "alert for"],
  answer: ["move", "an answer from"],
  scheduled: ["rest", "scheduled time of"],
  held: ["rest", "what is held at"],
  on_air: ["move", "on the air:"],
  transit: ["move", "on its way to another operator:"],
  flag: ["rest", "a look at"],
  service: ["rest", "a term of"],
  assignment: ["rest", "a number of the plan changes"],
};

const scale = (ahead) => LEFT + ((RIGHT - LEFT) * Math.log10(1 + Math.max(0, ahead) / 10_000)) / Math.log10(1 + FAR / 10_000);
const toneOf = ({ what }) => KINDS[what]?.[0] ?? "rest";
const describe = ({ what, msisdn, system_id, id, name }) => `${KINDS[what]?.[1] ?? what} ${msisdn ?? system_id ?? id ?? name?.replaceAll("_", " ") ?? ""}`;

export function Horizon({ told }) {
  const at = now();
  const ahead = told.planned.filter((each) => each.at - at <= FAR);
  // At one place of the line, one tick: what is told first.
  const seen = new Set();
  const apart = ahead.filter((each) => !seen.has(Math.round(scale(each.at - at))) && seen.add(Math.round(scale(each.at - at))));
  const ticks = apart.length ? apart : told.next ? [{ at: told.next }] : [];
  if (!told.next) {
    return html`<div class="horizon"><p><b>Nothing is due.</b><span>${
      told.rate ? "Something happens when somebody sends." : "The clock stands until you move it."
    }</span></p></div>`;
  }
  const first = told.planned.find((each) => each.at >= told.next);
  const left = told.next - at;
  const said = left <= 0 ? "now" : `in ${span(left)}`;
  const about = first ? describe(first) : "";
  return html`<div class="horizon">
    <svg viewBox="0 0 250 34" role="img" aria-label=${`${plural(ticks.length, "moment is", "moments are")} due within 72 hours; the first ${said}`}>
      <path d="M6 20H246" class="axis" />
      ${MARKS.map(([ahead, label], index) => html`<path d=${`M${scale(ahead)} 17.5v5`} class="axis" />
        <text x=${scale(ahead)} y="33" text-anchor=${index === 0 ? "start" : index === MARKS.length - 1 ? "end" : "middle"}
          dx=${index === 0 ? -4 : index === MARKS.length - 1 ? 4 : 0}>${label}</text>`)}
      ${ticks.map((each, index) => {
        const tall = index === 0 || index === ticks.length - 1;
        return html`<path class=${`tick ${toneOf(each)}${tall ? " tall" : ""}`} d=${`M${scale(each.at - at).toFixed(1)} ${tall ? 4 : 9}V20`} />`;
      })}
      <circle cx="6" cy="20" r="4" class="here" />
    </svg>
    <p><span><b title=${new Date(told.next).toISOString()}>${left < 20 * HOUR ? clock(told.next) : when(told.next, at)}</b> ${said}</span>${" "}<span>${about}</span></p>
  </div>`;
}
