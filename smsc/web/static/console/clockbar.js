// The clock, on every page in the same place: mode, now, what is due, and four ways forward.
import { clock, date } from "../base/format.js";
import { html, useLayoutEffect, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { useStore } from "../base/store.js";
import { Horizon } from "./horizon.js";
import { moved, now, setMode, steps, useClock } from "./time.js";
import { useTick } from "./use.js";

const MODES = [
  ["manual", "Manual", "It stands still until you move it."],
  ["real", "Real", "A second lasts a second."],
  ["x60", "60 times as fast", "An hour lasts a minute."],
  ["x3600", "3600 times as fast", "An hour lasts a second."],
];
const nameOf = (mode) => (mode === "manual" ? "Manual" : mode === "real" ? "Real" : `× ${mode.slice(1)}`);

function ModeMenu({ mode }) {
  const [open, show] = useState(false);
  const root = useRef(null);
  useLayoutEffect(() => {
    if (!open) return undefined;
    root.current.querySelector("[role=menuitemradio][aria-checked=true], [role=menuitemradio]")?.focus();
    const away = (event) => root.current?.contains(event.target) || show(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const keys = (event) => {
    if (event.key === "Escape") {
      show(false);
      root.current.querySelector("button").focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const items = [...root.current.querySelectorAll("[role^=menuitem]")];
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    }
    if (["Escape", "ArrowDown", "ArrowUp"].includes(event.key)) event.stopPropagation();
  };
  const pick = (act) => () => {
    show(false);
    act();
  };
  return html`<div class="menu" ref=${root} onKeyDown=${open ? keys : undefined}>
    <button type="button" class="mode" aria-haspopup="menu" aria-expanded=${String(open)} title="How the clock goes. Change…"
      onClick=${() => show(!open)}><${Icon} name="clock" />${nameOf(mode)}</button>
    ${open && html`<div class="menu-list float" role="menu" aria-label="How the clock goes">
      ${MODES.map(([key, word, hint]) => html`<button type="button" role="menuitemradio" aria-checked=${String(mode === key)} tabindex="-1"
        onClick=${pick(() => setMode(key))}><b>${word}</b><span>${hint}</span></button>`)}
      ${mode === "manual" && html`<hr /><div class="menu-steps">${STEPS.map(([key, word]) => html`<button type="button" role="menuitem" tabindex="-1" class="btn"
        onClick=${pick(steps[key])}>${word}</button>`)}</div>`}
    </div>`}
  </div>`;
}

const KEY = navigator.platform.startsWith("Mac") ? "⌘K" : "Ctrl K";
const STEPS = [["minute", "+1 min", "t m"], ["hour", "+1 h", "t h"], ["next", "Next due", "t n"], ["idle", "Until idle", "t i"]];

function Steps({ told }) {
  const running = useStore(moved)?.running;
  if (told.mode !== "manual") {
    return html`<div class="join" role="group" aria-label="Advance the clock">
      <button type="button" class="btn keep" title="Then you can move it" onClick=${() => setMode("manual")}>Stop the clock</button></div>`;
  }
  const off = { next: !told.next, idle: !told.next };
  return html`<div class="join" role="group" aria-label="Advance the clock">${STEPS.map(
    ([key, word, keys]) => html`<button type="button" key=${key} title=${keys} disabled=${running || off[key]}
      class=${`btn${key === "next" ? ` keep${off.next ? "" : " soft"}` : ""}`} onClick=${steps[key]}>
      ${key === "next" && html`<${Icon} name="skip" />`}${word}</button>`
  )}</div>`;
}

export function ClockBar({ palette }) {
  const told = useClock();
  useTick(told?.rate ? (told.rate > 1 ? 100 : 1000) : 60_000);
  const at = now();
  return html`<section class="clock" aria-label="Clock">
    ${told && html`<${ModeMenu} mode=${told.mode} />
      <div class="now"><time datetime=${new Date(at).toISOString()}>${clock(at, told.mode === "manual")}</time><span class="date">${date(at)} UTC</span></div>
      <${Horizon} told=${told} /><${Steps} told=${told} />`}
    <div class="tools">
      <button type="button" class="btn bare wide" aria-label=${`Commands, ${KEY}`} aria-keyshortcuts="Control+K" onClick=${palette}><${Icon} name="search" /><kbd>${KEY}</kbd></button>
      <button type="button" class="btn bare icon" aria-label="Dark or light" onClick=${() => window.toggleTheme()}><${Icon} name="moon" /></button>
    </div>
  </section>`;
}
