// What is searched for: the field, the grammar in one line, the counts by state.
import { count } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, useRef } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { STATES } from "../base/words.js";
import { press, useKeys } from "./keys.js";
import { setQuery } from "./route.js";
import { useTyped } from "./use.js";

const GRAMMAR = ["from:", "to:", "state:", "reason:", "zone:", "system:", "kind:", "tag:", "since:10m", '"exact words"', "-not"];
const CHIPS = ["waiting", "sent", "held", "scheduled", "delivered", "expired", "undeliverable", "rejected", "refused"];
const BY_WORD = { sent: "underway" };

/** The state that a search names, and the search without it. */
export function withState(q, state) {
  const rest = q.replace(/(^|\s)state:\S+/g, " ").replace(/\s+/g, " ").trim();
  return [rest, state ? `state:${state}` : ""].filter(Boolean).join(" ");
}

export function SearchBox({ q, error, counts, searching }) {
  const field = useRef(null);
  const [text, type, search] = useTyped(q, (words) => setQuery({ q: words, id: null }));
  useKeys({ "/": () => field.current.focus() });
  const keys = (event) => {
    if (event.key === "Escape") {
      field.current.blur();
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      field.current.blur();
      search();
      press("first");
    }
  };
  const put = (word) => {
    const start = text && !text.endsWith(" ") ? `${text} ` : text;
    type(start + word);
    field.current.focus();
  };
  return html`<form class=${`search${error ? " bad" : ""}`} role="search" onSubmit=${(event) => event.preventDefault()}>
      <${Icon} name="search" /><input ref=${field} class="q" type="search" aria-label="Search messages" placeholder="from: to: state: reason: zone: since: …"
        autocomplete="off" spellcheck="false" value=${text} aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? "bad" : undefined}
        onInput=${(event) => type(event.currentTarget.value)} onKeyDown=${keys}
        onFocus=${() => searching(true)} onBlur=${() => searching(false)} /><kbd>/</kbd></form>
    ${error ? html`<${Bad} error=${error} />` : html`<p class="grammar" aria-label="What a search can say">${GRAMMAR.map(
      (word) => html`<button type="button" key=${word} onClick=${() => put(word)}>${word}</button> `)}</p>`}
    <${Chips} q=${q} counts=${counts} />`;
}

function Bad({ error }) {
  const { at: position, length } = error.body ?? {};
  return html`<p class="err2" id="bad" role="alert">
    ${position != null && html`<span class="mono" aria-hidden="true">${" ".repeat(position)}${"^".repeat(Math.max(1, length ?? 1))}</span><br />`}
    <${Glyph} name="failed" tone="fail" /> ${error.message}</p>`;
}

function Chips({ q, counts }) {
  const at = /(?:^|\s)state:(\S+)/.exec(q)?.[1];
  const chip = (state, children, number) => {
    const name = BY_WORD[state] ?? state;
    const on = at ? at === name || at === state : !state;
    return html`<button type="button" key=${state ?? "all"} class=${`chip ${state ? STATES[state][2] : ""}`} aria-pressed=${String(on)}
      onClick=${() => setQuery({ q: withState(q, on ? "" : name), id: null })}>${children}${number != null && html` <b>${count(number)}</b>`}</button>`;
  };
  const of = (state) => counts?.stages[BY_WORD[state] ?? state];
  const there = CHIPS.filter((state) => of(state) || STATES[state] && at === (BY_WORD[state] ?? state));
  return html`<div class="chips" role="group" aria-label="States">${chip("", "All", counts && counts.total + (at ? 0 : counts.stages.refused ?? 0))}${there.map((state) =>
    chip(state, html`<${Glyph} name=${STATES[state][1]} tone=${STATES[state][2]} />${STATES[state][0]}`, of(state) ?? 0))}</div>`;
}
