// Sessions: who is bound, at what rate, with which window, what was refused and why; binds that were refused.
import * as api from "../base/api.js";
import { clock, count, ms, plural, span } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html } from "../base/html.js";
import { Sparkline, Tag, Waiting, Wrong } from "../base/parts.js";
import { why } from "../base/words.js";
import { useKeys } from "./keys.js";
import { useRates } from "./rates.js";
import { go, setQuery, to } from "./route.js";
import { Session } from "./session.js";
import { now } from "./time.js";
import { useAnswer, useTick } from "./use.js";

const NONE = [];

/** Binds that were refused, with why: the latest that the server keeps, also from before the page was opened. */
function useRefusedBinds() {
  const { value } = useAnswer((signal) => api.refusedBinds(signal), [], { concerns: ({ event }) => event === "bind.refused" });
  return value?.refusals ?? NONE;
}

const concerns = ({ event }) => event.startsWith("session") || event === "bind.refused" || event === "submit.refused";

function Gauge({ window }) {
  if (!window) return html`<b class="dim">–</b>`;
  const { in_use, size } = window;
  const full = size ? in_use / size : 0;
  return html`<span class=${`gauge${full > 0.9 ? " wait" : ""}`}><span class="t" role="meter" aria-valuemin="0" aria-valuemax=${size} aria-valuenow=${in_use} aria-label="window"><i style=${{ width: `${Math.round(100 * full)}%` }}></i></span>${count(in_use)} / ${count(size)}</span>`;
}

const Rate = ({ values, tone, never }) => html`<span class="rate">${never ? html`<b class="dim">–</b>` : html`<b>${count(Math.round(values?.at(-1) ?? 0))}</b>
  <${Sparkline} values=${values ?? [0, 0]} tone=${tone} label=${`rate in the last minute, ${Math.round(Math.max(0, ...(values ?? [])))} at most`} />`}</span>`;

function State({ session }) {
  if (session.ended_at) return html`<${Tag} line>${session.ended_because ?? "ended"}<//>`;
  if (!session.counters) return html`<${Tag} tone="done" icon="check">bound to ${session.node}<//>`;
  const { in_use, size } = session.window;
  if (in_use > 0.9 * size) return html`<${Tag} tone="wait" icon="bell">window nearly full<//>`;
  return html`<${Tag} tone="done" icon="check">bound<//>`;
}

function Table({ sessions, rates, at, ended, id }) {
  return html`<section class="card wide-card" tabindex="0" aria-label=${ended ? "Ended sessions" : "Bound sessions"}><table class="grid-t"><caption class="sr">${ended ? "Ended sessions" : "Bound sessions"}</caption>
    <thead><tr><th scope="col">system_id</th><th scope="col">State</th><th scope="col">From</th>${!ended && html`<th scope="col">In, a second</th><th scope="col">Out, a second</th><th scope="col">Window out</th>`}
      <th scope="col" class="r">Submitted</th><th scope="col" class="r">Refused</th><th scope="col" class="r">${ended ? "Ended" : "Bound for"}</th></tr></thead>
    <tbody>${sessions.map((session) => {
      const lines = rates.get(String(session.id));
      return html`<tr key=${session.id} aria-selected=${String(String(session.id) === id)} class=${String(session.id) === id ? "picked" : ""}><td><span class="who2"><a href=${to("sessions", session.id, ended ? { show: "ended" } : {})}><b>${session.system_id}</b></a><span>session ${session.id}, ${session.type}</span></span></td>
        <td><${State} session=${session} /></td><td class="mono">${session.peer}</td>
        ${!ended && html`<td><${Rate} values=${lines?.submitted} tone="move" never=${session.type === "receiver" || !session.counters} /></td><td><${Rate} values=${lines?.delivered} tone="done" never=${session.type === "transmitter" || !session.counters} /></td><td><${Gauge} window=${session.window} /></td>`}
        <td class="r">${session.counters ? count(session.counters.submitted) : "–"}</td><td class="r">${!session.counters ? "–" : session.counters.refused ? html`<b class="fail-ink">${count(session.counters.refused)}</b>` : "0"}</td>
        <td class="r">${ended ? clock(ms(session.ended_at)) : at - ms(session.bound_at) < 1000 ? "now" : span(at - ms(session.bound_at))}</td></tr>`;
    })}</tbody></table></section>`;
}

function Refused({ binds }) {
  return html`<section class="card wide-card" tabindex="0" aria-label="Refused binds"><header><h2>Refused binds</h2><span class="dim">the latest first</span></header>
    ${binds.length ? html`<table class="grid-t small-t"><caption class="sr">Refused binds</caption><thead class="sr"><tr><th>When</th><th>system_id</th><th>Why</th><th>From</th></tr></thead><tbody>${binds.map(
      (bind, index) => html`<tr key=${index}><td class="mono">${clock(ms(bind.at))}</td><td><b>${bind.system_id}</b></td><td title=${bind.reason}>${why(bind.reason)}</td><td class="mono dim">${bind.peer ?? ""}</td></tr>`)}</tbody></table>`
      : html`<p class="nothing dim">No bind was refused.</p>`}</section>`;
}

export function Page({ route }) {
  const show = route.query.get("show") ?? "";
  const ended = useAnswer((signal) => api.sessions({ ended: true }, signal), [], { concerns });
  const bound = useAnswer((signal) => api.sessions({}, signal), [], { concerns, pause: 1000 });
  const rates = useRates(async () => {
    const { sessions } = await api.sessions({ here: true });
    return sessions.map((session) => [String(session.id), session.counters]);
  });
  const binds = useRefusedBinds();
  useTick();
  const list = show === "ended" ? [...(ended.value?.sessions ?? [])].reverse() : (bound.value?.sessions ?? []);
  const at = now();
  const step = (by) => {
    const index = list.findIndex((session) => String(session.id) === route.id);
    const next = list[Math.min(list.length - 1, Math.max(0, index < 0 ? 0 : index + by))];
    if (next) go(to("sessions", next.id, { show }), { replace: true });
  };
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => (route.id ? go(to("sessions", "", { show })) : false) }, Boolean((show === "ended" ? ended : bound).value || bound.error));
  const chip = (key, word, number, tone) => html`<button type="button" class=${`chip ${tone ?? ""}`} aria-pressed=${String(show === key)} onClick=${() => setQuery({ show: key })}>
    ${tone && html`<${Glyph} name="rejected" tone=${tone} />`}${word} <b>${number == null ? "" : count(number)}</b></button>`;
  const chosen = route.id || (list.length === 1 ? String(list[0].id) : "");
  return html`<div class="page"><div class="head"><div><h1>Sessions</h1><p class="dim">${bound.value ? `${plural(bound.value.sessions.length, "session is", "sessions are")} bound, ${plural(binds.length, "bind was", "binds were")} refused` : ""}</p></div>
      <div class="push chips bare" role="group" aria-label="Which">${chip("", "Bound", bound.value?.sessions.length)}${chip("ended", "Ended", ended.value?.sessions.length)}${chip("refused", "Refused binds", binds.length, "fail")}</div></div>
    ${bound.error && html`<${Wrong} error=${bound.error} again=${bound.again} />`}
    ${!bound.value && !bound.error && html`<${Waiting} />`}
    ${show !== "refused" && list.length > 0 && html`<${Table} sessions=${list} rates=${rates} at=${at} ended=${show === "ended"} id=${chosen} />`}
    ${show === "" && bound.value && !list.length && html`<section class="card nothing"><p><b>Nobody is bound.</b></p><p class="dim">Bind with any SMPP client; the <a href=${to("messages")}>Messages</a> page shows how. A refused bind is listed with its reason.</p></section>`}
    ${show === "ended" && ended.value && !list.length && html`<section class="card nothing"><p><b>No session has ended yet.</b></p></section>`}
    ${show === "refused" ? html`<${Refused} binds=${binds} />` : chosen ? html`<${Session} key=${chosen} id=${chosen} />` : null}
    ${show !== "refused" && binds.length > 0 && html`<${Refused} binds=${binds.slice(0, 5)} />`}
  </div>`;
}
