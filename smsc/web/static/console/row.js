// One message in the list: who to whom, how long ago, the text; a third line only for what needs somebody.
import { age, clock, ms, plural, span, when } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html } from "../base/html.js";
import { Num } from "../base/number.js";
import { STATES, stateOf, why } from "../base/words.js";
import { to } from "./route.js";
import { now } from "./time.js";

const EMERGENCY = /^(?:47)?(?:59555)?(110|112|113)$/;

/** The last failed attempt of a message, with its detail. */
export const lastFailure = (message) => message.events?.findLast((event) => event.event === "attempt_failed");

const OPEN = ["waiting", "held", "sent", "scheduled"];

/** Those of these messages that wait at a phone: for it, or in it. */
export const waitingAt = (number, messages) => (messages ?? []).filter((message) => OPEN.includes(stateOf(message)) && (message.state === "held" ? message.source : message.destination) === number);

/** When one of these messages is tried next; undefined when none is. */
export const nextAttempt = (messages) => messages.map((message) => ms(lastFailure(message)?.detail?.next_attempt)).filter((at) => at > now()).sort((a, b) => a - b)[0];

const AGAIN = {
  waiting(message, at) {
    const failed = lastFailure(message);
    const next = ms(failed?.detail?.next_attempt ?? message.next_attempt);
    const cause = why(message.reason ?? failed?.reason, failed?.detail?.zone ?? message.zone);
    return [cause || "Waits its turn", next > at ? ` · again at ${next - at < 20 * 3600e3 ? clock(next) : when(next, at)}` : ""];
  },
  sent: (message) => [message.events?.at(-1)?.event === "sent" ? "Handed over, not answered yet" : "On its way", ""],
  held: (message) => [why(message.reason ?? "no_coverage_hold"), ""],
  scheduled: (message, at) => ["Scheduled", message.due_at ? ` for ${when(ms(message.due_at), at)}` : ""],
  expired: (message) => [
    `${why(message.reason ?? "validity_expired")} after ${span(ms(message.final_at) - ms(message.submitted_at))}`,
    `, ${plural(message.attempts, "attempt")}`,
  ],
  undeliverable: (message) => [why(message.reason), message.err ? ` · UNDELIV err:${message.err}` : ""],
  rejected: (message) => [why(message.reason), message.status ? ` · ${message.status}` : ""],
  refused: ({ reason, refusal }) => [why(reason), refusal.status ? ` · ${refusal.status}` : ""],
  deleted: (message) => [why(message.reason), ""],
};

/** The third line, or nothing for what needs nothing. */
export function reasonLine(message, at = now()) {
  const said = AGAIN[stateOf(message)]?.(message, at);
  return said ? said[0] + said[1] : "";
}

export function Row({ message, current, chosen, fresh, label }) {
  const key = stateOf(message);
  const [word, glyph, tone] = STATES[key];
  const at = now();
  const line = reasonLine(message, at);
  const service = EMERGENCY.test(message.destination) || EMERGENCY.test(message.source);
  return html`<a class=${`row ${tone}${fresh ? " fresh" : ""}${chosen ? " chosen" : ""}`} href=${to("messages", "", { q: label, id: message.id })}
    data-id=${message.id} aria-current=${current ? "true" : undefined}>
    <${Glyph} name=${glyph} tone=${tone} label=${word} />
    <span class="who"><${Num} n=${message.source || "?"} /><span class="arrow" role="img" aria-label="to">→</span><${Num} n=${message.destination || "?"} />
      ${service && html`<span class="tag sos solid">Nød-SMS</span>`}</span>
    <span class="when">${age(at - ms(message.submitted_at))}</span>
    <span class="txt">${message.text || html`<span class="dim">no text</span>`}</span>
    ${line && html`<span class="why" title=${message.reason ?? message.state}>${line}</span>`}
  </a>`;
}
