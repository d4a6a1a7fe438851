// One message: where it is and why, what ends that, how it came there, and its octets.
import * as api from "../base/api.js";
import { clock, ms, sameDay, span, when } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, useEffect } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Copy, Tag, Waiting, Wrong } from "../base/parts.js";
import { STATES, stateOf } from "../base/words.js";
import { Acts } from "./acts.js";
import { asCurl, asJson, asPytest } from "./copyas.js";
import { Octets } from "./octets.js";
import { useKeys } from "./keys.js";
import { go, to } from "./route.js";
import { say, then } from "./say.js";
import { Timeline } from "./timeline.js";
import { now } from "./time.js";
import { useAnswer, useTick } from "./use.js";

const touches = (message) => (event) =>
  event.id === message?.id ||
  (event.event.startsWith("message") && message && event.destination === message.destination) ||
  (event.kind === "receipt" && message && event.destination === message.source) ||
  (event.event === "subscriber.changed" && message && [message.source, message.destination].includes(event.msisdn)) ||
  event.event.startsWith("zone");

export function Message({ id, alone, close, back, remove }) {
  let shown = null;
  const answer = useAnswer((signal) => api.message(id, signal), [id], { concerns: (event) => touches(shown)(event) });
  const phone = usePhone(answer.value);
  shown = answer.value;
  useTick();
  if (answer.error && !shown) return html`<div class="scroll">${html`<${Wrong} error=${answer.error} again=${answer.again} />`}</div>`;
  if (!shown) return html`<${Waiting} />`;
  const at = now();
  const key = stateOf(shown);
  const [word, glyph, tone] = STATES[key];
  const Heading = alone ? "h1" : "h2";
  return html`<div class="scroll" tabindex="-1"><div class=${`msg ${tone}`}>
    <div class="msg-top">
      ${alone ? html`<a class="btn bare back" href=${to("messages", "", { id })}><${Icon} name="back" />Messages</a>`
        : html`<button type="button" class="btn bare icon only-s" aria-label="Back to the list" onClick=${close ?? back}><${Icon} name="back" /></button>`}
      <${Tag} tone=${tone} glyph=${glyph} title=${shown.reason ?? shown.state}>${word}<//><span class="mono dim">${shown.id}</span>
      <span class="push join" role="group" aria-label="Copy as"><${Copy} text=${() => asJson(shown)}>JSON<//><${Copy} icon=${false} text=${() => asCurl(shown)}>curl<//><${Copy} icon=${false} text=${() => asPytest(shown)}>pytest<//></span>
      ${alone ? html`<${Copy} text=${() => location.href} label="Link to this message" />`
        : html`<a class="btn icon" href=${to("m", id)} aria-label="Open this message alone"><${Icon} name="link" /></a>
          ${remove && html`<button type="button" class="btn icon" aria-label="Delete this message" onClick=${remove}><${Icon} name="trash" /></button>`}`}
    </div>
    <div><${Heading} class="say">${say(shown, phone, at)}<//>
      ${then(shown, phone, at)}
      <${Acts} message=${shown} phone=${phone} /></div>
    <${Facts} message=${shown} />
    ${shown.refusal ? html`<${Refusal} refusal=${shown.refusal} Heading=${alone ? "h2" : "h3"} />`
      : html`<${Timeline} message=${shown} phone=${phone} Heading=${alone ? "h2" : "h3"} />
    <${Octets} id=${id} Heading=${alone ? "h2" : "h3"} state=${shown.state} />`}
    <details class="card doc"><summary>The document as the API has it</summary><div class="pad"><div class="snip"><pre tabindex="0">${JSON.stringify(shown, null, 2)}</pre></div></div></details>
  </div></div>`;
}

/** Why a submission was refused, and what would have been right. */
function Refusal({ refusal, Heading }) {
  const rows = [["status", refusal.status], ["reason", refusal.reason], ["to", refusal.destination], ["by", refusal.peer]].filter(([, what]) => what);
  return html`<section class="card" aria-label="Why it was refused"><header><${Heading}>What would be right<//></header>
    <p class="pad-x then">${refusal.text}</p><dl class="kv pad">${rows.map(([term, what]) => html`<div key=${term}><dt>${term}</dt><dd>${what}</dd></div>`)}</dl></section>`;
}

/** The phone at the end where the message waits; null for a service, an ESME or when it has ended. */
function usePhone(message) {
  const open = message && ["enroute", "held"].includes(message.state);
  const number = open ? (message.state === "held" ? message.source : message.destination) : "";
  const wanted = /^47\d{8,12}$/.test(number) ? number : "";
  const { value } = useAnswer((signal) => (wanted ? api.phone(wanted, signal).catch(() => null) : Promise.resolve(null)), [wanted, message?.events.length], {
    concerns: (event) => event.event === "subscriber.changed" && event.msisdn === wanted,
  });
  return wanted && value?.msisdn === wanted ? value : null;
}

const ALPHABETS = { 0: "GSM 7-bit", 1: "ASCII", 3: "Latin-1", 4: "8-bit", 8: "UCS2" };
const ROOM = { 0: 160, 1: 160, 3: 140, 4: 140, 8: 70 };

function Facts({ message }) {
  const facts = [];
  const add = (term, what) => what && facts.push(html`<div key=${term}><dt>${term}</dt><dd>${what}</dd></div>`);
  const party = (number) => (/^47\d{8,12}$/.test(number) ? html`<a href=${to("phones", number)}>${number}</a>` : number);
  add("from", party(message.source));
  add("to", party(message.destination));
  const session = message.session && html`, <a href=${to("sessions", message.session)}>session ${message.session}</a>`;
  add("bound as", message.system_id && html`${message.system_id}${session}`);
  const { parts } = message;
  const alphabet = ALPHABETS[message.data_coding];
  const length = [...(message.concatenation?.text ?? message.text ?? "")].length;
  add("text", alphabet ? (parts > 1 ? `${length} characters in ${parts} parts, ${alphabet}` : `${length} of ${ROOM[message.data_coding]}, ${alphabet}`) : `${length} characters`);
  if (message.concatenation) add("part", `${message.concatenation.part} of ${message.concatenation.parts}`);
  if (message.registered_delivery != null) add("receipt", message.registered_delivery ? "asked for" : "not asked for");
  add("tags", message.tags.join(", "));
  add("codes found", message.codes?.length ? message.codes.join(", ") : null);
  add("links", message.links?.length ? message.links.join(" ") : null);
  if (message.priority) add("priority", message.priority);
  const submitted = ms(message.submitted_at);
  add("submitted", sameDay(submitted, now()) ? clock(submitted, true) : when(submitted, now()));
  return html`<div class="facts"><p class="bubble" lang="nb">${message.concatenation?.text ?? (message.text || html`<span class="dim">no text</span>`)}</p><dl class="kv">${facts}</dl></div>`;
}

/** `/m/{id}`: one message alone. */
export function Page({ route }) {
  useEffect(() => {
    document.title = `${route.id} · smsc`;
  }, [route.id]);
  const back = () => go(to("messages", "", { id: route.id }));
  useKeys({ Escape: back });
  return html`<div class="panes on-detail alone"><article class="pane detail" aria-label=${`Message ${route.id}`}>
    <${Message} key=${route.id} id=${route.id} alone back=${back} />
  </article></div>`;
}
