// Small things that many pages show.
import { Glyph } from "./glyph.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icon.js";

/** Put `text` on the clipboard; without permission a hidden field does it. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "sr";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/** A button that says that it has copied. `text` is a string or a function that gives (a promise of) one. */
export function Copy({ text, label, children, icon = true, ...rest }) {
  const [done, say] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const press = async () => {
    await copy(typeof text === "function" ? await text() : text);
    say(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => say(false), 1600);
  };
  return html`<button type="button" class=${children ? "btn" : "btn icon"} aria-label=${label} onClick=${press} ...${rest}>
    ${(icon || done) && html`<${Icon} name=${done ? "check" : "copy"} />`}${children}
    <span class="sr" role="status">${done ? "Copied" : ""}</span>
  </button>`;
}

export const Tag = ({ tone = "", glyph, icon, line, solid, children, ...rest }) => html`<span
  class=${`tag ${tone}${line ? " line" : ""}${solid ? " solid" : ""}`} ...${rest}
  >${glyph && html`<${Glyph} name=${glyph} tone=${tone} />`}${icon && html`<${Icon} name=${icon} />`}${children}</span>`;

/** A row of tabs; `tabs` is a list of [key, word, count]. */
export function Tabs({ tabs, at, pick, label, className = "" }) {
  const keys = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = tabs.findIndex(([key]) => key === at);
    const next = tabs[(index + step + tabs.length) % tabs.length][0];
    pick(next);
    event.currentTarget.querySelector(`[data-key="${CSS.escape(next)}"]`)?.focus();
  };
  return html`<span class=${`tabs ${className}`} role="tablist" aria-label=${label} onKeyDown=${keys}>${tabs.map(
    ([key, word, count]) => html`<button type="button" role="tab" key=${key} data-key=${key} aria-selected=${String(key === at)}
      tabindex=${key === at ? 0 : -1} onClick=${() => pick(key)}>${word}${count != null && html` <b>${count}</b>`}</button>`
  )}</span>`;
}

export const Switch = ({ icon, label, hint, on, set, disabled }) => html`<label class="set switch">
  <span>${icon && html`<${Icon} name=${icon} />`}<span>${label}${hint && html`<br /><span class="dim hint-s">${hint}</span>`}</span></span>
  <input type="checkbox" role="switch" checked=${on} disabled=${disabled} onChange=${(event) => set(event.currentTarget.checked)} />
</label>`;

/** Grey shapes of the right size, but only when the wait is longer than 200 ms. */
export function Waiting({ children }) {
  const [shown, show] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => show(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return shown ? html`<div aria-busy="true">${children ?? html`<p class="nothing dim">Reading…</p>`}</div>` : null;
}

/** What went wrong, where the thing would have been. */
export const Wrong = ({ error, again }) => html`<div class="nothing fail" role="alert">
  <p><b>${error.body?.title ?? "It could not be read"}</b></p>
  <p>${error.message}</p>
  ${again && html`<p><button type="button" class="btn" onClick=${again}>Try again</button></p>`}
</div>`;

export const Sparkline = ({ values, tone, label }) => {
  const top = Math.max(1, ...values);
  const x = (index) => ((index * 120) / Math.max(1, values.length - 1)).toFixed(1);
  const y = (value) => (24 - (21 * value) / top).toFixed(1);
  const line = values.map((value, index) => `${index ? "L" : "M"}${x(index)} ${y(value)}`).join("");
  return html`<svg class=${`spark ${tone}`} viewBox="0 0 120 26" role="img" aria-label=${label}>
    ${values.length > 1 && html`<path class="f" d=${`${line}V26H0z`} /><path d=${line} />`}
  </svg>`;
};
