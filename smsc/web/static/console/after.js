// After the clock was moved: one sentence of what happened, and on request each event of it.
import { clock, count, ms, plural, span } from "../base/format.js";
import { html, useState } from "../base/html.js";
import { useStore } from "../base/store.js";
import { Bar } from "./bars.js";
import { to } from "./route.js";
import { moved } from "./time.js";

const SHOWN = 200;
const KINDS = [
  ["delivered", "was delivered", "were delivered"],
  ["attempt_failed", "attempt failed", "attempts failed"],
  ["expired", "expired", "expired"],
  ["undeliverable", "failed for good", "failed for good"],
  ["rejected", "was rejected", "were rejected"],
];

/** What an event of a message says: how it ended, or what happened. */
const kindOf = ({ event, state }) => (event === "message.final" ? state : event.replace(/^message\./, ""));

function tally(happened) {
  const found = new Map();
  for (const event of happened) {
    if (event.kind === "receipt") continue;
    found.set(kindOf(event), (found.get(kindOf(event)) ?? 0) + 1);
  }
  return found;
}

function Sentence({ told }) {
  const tallied = tally(told.happened);
  const parts = KINDS.filter(([event]) => tallied.get(event)).map(
    ([event, one, many]) => html`<b>${count(tallied.get(event))}</b> ${tallied.get(event) === 1 ? one : many}`
  );
  const length = span(ms(told.now) - ms(told.from));
  const hidden = (told.events ?? told.happened.length) - told.happened.length;
  return html`The clock moved <b>${length}</b>. ${
    parts.length
      ? parts.map((part, index) => html`${index ? ", " : ""}${part}`)
      : told.fired
        ? "Nothing that concerns a message happened"
        : "Nothing was due"
  }${parts.length && !tallied.get("delivered") ? "; nothing was delivered" : ""}.${
    told.unsettled?.length ? html` <b>${plural(told.unsettled.length, "delivery", "deliveries")}</b> nobody has answered yet.` : ""
  }${hidden > 0 ? ` ${count(hidden)} more events are not listed.` : ""}`;
}

const word = (event) => kindOf(event).replaceAll("_", " ");

function Events({ happened }) {
  return html`<div class="happened" tabindex="0" role="region" aria-label="What happened">
    <ol>${happened.slice(0, SHOWN).map(
      (event) => html`<li><time class="mono dim">${clock(ms(event.at))}</time><span>${word(event)}${event.kind === "receipt" ? " (receipt)" : ""}</span>
        ${event.id && event.event.startsWith("message.")
          ? html`<a class="mono" href=${to("m", event.id)}>${event.id}</a><span class="mono dim">${event.source} → ${event.destination}</span>`
          : html`<span class="mono dim">${event.msisdn ?? event.system_id ?? event.zone ?? ""}</span>`}</li>`
    )}</ol>
    ${happened.length > SHOWN && html`<p class="dim">and ${count(happened.length - SHOWN)} more</p>`}
  </div>`;
}

export function After() {
  const told = useStore(moved);
  const [open, show] = useState(null);
  if (!told) return null;
  if (told.running) return html`<${Bar} icon="clock">The clock is moving.<//>`;
  const listed = open === told;
  const action =
    told.happened.length > 0 &&
    html`<button type="button" class="link" aria-expanded=${String(listed)} onClick=${() => show(listed ? null : told)}>
      ${listed ? "Hide" : "Show what happened"}</button>`;
  return html`<${Bar} icon="clock" action=${action} close=${() => moved.set(null)}><${Sentence} told=${told} /><//>
    ${listed && html`<${Events} happened=${told.happened} />`}`;
}
