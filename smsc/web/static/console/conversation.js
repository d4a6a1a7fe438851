// What a phone got and sent, as bubbles; and writing as this phone.
import * as api from "../base/api.js";
import { clock, day, ms, sameDay, span } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { Waiting, Wrong } from "../base/parts.js";
import { STATES, stateOf } from "../base/words.js";
import { fail } from "./bars.js";
import { to } from "./route.js";
import { reasonLine } from "./row.js";
import { now } from "./time.js";
import { useAnswer } from "./use.js";

const KEPT = 100;

/** The latest messages to and from a number, oldest first. */
export function useConversation(number) {
  return useAnswer(
    async (signal) => {
      const [came, went] = await Promise.all(
        ["to", "from"].map((way) => api.messages({ q: `${way}:${number}`, order: "newest", limit: KEPT }, signal))
      );
      const all = new Map([...came.messages, ...went.messages].map((message) => [message.id, message]));
      return [...all.values()].sort((a, b) => Number(a.id) - Number(b.id)).slice(-KEPT);
    },
    [number],
    { concerns: ({ event, source, destination }) => event.startsWith("message") && (source === number || destination === number) }
  );
}

function Bubble({ message, mine }) {
  const key = stateOf(message);
  const [word, glyph, tone] = STATES[key];
  const at = ms(message.submitted_at);
  const ended = ms(message.final_at);
  const arrived = ["delivered", "receipt", "accepted"].includes(key);
  const side = mine ? " out" : "";
  const other = mine ? message.destination : message.source;
  const who = html`${mine ? "to" : "from"} <${Num} n=${other || "?"} />`;
  const shape = arrived ? "" : ` ${tone} pending`;
  return html`<p class=${`b${side}${shape}`} lang="nb">${message.text || html`<i>no text</i>`}</p>
    <p class=${`bm${side} ${arrived ? "" : tone}`}>${
      arrived
        ? html`${who} · <a class="quiet" href=${to("m", message.id)}>${clock(mine ? at : ended)}</a>${
            mine ? html` <${Glyph} name="receipt" tone="done" label="delivered" /> delivered ${sameDay(at, ended) ? clock(ended) : `${day(ended)} ${clock(ended)}`}` : ended - at > 1000 ? ` · after ${span(ended - at)}` : ""}`
        : html`<${Glyph} name=${glyph} tone=${tone} label=${word} /><a class="why" href=${to("m", message.id)}>${reasonLine(message, now()) || word}</a> · ${who} · ${clock(at)}`
    }</p>`;
}

function Write({ number, messages }) {
  const last = messages.at(-1);
  const other = last ? (last.source === number ? last.destination : last.source) : "";
  const [text, type] = useState("");
  const [whom, address] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    const destination = (whom ?? other).trim();
    if (!text || !destination) return;
    type("");
    try {
      await api.send({ source: number, destination, text, registered_delivery: 1 });
    } catch (error) {
      fail(error);
      type((typed) => typed || text);
    }
  };
  const keys = (event) => {
    if (event.key === "Enter" && !event.shiftKey) send(event);
    if (event.key === "Escape") event.currentTarget.blur();
  };
  return html`<form class="write" onSubmit=${send}><label class="sr" for="write">Write as this phone</label>
    <textarea id="write" class="field" rows="1" placeholder=${`Write as ${number} …`} value=${text} onInput=${(event) => type(event.currentTarget.value)} onKeyDown=${keys}></textarea>
    <label class="write-to"><span class="dim">to</span><input class="field mono" aria-label="To" value=${whom ?? other} onInput=${(event) => address(event.currentTarget.value)} /></label>
    <button class="btn go"><${Icon} name="send" />Send</button></form>`;
}

export function Conversation({ number, talk }) {
  const box = useRef(null);
  const atEnd = useRef(true);
  const messages = talk.value;
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [messages]);
  useEffect(() => {
    atEnd.current = true;
  }, [number]);
  const scrolled = ({ currentTarget: node }) => {
    atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < 40;
  };
  let before = 0;
  return html`<div class="talk"><div class="scroll" tabindex="0" role="region" aria-label="Conversation" ref=${box} onScroll=${scrolled}>
      ${!messages && (talk.error ? html`<${Wrong} error=${talk.error} again=${talk.again} />` : html`<${Waiting} />`)}
      ${messages?.length === 0 && html`<p class="day">Nothing has come or gone yet. Write as this phone below, or send to ${number}.</p>`}
      ${messages?.map((message) => {
        const at = ms(message.submitted_at);
        const head = !before || !sameDay(at, before);
        before = at;
        return html`<div class="bubble-row" key=${message.id}>${head && html`<p class="day">${sameDay(at, now()) ? `Today, ${day(at)}` : day(at)}</p>`}<${Bubble} message=${message} mine=${message.source === number} /></div>`;
      })}
    </div>${messages && html`<${Write} number=${number} messages=${messages} />`}</div>`;
}
