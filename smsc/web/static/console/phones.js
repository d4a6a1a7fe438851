// Phones: find one, and see its conversation and its state side by side.
import { age, count } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, useRef } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { Tag, Waiting, Wrong } from "../base/parts.js";
import { press, useKeys } from "./keys.js";
import { Phone } from "./phone.js";
import { usePhonebook, usePhones } from "./phonebook.js";
import { go, setQuery, to } from "./route.js";
import { oddity, Signal } from "./signal.js";
import { now } from "./time.js";
import { useTick } from "./use.js";

const SHOWN = 200;
const READ = 40;
const CHIPS = [
  ["", "With messages", (entry) => entry.messages > 0],
  ["waits", "Something waits", (entry) => entry.waits > 0],
  ["away", "Off or away", (entry) => entry.phone && (!entry.phone.powered || entry.phone.coverage?.coverage === "none")],
  ["all", "All", () => true],
];

/** Whether an entry is meant by the words of a search: a number, or what its state is called. */
function means(entry, words) {
  const told = `${entry.number} ${entry.text} ${entry.phone?.zone ?? ""} ${entry.phone?.sim ?? ""} ${oddity(entry.phone)}`.toLowerCase();
  return words.every((word) => told.includes(word.replace(/^(zone|sim):/, "")));
}

/** A number as somebody types it, in the form of an MSISDN; "" when it is none. */
export function msisdn(text) {
  const digits = text.replace(/[\s+]/g, "").replace(/^00/, "");
  if (/^47\d{8}(\d{4})?$/.test(digits)) return digits;
  return /^(?:[49]\d{7}|58\d{10})$/.test(digits) ? `47${digits}` : "";
}

function PhoneRow({ entry, phone, current, query }) {
  const odd = oddity(phone);
  return html`<a class="row prow" href=${to("phones", entry.number, query)} aria-current=${current ? "true" : undefined}>
    <${Signal} phone=${phone} /><span class="who"><${Num} n=${entry.number} /></span><span class="when">${entry.at ? age(now() - entry.at) : "—"}</span>
    <span class="txt">${odd || entry.text || "No message yet"}</span>
    ${entry.waits > 0 ? html`<${Tag} tone="wait" glyph="waiting" title="wait for it">${entry.waits}<//>` : phone?.nod_sms ? html`<${Tag} tone="sos">Nød-SMS<//>` : html`<span></span>`}
  </a>`;
}

function Finder({ text, number }) {
  const field = useRef(null);
  useKeys({ "/": () => field.current.focus() });
  const keys = (event) => {
    if (event.key === "Escape") field.current.blur();
    if (event.key === "Enter") {
      event.preventDefault();
      if (number) go(to("phones", number));
      else press("first");
    }
  };
  return html`<form class="search" role="search" onSubmit=${(event) => event.preventDefault()}><${Icon} name="search" />
    <input ref=${field} class="q" type="search" aria-label="Find a phone" placeholder="number, zone, text" autocomplete="off" value=${text}
      onInput=${(event) => setQuery({ q: event.currentTarget.value })} onKeyDown=${keys} /><kbd>/</kbd></form>`;
}

export function Page({ route }) {
  const { book, error, again } = usePhonebook();
  const text = route.query.get("q") ?? "";
  const which = route.query.get("show") ?? "";
  const query = { q: text, show: which };
  useTick();
  const number = msisdn(text);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const [, , is] = CHIPS.find(([key]) => key === which) ?? CHIPS[0];
  const none = book && !which && !book.some(CHIPS[0][2]);
  let found = (book ?? []).filter((entry) => (none || is(entry) || words.length > 0) && means(entry, number ? [number] : words));
  if (number && !found.some((entry) => entry.number === number)) found = [{ number, at: 0, text: "", waits: 0, messages: 0, phone: null }, ...found];
  const shown = found.slice(0, SHOWN);
  const docs = usePhones(shown.filter((entry) => !entry.phone).slice(0, READ).map((entry) => entry.number), book);
  const step = (by) => {
    const index = shown.findIndex((entry) => entry.number === route.id);
    const next = shown[Math.min(shown.length - 1, Math.max(0, index < 0 ? 0 : index + by))];
    if (next) go(to("phones", next.number, query), { replace: true });
  };
  useKeys({
    first: () => shown.length && go(to("phones", shown[0].number, query)),
    j: () => step(1),
    k: () => step(-1),
    Escape: () => {
      if (route.id) go(to("phones", "", query));
      else if (text) setQuery({ q: null });
      else return false;
      return true;
    },
  }, Boolean(book || error));
  return html`<div class=${`panes phones${route.id ? " on-detail" : ""}`}>
    <section class="pane list" aria-label="Phones">${!route.id && html`<h1 class="sr">Phones</h1>`}
      <${Finder} text=${text} number=${number} />
      <div class="chips" role="group" aria-label="Which phones">${CHIPS.map(([key, word, test]) => html`<button type="button" key=${key} class=${`chip ${key === "waits" ? "wait" : ""}`}
        aria-pressed=${String(which === key)} onClick=${() => setQuery({ show: key })}>${key === "waits" && html`<${Glyph} name="waiting" tone="wait" />`}${word} ${book && html`<b>${count(book.filter(test).length)}</b>`}</button>`)}</div>
      <div class="scroll">${shown.map((entry) => html`<${PhoneRow} key=${entry.number} entry=${entry} phone=${entry.phone ?? docs.get(entry.number)} current=${entry.number === route.id} query=${query} />`)}
        ${error && html`<${Wrong} error=${error} again=${again} />`}
        ${!book && !error && html`<${Waiting} />`}
        ${book && !shown.length && html`<div class="nothing"><p><b>No phone here matches.</b></p><p class="dim">Type a whole number to open any phone of the simulated network.</p></div>`}
        ${found.length > SHOWN && html`<p class="nothing dim">and ${count(found.length - SHOWN)} more; search to see them</p>`}
      </div></section>
    <div class="pane detail">${route.id ? html`<${Phone} key=${route.id} number=${route.id} back=${() => go(to("phones", "", query))} />`
      : html`<p class="hint-pane dim">A phone is a conversation, and the state of its SIM, power, memory and coverage.</p>`}</div>
  </div>`;
}
