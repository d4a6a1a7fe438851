// The keyboard. A page registers what its keys do while it is shown; none work while a field has the focus.
// What is pressed before a page can answer waits for it, in order: who types fast loses nothing on a busy machine.
import { useLayoutEffect, useRef } from "../base/html.js";

const PREFIX_MS = 1500;
const STALE_MS = 10_000;
const KEPT = 64;
const DONE = 1;
const LATER = 2;

const layers = [];
/** Presses that nobody could answer yet: [{key, name, at}]. */
const waiting = [];
let prefix = "";
let prefixed = 0;
let replaying = false;
let timer = 0;

const fieldOf = (node) => node?.closest?.("input:not([type=checkbox]), textarea, select, dialog");
/** Enter and Space belong to a link or a button that has the focus. */
const isNative = ({ key, target }) => (key === "Enter" || key === " ") && target.closest?.("a, button, summary");

/** Do what `name` means now: DONE, LATER when its page is not ready, or undefined when it means nothing. */
function act(name, at, event) {
  const key = prefix && at - prefixed < PREFIX_MS ? `${prefix} ${name}` : name;
  prefix = "";
  for (const layer of [...layers].reverse()) {
    const { keys, ready } = layer.current;
    if (!keys[key]) continue;
    if (!ready) return LATER;
    if (keys[key](event) !== false) return DONE;
  }
  if (layers.some((layer) => Object.keys(layer.current.keys).some((each) => each.startsWith(`${name} `)))) {
    prefix = name;
    prefixed = at;
    return undefined;
  }
  return layers.every((layer) => layer.current.ready) ? undefined : LATER;
}

function keep(press) {
  if (waiting.length < KEPT) waiting.push(press);
  soon();
}

function pressed(event) {
  if (replaying || event.defaultPrevented || event.altKey) return;
  if (event.key === "Tab") waiting.length = 0;
  const command = event.metaKey || event.ctrlKey;
  const name = command ? `Ctrl ${event.key.toLowerCase()}` : event.key;
  const plain = !command && (event.key.length === 1 || event.key === "Enter" || event.key === "Escape");
  const at = event.timeStamp;
  if (waiting.length && at - waiting[0].at > STALE_MS) waiting.length = 0;
  if (waiting.length) {
    if (!plain && !layers.some((layer) => layer.current.keys[name])) return;
    keep({ key: event.key, name, at });
    event.preventDefault();
    return;
  }
  if (!command && name !== "Escape" && fieldOf(event.target)) return;
  const came = act(name, at, event);
  if (came === DONE) event.preventDefault();
  if (came === LATER && (plain || command) && event.key !== " " && !isNative(event)) {
    if (command && !layers.some((layer) => layer.current.keys[name])) return;
    keep({ key: event.key, name, at });
    event.preventDefault();
  }
}

/** What would have happened in a field, had it had the focus then. */
function type(field, { key }) {
  if (key.length === 1) {
    document.execCommand("insertText", false, key);
    return;
  }
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  if (document.activeElement.dispatchEvent(event) && key === "Enter") field.form?.requestSubmit();
}

function drain() {
  timer = 0;
  const [press] = waiting;
  if (!press) return;
  const field = fieldOf(document.activeElement);
  if (field && press.name === press.key) {
    replaying = true;
    type(field, press);
    replaying = false;
  } else if (act(press.name, press.at) === LATER) return;
  waiting.shift();
  soon();
}

function soon() {
  if (waiting.length && !timer) timer = setTimeout(drain, 0);
}

/** Do what `name` means as soon as its page is ready, after all that was pressed before. */
export function press(name) {
  keep({ key: "", name, at: performance.now() });
}

addEventListener("keydown", pressed);
addEventListener("pointerdown", () => {
  waiting.length = 0;
  prefix = "";
});

/** `keys` maps "j", "g m", "Ctrl k" or "Escape" to a function; false from it hands the key to those below. What is
 * pressed while the page is not `ready` is done when it is. */
export function useKeys(keys, ready = true) {
  const layer = useRef(null);
  layer.current = { keys, ready };
  useLayoutEffect(() => {
    layers.push(layer);
    return () => layers.splice(layers.indexOf(layer), 1);
  }, []);
  useLayoutEffect(soon);
}
