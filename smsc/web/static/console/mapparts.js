// What floats over the map: search, layers, legend, the card of a phone and of a zone, and all of it as a list.
import * as api from "../base/api.js";
import { age, count, ms, plural, span, when } from "../base/format.js";
import { html, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { Tag } from "../base/parts.js";
import { remedy } from "./acts.js";
import { fail } from "./bars.js";
import { useConversation } from "./conversation.js";
import { useKeys } from "./keys.js";
import { msisdn } from "./phones.js";
import { coverageAt } from "./places.js";
import { setQuery, to } from "./route.js";
import { nextAttempt, waitingAt } from "./row.js";
import { causeOf } from "./say.js";
import { oddity } from "./signal.js";
import { now } from "./time.js";
import { useAnswer } from "./use.js";
import { stateOf, STATES } from "../base/words.js";
import { Glyph } from "../base/glyph.js";

const LAYERS = [["coverage", "Coverage"], ["zones", "Zones"], ["tunnels", "Tunnels"], ["cells", "Cells"]];
const SEEN = { good: "good coverage", weak: "weak coverage", none: "no coverage" };

export function Layers({ off }) {
  const toggle = (key) => setQuery({ off: (off.includes(key) ? off.filter((each) => each !== key) : [...off, key]).join(" ") });
  return html`<div class="float layers" role="group" aria-label="Layers">${LAYERS.map(([key, word]) => html`<button type="button" key=${key} class="chip" title=${key === "cells" ? "seen from near" : ""} aria-pressed=${String(!off.includes(key))} onClick=${() => toggle(key)}>${word}</button>`)}</div>`;
}

export function Legend() {
  return html`<section class="float legend" aria-label="Legend"><b>Coverage outdoors</b>
    ${[["cov-3", "very good"], ["cov-2", "good"], ["cov-1", "basic"], ["cov-0", "none"]].map(([name, word]) => html`<div key=${name}><i class=${name}></i>${word}</div>`)}
    <div><i class="tunnel-key"></i>tunnel</div><p class="dim">Drag a phone to move it.<br />Invented, no real network.</p></section>`;
}

export function Seek({ view }) {
  const [text, type] = useState("");
  const field = useRef(null);
  const map = useRef(view);
  map.current = view;
  useKeys({ "/": () => field.current.focus() });
  const find = async (event) => {
    event.preventDefault();
    const word = text.trim().toLowerCase();
    const number = msisdn(text);
    if (number) {
      setQuery({ phone: number });
      return;
    }
    const [{ zones }, { towns }] = await Promise.all([api.zones(), api.outline()]);
    const zone = zones.find((each) => !each.synthetic && each.name.toLowerCase().startsWith(word));
    if (zone?.geometry) map.current?.showShape(zone.geometry);
    else {
      const town = towns.find((each) => each.name.toLowerCase().startsWith(word));
      if (town) map.current?.goTo([town.lat, town.lon]);
      else fail(new Error(`No phone, zone or town is called ${text}.`));
    }
    field.current.blur();
  };
  return html`<form class="float search" role="search" onSubmit=${find}><${Icon} name="search" /><input ref=${field} class="q" type="search" aria-label="Find a phone, zone or place" placeholder="phone, zone, place" value=${text}
    onInput=${(event) => type(event.currentTarget.value)} onKeyDown=${(event) => event.key === "Escape" && field.current.blur()} /><kbd>/</kbd></form>`;
}

function lasted(message) {
  const took = ms(message.final_at) - ms(message.submitted_at);
  return took < 1000 ? "at once" : `after ${span(took)}`;
}

const [KARI, OLA] = ["4790000001", "4790000002"];

/** A message to a phone, to be seen coming or waiting. */
const greet = (number) => api.send({ source: number === KARI ? OLA : KARI, destination: number, text: "Er du framme?", registered_delivery: 1 });

export function PhoneCard({ number, changed }) {
  const answer = useAnswer((signal) => api.phone(number, signal), [number], { concerns: ({ msisdn: which, destination, event }) => which === number || destination === number || event.startsWith("zone") || event.startsWith("outages") });
  const talk = useConversation(number);
  const phone = answer.value;
  const close = () => setQuery({ phone: null });
  if (!phone) return answer.error ? html`<section class="float popover phonecard" aria-label="Phone"><p class="fail-ink">${answer.error.message}</p><button type="button" class="btn" onClick=${close}>Close</button></section>` : null;
  const waits = waitingAt(number, talk.value);
  const odd = oddity(phone);
  const cure = remedy(phone, phone.memory_full ? "memory_capacity_exceeded" : "");
  const unbound = !cure && waits.some((message) => causeOf(message, phone) === "absent_no_bind");
  const came = waits.length ? null : talk.value?.findLast((message) => message.destination === number && message.state === "delivered");
  const act = async (what) => {
    await what.catch(fail);
    answer.again();
    changed();
  };
  const back = ms(phone.coverage?.reachable_from);
  const next = nextAttempt(waits);
  return html`<section class="float popover phonecard" aria-label=${`Phone ${number}`}>
    <div class="card-top"><h2><${Num} n=${number} /></h2><button type="button" class="btn bare icon" aria-label="Close" onClick=${close}><${Icon} name="x" /></button></div>
    <p><${Tag} tone=${odd ? "wait" : "done"} icon="pin">${phone.zone ?? "in no zone"}<//> ${phone.track && html`<${Tag} line>on its way<//>`}</p>
    <p>${odd || `It has ${SEEN[phone.coverage?.coverage] ?? "good coverage"}`}.${back > now() ? ` Coverage returns ${when(back, now())}.` : ""} ${waits.length ? html`<b>${plural(waits.length, "message waits", "messages wait")}</b>${unbound ? ": nobody is bound for the phone" : ""}${next ? html`, next attempt ${when(next, now())}` : ""}.` : "Nothing waits for it."}</p>
    ${!phone.zone && phone.coverage?.because && html`<p class="dim small">${phone.coverage.because}</p>`}
    <ol class="queue">${(waits.length ? waits.slice(-4) : came ? [came] : []).map((message) => {
      const [word, glyph, tone] = STATES[stateOf(message)];
      return html`<li key=${message.id}><${Glyph} name=${glyph} tone=${tone} label=${word} /><a class="t" href=${to("m", message.id)}>${message.text || message.id}</a><span class="mono dim">${came ? lasted(came) : age(now() - ms(message.submitted_at))}</span></li>`;
    })}</ol>
    ${cure && html`<button type="button" class="btn soft whole" onClick=${() => act(api.changePhone(number, cure[2]))}>${cure[1]}</button>`}
    ${unbound && html`<button type="button" class="btn soft whole" onClick=${() => act(api.hold(number, true))}>Hold the phone here</button>`}
    <div class="acts"><button type="button" class="btn" onClick=${() => act(greet(number))}><${Icon} name="send" />Send it an SMS</button><a class="btn" href=${to("phones", number)}><${Icon} name="phone" />Open it</a></div>
    <p class="dim small">Or drag its dot. Arrow keys move it 1 km, with Shift 10.</p></section>`;
}

export function ZoneCard({ zone, at, close }) {
  const coverage = coverageAt(zone, at);
  const act = async (what) => {
    await what().catch(fail);
  };
  return html`<section class="float popover phonecard" aria-label=${`Zone ${zone.name}`}><div class="card-top"><h2>${zone.name}</h2><button type="button" class="btn bare icon" aria-label="Close" onClick=${close}><${Icon} name="x" /></button></div>
    <p>${`It has ${SEEN[coverage]}`}${coverage !== zone.coverage ? " because of an outage" : ""}. Messages that its phones send without coverage: <b>${zone.uplink}</b>.</p>
    ${zone.outages.map((outage, index) => html`<p class="small dim" key=${index}>${outage.from ? `from ${when(ms(outage.from), now())}` : "since ever"}${outage.to ? ` to ${when(ms(outage.to), now())}` : " until further notice"}${outage.note ? `: ${outage.note}` : ""}</p>`)}
    <div class="acts">${coverage === "none" && zone.outages.length ? html`<button type="button" class="btn soft" onClick=${() => act(() => api.patchZone(zone.name, { outages: null }))}>End its outages</button>`
      : html`<button type="button" class="btn" onClick=${() => act(() => api.patchZone(zone.name, { outages: [{ note: "by hand" }] }))}>Take it down now</button>`}
      <button type="button" class="btn danger" onClick=${() => act(async () => {
        await api.deleteZone(zone.name);
        close();
      })}>Remove</button></div></section>`;
}

const LISTED = 200;

/** Zones with their coverage, phones with theirs: for who cannot or will not see the picture. */
export function MapList({ world, at, pick, pickZone }) {
  return html`<section class="float maplist" aria-label="The map as a list"><div class="card-top"><h2>The map as a list</h2><button type="button" class="btn bare icon" aria-label="Close the list" onClick=${() => setQuery({ list: null })}><${Icon} name="x" /></button></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Zones and phones"><h3>Zones</h3><ul>${world.zones.map((zone) => html`<li key=${zone.name}><button type="button" class="link" onClick=${() => pickZone(zone)}>${zone.name}</button><span class="dim">${coverageAt(zone, at)}</span></li>`)}</ul>
    <h3>Phones</h3><ul>${world.phones.slice(0, LISTED).map((phone) => html`<li key=${phone.msisdn}><button type="button" class="link" onClick=${() => pick(phone)}><${Num} n=${phone.msisdn} /></button><span class="dim">${phone.powered ? phone.coverage : "off"}${phone.zone ? `, ${phone.zone}` : ""}${phone.waiting ? `, ${phone.waiting} wait` : ""}</span></li>`)}
      ${world.ranges.map((range) => html`<li key=${range.first}><span><${Num} n=${range.first} /> to <${Num} n=${range.last} /></span><span class="dim">${count(range.count)} in ${range.zone}</span></li>`)}</ul></div></section>`;
}
