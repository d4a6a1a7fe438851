// /sentral/112: the desk of an emergency centre. It sees what its bind gets, and writes what its bind sends.
import * as api from "../base/api.js";
import { ms, span } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, render, useCallback, useEffect, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { Copy, Tag } from "../base/parts.js";
import { Field } from "./field.js";
import { fill, read, useLanguage } from "./language.js";
import { Position } from "./position.js";
import { Heading, Shell } from "./shell.js";

const TEXTS = await read("sentral-texts.json");
const CENTRE = location.pathname.replace(/\/$/, "").split("/").pop();
const PAUSE = 1000;
const KEPT = `smsc.desk.${CENTRE}`;

const shortOf = (number) => number.replace(/^47(?=\d{8}$)/, "");
const local = (moment) => new Intl.DateTimeFormat("nb", { timeStyle: "medium", timeZone: "Europe/Oslo" }).format(new Date(moment));

function Login({ text, enter }) {
  const [password, type] = useState("");
  const [error, say] = useState(null);
  const submit = async (event) => {
    event.preventDefault();
    say(null);
    try {
      enter((await api.openDesk(CENTRE, password)).token);
    } catch {
      say(text.wrong);
    }
  };
  return html`<${Shell} imitation=${text.imitation} name=${text.centres[CENTRE]} logo=${html`<span class="no">${CENTRE}</span>`} skip=${text.skip} languageWord=${text.language}>
    <${Heading} step="login">${text.login}<//>
    <form class="form" onSubmit=${submit} novalidate><${Field} id="password" label=${text.password} hint=${text.passwordHint} error=${error} type="password" autocomplete="current-password" value=${password} onInput=${(event) => type(event.currentTarget.value)} />
      <p><button class="btn go">${text.enter}</button></p></form><//>`;
}

/** What the desk sees, read each second; null before, `error` when the desk is no more. */
function useDialogues(token, gone) {
  const [told, tell] = useState(null);
  const again = useCallback(async () => {
    try {
      tell(await api.deskDialogues(token));
    } catch (error) {
      if (error.status === 403) gone();
      else tell((before) => before && { ...before, lost: true });
    }
  }, [token]);
  useEffect(() => {
    again();
    const timer = setInterval(again, PAUSE);
    return () => clearInterval(timer);
  }, [again]);
  return [told, again];
}

function standing(dialogue, desk, text) {
  const last = dialogue.entries.at(-1);
  if (dialogue.desk === null) return html`<${Tag} tone="sos" solid>${text.fresh}<//> ${text.notTaken}`;
  const whose = dialogue.desk === desk ? text.yours : fill(text.takenBy, { n: dialogue.desk });
  if (last.from === "user") return html`<${Tag} tone="move">${text.waits}<//> ${whose}`;
  return last.stage === "delivered" ? html`<${Tag} tone="done" glyph="delivered">${text.delivered}<//> ${whose}` : html`<${Tag} tone="wait" glyph="waiting">${text.pending}<//> ${whose}`;
}

function List({ told, at, pick, text, closed, show }) {
  const open = told.dialogues.filter((each) => !each.closed);
  const shown = closed ? told.dialogues.filter((each) => each.closed) : open;
  return html`<nav class="pane desk-list" aria-label=${text.dialogues}><div class="desk-head"><h2>${text.dialogues}</h2><span class="push tabs"><button type="button" aria-pressed=${String(!closed)} onClick=${() => show(false)}>${text.open} ${open.length}</button><button type="button" aria-pressed=${String(closed)} onClick=${() => show(true)}>${text.closed}</button></span></div>
    <div class="scroll" aria-live="polite">${shown.map((dialogue) => html`<button type="button" key=${dialogue.number} class=${`dlg${dialogue.desk === null && !dialogue.closed ? " new" : ""}`} aria-current=${dialogue.number === at ? "true" : undefined} onClick=${() => pick(dialogue.number)}>
      <${Num} n=${shortOf(dialogue.number)} /><span class="mono dim">${span(Math.max(1000, ms(told.now) - ms(dialogue.entries.at(-1).at)))}</span><span class="t">${dialogue.entries.at(-1).text}</span><span class="s">${standing(dialogue, told.desk, text)}</span></button>`)}
      ${!shown.length && html`<p class="nothing dim">${text.none}</p>`}</div></nav>`;
}

function Talk({ dialogue, told, text, token, again }) {
  const [answer, type] = useState("");
  const [error, say] = useState("");
  const field = useRef(null);
  const mine = dialogue.desk === told.desk;
  const taken = dialogue.desk !== null && !mine;
  const act = (action) => async () => {
    await api.deskAct(token, dialogue.number, action).catch((wrong) => say(wrong.message));
    again();
  };
  const send = async (event) => {
    event.preventDefault();
    say("");
    if (!answer.trim()) return;
    type("");
    try {
      await api.deskAnswer(token, dialogue.number, answer);
    } catch (wrong) {
      type((typed) => typed || answer);
      say(`${text.notSent} ${wrong.message}`);
    }
    again();
  };
  const put = (words) => {
    type((before) => (before ? `${before} ${words}` : words));
    field.current.focus();
  };
  return html`<section class="pane desk-talk" aria-label=${shortOf(dialogue.number)}><div class="phone-top"><h2><${Num} n=${shortOf(dialogue.number)} /></h2>${dialogue.desk !== null && html`<${Tag} tone="sos" icon="lock">${fill(text.has, { n: dialogue.desk })}<//>`}
      <span class="push acts-inline">${!mine && !taken && html`<button type="button" class="btn" onClick=${act("take")}>${text.take}</button>`}${mine && html`<button type="button" class="btn" onClick=${act("release")}>${text.release}</button>`}
        ${dialogue.closed ? html`<button type="button" class="btn" onClick=${act("open")}>${text.reopen}</button>` : !taken && html`<button type="button" class="btn" onClick=${act("close")}>${text.close}</button>`}</span></div>
    <div class="scroll" tabindex="0" role="log" aria-label=${shortOf(dialogue.number)}>${dialogue.entries.map((entry, index) => html`<p key=${`b${index}`} class=${`b${entry.from === "desk" ? " out" : ""}`}>${entry.text}</p>
      <p key=${`m${index}`} class=${`bm${entry.from === "desk" ? " out" : ""}`}>${local(entry.at)} ${entry.from === "user" ? html`<${Glyph} name="receipt" tone="done" /> ${text.received}` : entry.stage === "delivered" ? html`<${Glyph} name="receipt" tone="done" /> ${text.delivered}` : html`<${Glyph} name="waiting" tone="wait" /> ${text.pending}`}</p>`)}</div>
    <form class="desk-write" onSubmit=${send}><div class="quick">${text.quick.map((words) => html`<button type="button" class="btn" key=${words} disabled=${taken} onClick=${() => put(words)}>${words}</button>`)}</div>
      ${error && html`<p class="err" role="alert">${error}</p>`}
      <label class="sr" for="answer">${text.answer}</label><textarea id="answer" ref=${field} class="field" rows="3" disabled=${taken} value=${answer} onInput=${(event) => type(event.currentTarget.value)}></textarea>
      <div class="form-do"><span class="dim mono">${fill(text.count, { n: answer.length, parts: answer.length > 160 ? Math.ceil(answer.length / 153) : 1 })}</span><button class="btn go push" disabled=${taken}><${Icon} name="send" />${text.send}</button></div></form></section>`;
}

function Where({ dialogue, told, text, towns }) {
  const position = dialogue?.position;
  if (!dialogue) return html`<main id="main" tabindex="-1" class="desk-map"><p class="nothing dim">${text.pick}</p></main>`;
  if (!position) return html`<main id="main" tabindex="-1" class="desk-map"><p class="nothing">${text.noPosition}</p></main>`;
  const place = `${position.lat.toFixed(4)}  ${position.lon.toFixed(4)}`.replaceAll(".", ",");
  const within = fill(text.within, { m: Math.round(position.accuracy_m ?? 0) });
  const old = span(Math.max(1000, ms(told.now) - ms(position.at)));
  return html`<main id="main" tabindex="-1" class="desk-map"><${Position} position=${position} towns=${towns} within=${within} label=${`${text.position}: ${place}, ${within}, ${text.age} ${old}`} />
    <section class="float popover posn" aria-label=${text.position}><h2><${Icon} name="pin" />${text.position}</h2><dl class="kv"><div><dt>${text.northEast}</dt><dd>${place}</dd></div><div><dt>${text.accuracy}</dt><dd>${Math.round(position.accuracy_m ?? 0)} m</dd></div><div><dt>${text.age}</dt><dd>${old}</dd></div><div><dt>${text.source}</dt><dd>${position.source}</dd></div></dl>
      <div><${Copy} text=${`${position.lat}, ${position.lon}`}>${text.copy}<//></div></section></main>`;
}

function Work({ token, gone, text }) {
  const [told, again] = useDialogues(token, gone);
  const [at, pick] = useState("");
  const [closed, show] = useState(false);
  const [towns, name] = useState([]);
  useEffect(() => {
    api.outline().then((outline) => name(outline.towns), () => {});
  }, []);
  const fresh = told?.dialogues.filter((each) => each.desk === null && !each.closed).length ?? 0;
  useEffect(() => {
    document.title = `${fresh ? `(${fresh}) ` : ""}${CENTRE} · ${text.centres[CENTRE]}`;
  }, [fresh, text]);
  if (!told) return null;
  const dialogue = told.dialogues.find((each) => each.number === at);
  const leave = async () => {
    await api.closeDesk(token).catch(() => {});
    gone();
  };
  return html`<div class="desk"><header class="deskbar"><span class="no" aria-hidden="true">${CENTRE}</span><h1><span class="sr">${CENTRE} </span>${text.centres[CENTRE]}</h1><${Tag} tone="wait">${text.test}<//>
      <span class="push dim hide-s">${fill(text.desk, { number: told.desk, system: told.system_id })}</span>${told.lost ? html`<${Tag} tone="fail">${text.gone}<//>` : html`<span class="hide-s"><${Tag} tone="done" icon="check">${text.connected}<//></span>`}
      <time class="mono">${local(told.now)}</time><button type="button" class="btn" onClick=${leave}>${text.logout}</button></header>
    <${List} told=${told} at=${at} pick=${pick} text=${text} closed=${closed} show=${show} />
    <${Where} dialogue=${dialogue} told=${told} text=${text} towns=${towns} />
    ${dialogue ? html`<${Talk} key=${dialogue.number} dialogue=${dialogue} told=${told} text=${text} token=${token} again=${again} />` : html`<section class="pane desk-talk" aria-label=${text.answer}><p class="nothing dim">${told.dialogues.length ? text.pick : text.none}</p></section>`}</div>`;
}

function Page() {
  const text = TEXTS[useLanguage()];
  const [token, keep] = useState(() => sessionStorage.getItem(KEPT) ?? "");
  const enter = (given) => {
    sessionStorage.setItem(KEPT, given);
    keep(given);
  };
  const gone = useCallback(() => {
    sessionStorage.removeItem(KEPT);
    keep("");
  }, []);
  useEffect(() => {
    document.body.className = token ? "at-desk" : "public";
    if (!token) document.title = `${text.login} · ${CENTRE}`;
  }, [token, text]);
  return token ? html`<${Work} token=${token} gone=${gone} text=${text} />` : html`<${Login} text=${text} enter=${enter} />`;
}

render(html`<${Page} />`, document.body);
