// Everything by name: pages, the clock, a message by its id, a phone by its number.
import { html, useMemo, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { useKeys } from "./keys.js";
import { toggleNotifying } from "./notify.js";
import { PAGES } from "./rail.js";
import { go, to } from "./route.js";
import { setMode, steps, useClock } from "./time.js";

/** A dialog that is always there, so that the key that opens it gives it the focus before the next key. */
function useDialog(key, begin = () => {}) {
  const dialog = useRef(null);
  const [shown, show] = useState(false);
  const open = () => {
    if (dialog.current.open) return;
    begin();
    show(true);
    dialog.current.showModal();
  };
  useKeys({ [key]: open });
  const attributes = {
    ref: dialog,
    onClose: () => show(dialog.current.open),
    onClick: (event) => event.target === dialog.current && dialog.current.close(),
  };
  return [dialog, open, shown, attributes];
}

const visit = (address) => {
  document.getElementById("main").focus({ preventScroll: true });
  go(address);
};

function commands(text, manual) {
  const found = [];
  const add = (icon, word, act, keys = "") => found.push({ icon, word, act, keys });
  const digits = text.replace(/[\s+]/g, "");
  if (/^\d{3,15}$/.test(digits)) {
    if (digits.length > 8) add("messages", `Message ${digits}`, () => visit(to("m", digits)));
    if (digits.length >= 8) add("phone", `Phone ${digits}`, () => visit(to("phones", digits)));
    add("services", `How is ${digits} read as a number?`, () => visit(to("services", "", { number: digits })));
  }
  if (text) add("search", `Messages that match ${text}`, () => visit(to("messages", "", { q: text })));
  const fixed = [];
  const put = (icon, word, act, keys) => fixed.push({ icon, word, act, keys });
  for (const [key, word, icon, letter] of PAGES) put(icon, word, () => visit(to(key)), `g ${letter}`);
  if (manual) {
    put("skip", "Advance to what is due next", steps.next, "t n");
    put("clock", "Advance one minute", steps.minute, "t m");
    put("clock", "Advance one hour", steps.hour, "t h");
    put("clock", "Advance until idle", steps.idle, "t i");
    put("play", "Let the clock run", () => setMode("real"));
  } else put("pause", "Stop the clock", () => setMode("manual"));
  put("moon", "Dark or light", () => window.toggleTheme());
  put("bell", "Notifications on or off", toggleNotifying);
  put("file", "Keys", () => dialogs.keys(), "?");
  const words = text.toLowerCase().split(/\s+/);
  return [...fixed.filter(({ word }) => words.every((each) => word.toLowerCase().includes(each))), ...found];
}

/** What opens the dialogs. */
export const dialogs = { palette: null, keys: null };

export function Palette() {
  const [text, type] = useState("");
  const [at, point] = useState(0);
  const field = useRef(null);
  const [dialog, open, shown, attributes] = useDialog("Ctrl k", () => {
    field.current.value = "";
    type("");
    point(0);
  });
  dialogs.palette = open;
  const manual = useClock()?.mode === "manual";
  const found = useMemo(() => (shown ? commands(text.trim(), manual) : []), [shown, text, manual]);
  const run = (command) => {
    dialog.current.close();
    command?.act();
  };
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) point((index) => (index + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  };
  return html`<dialog class="palette" aria-label="Commands" ...${attributes}>
    <div class="search"><${Icon} name="search" /><input ref=${field} class="q" autofocus aria-label="Command, number or message id" role="combobox" aria-expanded="true"
      aria-controls="commands" aria-activedescendant=${`command-${at}`} placeholder="page, number, message id, words"
      value=${text} onInput=${(event) => (type(event.currentTarget.value), point(0))} onKeyDown=${keys} /><kbd>Esc</kbd></div>
    <ul id="commands" role="listbox" aria-label="Commands">${found.map(
      ({ icon, word, keys }, index) => html`<li key=${word} id=${`command-${index}`} role="option" aria-selected=${String(index === at)}
        onPointerMove=${() => point(index)} onClick=${() => run(found[index])}><${Icon} name=${icon} />${word}${keys && html`<kbd>${keys}</kbd>`}</li>`
    )}</ul>
    ${shown && !found.length && html`<p class="nothing dim">No command is called that.</p>`}
  </dialog>`;
}

const KEYS = [
  ["j / k", "next, previous"], ["Enter", "open"], ["Esc", "one step out"], ["/", "search"],
  ["x", "select"], ["#", "delete"], ["y", "copy"], [".", "newer messages"],
  ["g m p k s f v i c", "go to a page"], ["t m / t h", "one minute, one hour"], ["t n / t i", "next due, until idle"], ["Ctrl K", "commands"],
];

export function KeyHelp() {
  const [dialog, open, shown, attributes] = useDialog("?");
  dialogs.keys = open;
  return html`<dialog class="palette" aria-label="Keys" ...${attributes}>
    <header class="dialog-top"><h2>Keys</h2><button type="button" class="btn bare icon" aria-label="Close" onClick=${() => dialog.current.close()}><${Icon} name="x" /></button></header>
    ${shown && html`<dl class="keys">${KEYS.map(([key, what]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`)}</dl>`}
  </dialog>`;
}
