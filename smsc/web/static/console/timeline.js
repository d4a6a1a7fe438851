// How a message came where it is, drawn on an elastic axis; and the same as a list.
import { clock, date, ms, plural, sameDay, span, when } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Tabs } from "../base/parts.js";
import { STATES, stateOf, why } from "../base/words.js";
import { Drawing } from "./drawing.js";
import { moments } from "./moments.js";
import { now } from "./time.js";

const SAID = {
  submitted: (point, message) => [`submit_sm from ${message.system_id ?? message.source} committed`, ""],
  held: () => ["Kept in the sender’s phone", "it has no coverage"],
  attempt_failed: (point) => [
    point.last > point.first ? `Attempts ${point.first} to ${point.last} failed` : `Attempt ${point.first} failed`,
    why(point.reason, point.zone),
  ],
  alert: (point) => ["Alert", BECAUSE[point.detail?.because] ?? String(point.detail?.because ?? "")],
  turned_away: (point) => [`deliver_sm answered ${point.detail?.command_status}`, why(point.reason)],
  repeated: (point) => [`${point.detail} more of the same`, ""],
  more: (point) => [`${point.detail} more, left out`, ""],
  sent: () => ["deliver_sm sent", ""],
  delivered: () => ["deliver_sm answered ESME_ROK", ""],
  expired: (point) => ["Expired", why(point.reason)],
  receipt: (point) => (point.state === "delivered" ? ["Receipt answered", "by its originator"] : ["Receipt ended", `it ${point.state}`]),
  now: () => ["Now", ""],
  attempt: (point) => [`Attempt ${point.first}`, "planned"],
  returns: () => ["Coverage returns", "planned"],
  expires: () => ["It expires", "planned"],
};
export const BECAUSE = { zone: "the phone is in coverage", powered: "the phone is on", memory_full: "memory is free", bind: "its receiver is bound", memory: "memory is free" };

const GLYPHS = { submitted: ["delivered", "done"], delivered: ["delivered", "done"], receipt: ["receipt", "done"], sent: ["sent", "move"], held: ["held", "rest"], expired: ["expired", "late"], expires: ["expired", "late"], attempt: ["waiting", "rest"], returns: ["waiting", "move"], now: ["sent", "move"] };

function Entry({ point, before, message }) {
  const said = SAID[point.event]?.(point, message) ?? [point.event.replaceAll("_", " "), point.reason ? why(point.reason) : ""];
  const [glyph, tone] = point.event === "attempt_failed" ? ["waiting", point.tone] : (GLYPHS[point.event] ?? (point.final ? [STATES[stateOf(message)][1], STATES[stateOf(message)][2]] : ["sent", "rest"]));
  const gap = before ? span(point.at - before.at) : "";
  return html`<li class=${`${tone}${point.planned ? " planned" : ""}`}><time>${before && sameDay(point.at, before.at) ? "" : `${date(point.at)} `}${clock(point.at, true)}</time>
    <span class="ev-g">${point.event === "alert" ? html`<${Icon} name="bell" />` : html`<${Glyph} name=${glyph} tone=${tone} />`}</span>
    <span><b>${said[0]}</b>${said[1] && html`<br /><span class="dim">${said[1]}</span>`}</span><span class="gap">${gap}</span></li>`;
}

export function Timeline({ message, Heading }) {
  const [view, look] = useState("drawn");
  const at = now();
  const points = moments(message, at);
  const submitted = ms(message.submitted_at);
  const end = ms(message.final_at) ?? at;
  const about = `${plural(message.attempts, "attempt")} in ${span(Math.max(1, end - submitted))}`;
  return html`<section class=${`card ${view === "listed" ? "as-list" : ""}`} aria-label="Timeline"><header><${Heading}>Timeline<//><span class="dim">${about}</span>
      <span class="push hide-s"><${Tabs} label="Timeline" tabs=${[["drawn", "Drawn"], ["listed", "Listed"]]} at=${view} pick=${look} /></span></header>
    ${view === "drawn" && html`<div class="tl" tabindex="0" role="region" aria-label="Timeline, drawn"><${Drawing} message=${message} points=${points} label=${sentence(message, points, at)} /></div>`}
    <ol class="tl-list" aria-label="What happened">${points.map((point, index) => html`<${Entry} key=${`${point.at} ${index}`} point=${point} before=${points[index - 1]} message=${message} />`)}</ol>
  </section>`;
}

function sentence(message, points, at) {
  const failed = points.filter((point) => point.event === "attempt_failed");
  const { receipt } = message;
  const parts = [`submitted ${clock(ms(message.submitted_at))}`];
  if (failed.length) parts.push(`${plural(message.attempts, "attempt")} failed: ${why(failed.at(-1).reason, failed.at(-1).zone)}`);
  const final = points.find((point) => point.final);
  if (final) parts.push(`${final.event} ${when(final.at, at)}`);
  if (receipt) parts.push(`receipt ${receipt.final_at ? receipt.state : "waits"}`);
  for (const point of points.filter((each) => each.planned)) parts.push(`${SAID[point.event](point)[0]} ${when(point.at, at)}`);
  return `Timeline of message ${message.id}: ${parts.join(", ")}`;
}
