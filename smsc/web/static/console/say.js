// A message in one sentence, where it is and why; and the next: what ends it, what happens otherwise, when.
import { clock, ms, plural, sameDay, span, when } from "../base/format.js";
import { html } from "../base/html.js";
import { stateOf, why } from "../base/words.js";
import { lastFailure } from "./row.js";

/** Why a message waits -> [what is so, what ends it]; `zone` where the phone is. */
const CAUSES = {
  absent_no_paging_response: (zone) => [
    zone ? html`the phone is in <mark>${zone}</mark>, where there is no coverage` : html`the phone <mark>has no coverage</mark>`,
    zone?.includes("tunnel") ? "Leaving the tunnel delivers it at once." : "Coverage delivers it at once.",
  ],
  flight_mode: () => [html`the phone is in <mark>flight mode</mark>`, "The end of flight mode delivers it at once."],
  absent_detached: () => [html`the phone is <mark>switched off</mark>`, "Switching it on delivers it at once."],
  absent_no_bind: () => [html`<mark>nobody is bound</mark> for the phone`, "A receiving bind of its number delivers it at once."],
  memory_capacity_exceeded: () => [html`the <mark>memory</mark> of the phone is full`, "Free memory delivers it at once."],
  radio_loss: (zone) => [html`it was lost on the radio${zone ? html`: <mark>${zone}</mark> is weak` : ""}`, ""],
  no_response: () => [html`deliver_sm was <mark>not answered</mark> in time`, ""],
  provider_unavailable: () => [html`its receiver is <mark>not bound</mark>`, "A receiving bind of it delivers it at once."],
};

const AWAY = ["absent_no_paging_response", "absent_detached", "flight_mode"];

/** Why a message waits now. A phone that came back since the last attempt is alerted at once, unless nobody is bound for it. */
export function causeOf(message, phone) {
  const back = phone?.powered && !phone.flight_mode && phone.coverage?.coverage === "good";
  return back && AWAY.includes(message.reason) ? "absent_no_bind" : message.reason;
}

export const zoneOf = (message, phone) => lastFailure(message)?.detail?.zone ?? phone?.zone ?? "";

const moment = (at, now) => html`<span class="mono">${sameDay(at, now) ? clock(at) : when(at, now).split(" at ").pop()}</span>`;

function dated(at, now) {
  if (sameDay(at, now)) return html`at ${moment(at, now)}`;
  const [date] = when(at, now).split(" at ");
  return html`on ${date} at ${moment(at, now)}`;
}

const SAID = {
  waiting(message, phone) {
    const zone = zoneOf(message, phone);
    const known = CAUSES[causeOf(message, phone)]?.(zone);
    return known ? html`It waits because ${known[0]}.` : message.reason ? html`It waits: <mark>${why(message.reason, zone)}</mark>.` : "It waits for its turn.";
  },
  sent: (message, _, now) =>
    message.events.at(-1)?.event === "sent"
      ? html`It was handed over at ${moment(ms(message.events.at(-1).at), now)}, and <mark>has not been answered</mark> yet.`
      : message.waiting_for ? html`It is under way; it waits for <mark>${message.waiting_for}</mark>.` : "It is under way.",
  held: (message, phone) =>
    phone && !phone.powered
      ? html`It has not left the sender’s phone, which is <mark>switched off</mark>.`
      : html`It has not left the sender’s phone, which has <mark>no coverage</mark>${phone?.zone ? ` in ${phone.zone}` : ""}.`,
  scheduled: (message, _, now) => html`It is kept until its time${message.until ? html`, <mark>${when(ms(message.until), now)}</mark>` : ""}.`,
  delivered(message, _, now) {
    const took = ms(message.final_at) - ms(message.submitted_at);
    const alert = message.events.findLast((event) => event.event === "alert");
    const because = alert ? BACK[alert.detail?.because] ?? "" : "";
    return html`It was delivered ${dated(ms(message.final_at), now)}, ${took < 1000 ? `within ${span(Math.max(1, took))}` : html`after <mark>${span(took)}</mark>`}${because}.`;
  },
  expired: (message) => html`It <mark>expired</mark> after ${span(ms(message.final_at) - ms(message.submitted_at))} and ${plural(message.attempts, "attempt")}.`,
  undeliverable: (message) => html`It <mark>failed</mark>: ${lower(why(message.reason))}.`,
  rejected: (message) => html`It was <mark>rejected</mark>: ${lower(why(message.reason))}.`,
  refused: (message) => html`It was <mark>refused</mark>: ${lower(why(message.reason))}.`,
  deleted: (message) => html`It was deleted: ${lower(why(message.reason))}.`,
};
SAID.receipt = SAID.delivered;

const BACK = {
  zone: ", when the phone was back in coverage",
  position: ", when the phone was back in coverage",
  coverage: ", when the phone was back in coverage",
  powered: ", when the phone was switched on",
  memory_full: ", when the phone had free memory again",
  bind: ", when its receiver was bound",
};

const lower = (text) => (/^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1));

export const say = (message, phone, now) => SAID[stateOf(message)]?.(message, phone, now) ?? message.explanation;

/** The second line; null when nothing follows. */
export function then(message, phone, now) {
  const parts = [];
  if (message.state === "enroute" || message.state === "held") {
    const ends = message.state === "held" ? "Coverage sends it at once." : CAUSES[causeOf(message, phone)]?.(zoneOf(message, phone))[1];
    if (ends) parts.push(ends);
    const until = ms(message.until);
    if (until > now && message.state === "held") parts.push(html` Coverage returns ${dated(until, now)}, in ${span(until - now)}.`);
    const next = ms(message.next_attempt);
    if (next > now) parts.push(html` ${ends ? "Otherwise attempt" : "Attempt"} ${message.attempts + 1} is ${dated(next, now)}, in ${span(next - now)}.`);
    const end = ms(message.expires_at);
    if (end) parts.push(html`<br />It expires ${dated(end, now)}, in ${span(end - now)}.`);
  } else {
    const failed = message.events.filter((event) => event.event === "attempt_failed");
    const causes = [...new Set(failed.map((event) => why(event.reason, event.detail?.zone)))];
    if (causes.length) parts.push(`Before that: ${causes.map(lower).join(", then ")}; ${plural(failed.length, "attempt")}.`);
    else if (message.state !== "delivered" && message.what_next) parts.push(message.what_next);
  }
  return parts.length ? html`<p class="then">${parts}</p>` : null;
}
