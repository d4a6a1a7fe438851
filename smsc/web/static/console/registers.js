// Who is registered for what: Nød-SMS, the 116 numbers, codes with their charges, the contact register.
import * as api from "../base/api.js";
import { clock, count, date, ms, plural } from "../base/format.js";
import { html } from "../base/html.js";
import { Num } from "../base/number.js";
import { Tag, Waiting, Wrong } from "../base/parts.js";
import { to } from "./route.js";
import { useAnswer } from "./use.js";

const moment = (text) => (text ? `${date(ms(text))} ${new Date(ms(text)).getUTCFullYear()} ${clock(ms(text)).slice(0, 5)}` : "");
const phone = (number) => html`<a href=${to("phones", String(number).replace("+", ""))}><${Num} n=${String(number).replace("+", "")} /></a>`;

/** A table of documents; `columns` are [heading, cell, right]. */
function Table({ title, about, answer, pick, columns, none }) {
  const rows = answer.value ? pick(answer.value) : null;
  return html`<section class="card wide-card" tabindex="0" aria-label=${title}><header><h2>${title}</h2><span class="dim">${about ?? (rows ? plural(rows.length, "row") : "")}</span></header>
    ${answer.error && html`<${Wrong} error=${answer.error} again=${answer.again} />`}
    ${!rows && !answer.error && html`<${Waiting} />`}
    ${rows?.length === 0 && html`<p class="nothing dim">${none}</p>`}
    ${rows?.length > 0 && html`<table class="grid-t small-t"><caption class="sr">${title}</caption><thead><tr>${columns.map(([heading, , right]) => html`<th scope="col" key=${heading} class=${right ? "r" : ""}>${heading}</th>`)}</tr></thead>
      <tbody>${rows.map((row, index) => html`<tr key=${index}>${columns.map(([heading, cell, right]) => html`<td key=${heading} class=${right ? "r" : ""}>${cell(row)}</td>`)}</tr>`)}</tbody></table>`}
  </section>`;
}

const lively = { concerns: ({ event }) => event.startsWith("message") || event.startsWith("subscriber") || event.startsWith("emergency"), pause: 1000 };

export function Emergency() {
  const registrations = useAnswer((signal) => api.registrations(signal), [], lively);
  const dialogues = useAnswer((signal) => api.dialogues(signal), [], lively);
  const exclusions = useAnswer((signal) => api.exclusions(signal), [], lively);
  return html`<${Table} title="Open dialogues" answer=${dialogues} pick=${(value) => value.dialogues} none="No dialogue is open. A message from a registered number to 110, 112 or 113 opens one."
      columns=${[["Number", (row) => phone(row.user)], ["Centre", (row) => html`<b>${row.centre}</b>`], ["Lapses", (row) => moment(row.lapses)]]} />
    <${Table} title="Registered numbers" answer=${registrations} pick=${(value) => value.registrations} none="Nobody is registered."
      columns=${[["Number", (row) => phone(row.msisdn)], ["Name", (row) => row.name], ["Registered", (row) => moment(row.registered_at)], ["Updated", (row) => moment(row.updated_at)]]} />
    <${Table} title="Excluded for misuse" answer=${exclusions} pick=${(value) => value.exclusions} none="Nobody is or was excluded."
      columns=${[["Number", (row) => phone(row.msisdn)], ["Times", (row) => row.times, true], ["Until", (row) => (row.until ? moment(row.until) : "pardoned")], ["State", (row) => (row.in_force ? html`<${Tag} tone="fail">in force<//>` : "")]]} />
    <p class="dim"><a href="nod-sms">The public page</a>, and the desks of <a href="sentral/110">110</a>, <a href="sentral/112">112</a>, <a href="sentral/113">113</a>. A desk asks for the password of its centre’s ESME, <code>nodsms</code> in the demo world.</p>`;
}

export function Helplines() {
  const helplines = useAnswer((signal) => api.helplines(signal), []);
  return html`<${Table} title="The 116 numbers" answer=${helplines} pick=${(value) => value.helplines} none="No 116 number is assigned."
    columns=${[["Number", (row) => html`<span class="mono">${row.number}</span>`], ["Holder", (row) => html`<b>${row.holder}</b>`], ["Service", (row) => row.service], ["SMS", (row) => (row.sms ? html`<${Tag} tone="done" icon="check">takes SMS<//>` : html`<${Tag} line>no SMS<//>`)],
      ["Assigned", (row) => [row.assigned_from, row.assigned_to].filter(Boolean).join(" to ") || "always"], ["Lapses", (row) => moment(row.lapses_at)], ["Who pays", (row) => row.payer]]} />`;
}

const share = (part) => `${Number((100 * part).toFixed(1))} %`;

export function Interconnects() {
  const answer = useAnswer((signal) => api.interconnects(signal), []);
  return html`<${Table} title="Other operators’ networks" answer=${answer} pick=${(value) => value.interconnects} none="No other operator is configured: every mobile number is of this network. [[operators]] in the configuration names them."
    columns=${[["Operator", (row) => html`<b>${row.name}</b>`], ["Latency", (row) => `${row.latency_ms} ms`, true], ["Failures", (row) => share(row.failure_rate), true], ["Congestion", (row) => share(row.congestion_rate), true]]} />`;
}

const crowns = (ore) => `${(Number(ore) / 100).toFixed(2)} kr`;

export function Codes() {
  const codes = useAnswer((signal) => api.codes(signal), []);
  const totals = useAnswer((signal) => api.chargingTotals(signal), [], { concerns: ({ event }) => event.startsWith("message"), pause: 1000 });
  return html`<${Table} title="Short codes" answer=${codes} pick=${(value) => value.codes.flatMap((code) => code.providers.map((provider) => ({ ...provider, code: code.code })))} none="No short code is assigned."
      columns=${[["Code", (row) => html`<span class="mono">${row.code}</span>`], ["Provider", (row) => html`<b>${row.provider}</b>`], ["Keyword", (row) => html`<span class="mono">${row.word || "any"}</span>`], ["Match", (row) => row.match], ["Price", (row) => `${Number(row.price_nok).toFixed(2)} kr`, true], ["Consent", (row) => (row.subscription ? html`<${Tag} line>double opt-in<//>` : "")]]} />
    <${Table} title="What was charged" answer=${totals} pick=${(value) => value.totals} none="Nothing was charged yet."
      columns=${[["Month", (row) => row.month], ["Provider", (row) => html`<b>${row.provider}</b>`], ["Direction", (row) => row.direction], ["Records", (row) => count(row.records), true], ["Sum", (row) => crowns(row.ore), true]]} />`;
}

export function Contacts() {
  const persons = useAnswer((signal) => api.persons({ limit: 100 }, signal), []);
  const lookups = useAnswer((signal) => api.lookups(signal), []);
  const outbox = useAnswer((signal) => api.outbox(signal), []);
  const channel = (one) => one && html`<span class="mono">${one.address}</span> ${!one.fresh && html`<${Tag} tone="wait">not confirmed<//>`}`;
  return html`<${Table} title="Persons" about="all of them invented" answer=${persons} pick=${(value) => value.persons} none="The register is empty."
      columns=${[["Identifier", (row) => html`<span class="mono">${row.identifier}</span>`], ["Mobile", (row) => channel(row.mobile)], ["E-mail", (row) => channel(row.email)], ["Language", (row) => row.language], ["Reserved", (row) => (row.reserved ? html`<${Tag} line>on paper<//>` : "")], ["Notified", (row) => html`<span class="mono dim">${row.notification_status}</span>`]]} />
    <${Table} title="Who looked up" answer=${lookups} pick=${(value) => value.lookups} none="Nobody looked anyone up."
      columns=${[["When", (row) => moment(row.at)], ["Who asked", (row) => html`<b class="mono">${row.asked_by}</b>`], ["For", (row) => html`<span class="mono">${row.agency}</span>`], ["Persons", (row) => count(row.count), true]]} />
    <${Table} title="E-mails that would have been sent" answer=${outbox} pick=${(value) => value.outbox} none="None."
      columns=${[["When", (row) => moment(row.at)], ["From", (row) => row.sender], ["To", (row) => html`<span class="mono">${row.to}</span>`], ["Subject", (row) => row.subject], ["Text", (row) => row.text]]} />
    <p class="dim"><a href="kontaktinfo">The public page</a></p>`;
}
