// The state of a phone as switches, where it is, what waits for it, who is bound for it.
import * as api from "../base/api.js";
import { clock, ms, sameDay, span, when } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Switch, Tag } from "../base/parts.js";
import { MW_BITS, STATES, stateOf } from "../base/words.js";
import { remedy } from "./acts.js";
import { fail } from "./bars.js";
import { to } from "./route.js";
import { nextAttempt, waitingAt } from "./row.js";
import { Signal } from "./signal.js";
import { now } from "./time.js";
import { useAnswer } from "./use.js";

const SIMS = [["active", "active"], ["suspended", "suspended"], ["blocked", "blocked"], ["expired", "expired"], ["inactive", "not activated"]];
const BARRED = [["", "nothing"], ["mo_sms", "outgoing SMS"], ["content", "content services"], ["mo_sms content", "both"]];
const QUALITY = { good: "Good coverage", weak: "Weak coverage", none: "No coverage" };

const Choice = ({ icon, label, value, options, set }) => html`<div class="set"><span><${Icon} name=${icon} />${label}</span>
  <select class="field" aria-label=${label} value=${value} onChange=${(event) => set(event.currentTarget.value)}>${options.map(
    ([key, word]) => html`<option key=${key} value=${key} selected=${key === value}>${word}</option>`)}</select></div>`;

function Where({ phone, change }) {
  const zones = useAnswer((signal) => api.zones(signal), [], { concerns: ({ event }) => event.startsWith("zone") });
  const names = (zones.value?.zones ?? []).filter((zone) => !zone.synthetic).map((zone) => [zone.name, zone.name]);
  const here = phone.zone ?? (phone.track ? "on a track" : phone.position ? "at a point" : "");
  const options = [["", "none"], ...names];
  if (here && !options.some(([key]) => key === here)) options.push([here, here]);
  const cure = remedy(phone, phone.memory_full ? "memory_capacity_exceeded" : "");
  const coverage = phone.coverage ?? {};
  const back = ms(coverage.reachable_from);
  return html`<section aria-label="Where it is"><h2>Where it is</h2>
    <${Choice} icon="pin" label="Zone" value=${here} options=${options} set=${(zone) => change({ zone: zone || null })} />
    <p class="set"><span class=${coverage.coverage === "good" ? "" : "wait"}><${Signal} phone=${phone} label=${false} />${phone.flight_mode ? "In flight mode" : phone.powered ? QUALITY[coverage.coverage] ?? "Good coverage" : "Switched off"}</span>
      ${phone.position && html`<a href=${to("map", "", { phone: phone.msisdn })}>On the map</a>`}</p>
    ${back && coverage.coverage === "none" && html`<p class="dim small">Coverage returns ${when(back, now())}.</p>`}
    ${cure && html`<button type="button" class="btn soft whole" onClick=${() => change(cure[2])}>${cure[1]}</button>`}</section>`;
}

function Queue({ phone, talk }) {
  const messages = waitingAt(phone.msisdn, talk.value);
  const flags = new Set(phone.mw_status);
  // A flag without a message is of something that the conversation does not show.
  const other = flags.size > 0 && !messages.length;
  const rest = useAnswer((signal) => (other ? api.messages({ q: `to:${phone.msisdn} kind:receipt,notice state:unfinished`, order: "newest", limit: 20 }, signal) : Promise.resolve(null)), [phone.msisdn, other], { concerns: () => other, pause: 2000 });
  const waits = other ? (rest.value?.messages ?? []) : messages;
  const next = nextAttempt(waits);
  return html`<section aria-label="What waits here"><h2>What waits here</h2>
    ${waits.length ? html`<ol class="queue">${waits.map((message) => {
      const [word, glyph, tone] = STATES[stateOf(message)];
      return html`<li key=${message.id} class=${tone}><${Glyph} name=${glyph} tone=${tone} label=${word} /><a class="t" href=${to("m", message.id)}>${message.text || message.id}</a><span class="mono dim">${message.state === "held" ? "outgoing" : message.kind === "message" ? word.toLowerCase() : message.kind}</span></li>`;
    })}</ol>` : html`<p class="dim small">Nothing waits for it.</p>`}
    <dl class="mw">${next && html`<dt>Next attempt</dt><dd>${sameDay(next, now()) ? clock(next) : when(next, now())}, in ${span(next - now())}</dd>`}
      <dt>Message waiting</dt><dd>${["mnrf", "mcef"].map((bit) => html`<${Tag} key=${bit} tone=${flags.has(bit) ? "wait" : ""} line=${!flags.has(bit)} title=${MW_BITS[bit][1]}>${MW_BITS[bit][0]}${flags.has(bit) ? "" : " off"}<//> `)}</dd></dl></section>`;
}

function Bound({ phone }) {
  const { value, again } = useAnswer((signal) => api.sessions({}, signal), [phone.msisdn], { concerns: ({ event }) => event.startsWith("session") });
  const mine = (value?.sessions ?? []).filter((session) => session.system_id === phone.msisdn);
  const held = useAnswer((signal) => api.isHeld(phone.msisdn, signal), [phone.msisdn], { concerns: ({ event }) => event.startsWith("session") });
  const on = held.value?.held ?? false;
  const hold = async (on) => {
    await api.hold(phone.msisdn, on).catch(fail);
    held.again();
    again();
  };
  return html`<section aria-label="Bound for it"><h2>Bound for it</h2>
    ${mine.map((session) => html`<p class="small" key=${session.id}><a class="mono" href=${to("sessions", session.id)}>session ${session.id}</a>, ${session.type}, ${session.peer}</p>`)}
    ${value && !mine.length && html`<p class="dim small">Nobody: what comes for it waits for a receiving bind.</p>`}
    ${held.value && html`<${Switch} icon="hand" label="Hold this phone" hint="answers here, with no client" on=${on} set=${hold} />`}</section>`;
}

export function PhoneState({ phone, change, talk }) {
  return html`<aside class="side" aria-label="State of this phone"><section aria-label="The phone"><h2>The phone</h2>
      <${Switch} icon="power" label="Switched on" on=${phone.powered} set=${(powered) => change({ powered })} />
      <${Switch} icon="plane" label="Flight mode" on=${phone.flight_mode} set=${(flight_mode) => change({ flight_mode })} />
      <${Switch} icon="memory" label="Memory full" on=${phone.memory_full} set=${(memory_full) => change({ memory_full })} />
      <${Switch} icon="bell" label="Registered for Nød-SMS" on=${phone.nod_sms} set=${(nod_sms) => change({ nod_sms })} />
      <${Choice} icon="sim" label="SIM" value=${phone.sim} options=${SIMS} set=${(sim) => change({ sim })} />
      <${Choice} icon="stop" label="Barred" value=${[...phone.barred].sort((a, b) => b.localeCompare(a)).join(" ")} options=${BARRED} set=${(barred) => change({ barred: barred ? barred.split(" ") : [] })} /></section>
    <${Where} phone=${phone} change=${change} /><${Queue} phone=${phone} talk=${talk} /><${Bound} phone=${phone} /></aside>`;
}
