// One session: its last PDUs, why it was refused, and ending it.
import * as api from "../base/api.js";
import { count } from "../base/format.js";
import { html, useEffect, useRef } from "../base/html.js";
import { Wrong } from "../base/parts.js";
import { why } from "../base/words.js";
import { fail } from "./bars.js";
import { to } from "./route.js";
import { useAnswer } from "./use.js";

const SHOWN = 60;

const concerns = (id) => (event) => String(event.session ?? event.id) === id || event.event.startsWith("message") || event.event.startsWith("session");

/** What a PDU says, in a few words. */
function gist(pdu) {
  if (pdu.error) return pdu.error;
  if (pdu.status && pdu.status !== "ESME_ROK") return pdu.status;
  const { fields = {} } = pdu;
  if (pdu.text) return `“${pdu.text}”${fields.destination_addr ? ` to ${fields.destination_addr}` : ""}`;
  return fields.message_id ?? fields.system_id ?? (fields.destination_addr ? `to ${fields.destination_addr}` : "");
}

function Log({ pdus }) {
  const box = useRef(null);
  useEffect(() => {
    const node = box.current;
    if (node && node.scrollHeight - node.scrollTop - node.clientHeight < 120) node.scrollTop = node.scrollHeight;
  }, [pdus]);
  return html`<div class="log" tabindex="0" role="region" aria-label="Last PDUs" ref=${box}>${pdus.slice(-SHOWN).map(
    (pdu, index) => html`<div key=${`${pdu.at} ${pdu.sequence} ${index}`}><span class="d">${pdu.at.slice(11, 23)}</span><span class="d">${pdu.direction === "in" ? "← " : "→ "}<span class="sr">${pdu.direction}</span></span><span>${pdu.command}</span>
      <span class=${`gist ${pdu.status && pdu.status !== "ESME_ROK" ? "fail-ink" : ""}`} title=${gist(pdu)}>${gist(pdu)}</span><span class="d">seq ${pdu.sequence}</span></div>`)}</div>`;
}

/** Reasons of refusals -> how many of the last events carry them. */
function tally(events) {
  const found = new Map();
  for (const { event, detail } of events) {
    if (event === "submit_refused") found.set(detail, (found.get(detail) ?? 0) + 1);
  }
  return [...found].sort((a, b) => b[1] - a[1]);
}

function Why({ session }) {
  const reasons = tally(session.events);
  if (!session.counters.refused) return html`<section class="card"><header><h2>Refused</h2></header><p class="nothing dim">Nothing of it was refused.</p></section>`;
  const most = Math.max(1, ...reasons.map(([, number]) => number));
  return html`<section class="card" aria-label="Refusals"><header><h2>Why ${session.system_id} was refused</h2><span class="dim">${count(session.counters.refused)} in all; the latest by reason</span></header>
    <div class="bars">${reasons.map(([reason, number]) => html`<span class="lab" key=${reason}><code>${reason}</code><span>${why(reason)}</span></span><span class=${`t ${reason === "throttled" ? "wait" : "fail"}`} style=${{ width: `${(100 * number) / most}%` }}></span><b>${number}</b>`)}</div></section>`;
}

export function Session({ id }) {
  const about = useAnswer((signal) => api.session(id, signal), [id], { concerns: concerns(id), pause: 1000 });
  const ended = Boolean(about.value?.ended_at);
  const elsewhere = Boolean(about.value && !about.value.counters);
  const log = useAnswer((signal) => (ended || elsewhere ? Promise.resolve(null) : api.sessionPdus(id, signal).catch(() => null)), [id, ended, elsewhere], { concerns: concerns(id), pause: 700 });
  const session = about.value;
  if (!session) return about.error ? html`<${Wrong} error=${about.error} again=${about.again} />` : null;
  const act = (what) => async () => {
    await what().catch(fail);
    about.again();
    log.again();
  };
  const traced = log.value?.traced;
  if (elsewhere) return html`<section class="card" aria-label=${`Session ${id}`}><header><h2>${session.system_id}, session ${session.id}</h2>
    <span class="dim">${session.type} · SMPP ${session.interface_version ?? ""}</span></header><p class="nothing dim">It is bound to node ${session.node}, whose console shows what goes over it and can end it.</p></section>`;
  return html`<div class="cols"><section class="card span-7" aria-label=${`Session ${id}`}><header><h2>${session.system_id}, session ${session.id}</h2>
      <span class="dim">${session.type} · SMPP ${session.interface_version ?? ""}${ended ? ` · ${session.ended_because}` : ""}</span>
      ${!ended && html`<span class="push acts-inline"><label class="switch"><input type="checkbox" role="switch" checked=${traced} disabled=${traced} onChange=${act(() => api.trace(id))} />Trace</label>
        <button type="button" class="btn" onClick=${act(() => api.endSession(id, "unbind"))}>Unbind</button><button type="button" class="btn danger" onClick=${act(() => api.endSession(id, "drop"))}>Drop</button></span>`}</header>
      ${log.value?.pdus.length ? html`<${Log} pdus=${log.value.pdus} />` : html`<p class="nothing dim">${ended ? "Its octets were let go with it." : traced ? "Nothing has gone over it since it is traced." : "Switch on Trace to see what goes over it from now on."}</p>`}
      ${session.events.length > 0 && html`<details class="doc"><summary>What happened to it lately</summary><ol class="pad story">${[...session.events].reverse().slice(0, SHOWN).map(
        (event, index) => html`<li key=${index}><span class="mono dim">${event.at.slice(11, 23)}</span> ${event.event.replaceAll("_", " ")}${event.detail ? html`: <span class="mono">${typeof event.detail === "object" ? JSON.stringify(event.detail) : event.detail}</span>` : ""}</li>`)}</ol></details>`}
    </section><div class="span-5"><${Why} session=${session} />
      <p class="dim below"><a href=${to("messages", "", { q: `session:${session.id}` })}>Its messages</a> · <a href=${to("faults")}>Faults for it</a></p></div></div>`;
}
