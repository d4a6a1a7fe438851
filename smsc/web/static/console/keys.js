// The keyboard. A page registers what its keys do while it is shown; none work while a field has the focus.
import { useEffect, useRef } from "../base/html.js";

const layers = [];
let prefix = "";
let forget = 0;

const inField = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, dialog");

function pressed(event) {
  const command = event.metaKey || event.ctrlKey;
  if (event.defaultPrevented || event.altKey) return;
  const name = command ? `Ctrl ${event.key.toLowerCase()}` : event.key;
  if (!command && name !== "Escape" && inField(event.target)) return;
  const key = prefix ? `${prefix} ${name}` : name;
  clearTimeout(forget);
  prefix = "";
  for (const layer of [...layers].reverse()) {
    const act = layer.current[key];
    if (act && act(event) !== false) {
      event.preventDefault();
      return;
    }
  }
  if (layers.some((layer) => Object.keys(layer.current).some((each) => each.startsWith(`${name} `)))) {
    prefix = name;
    forget = setTimeout(() => (prefix = ""), 1500);
  }
}

addEventListener("keydown", pressed);

/** `keys` maps "j", "g m", "Ctrl k" or "Escape" to a function; false from it hands the key to those below. */
export function useKeys(keys) {
  const layer = useRef(keys);
  layer.current = keys;
  useEffect(() => {
    layers.push(layer);
    return () => layers.splice(layers.indexOf(layer), 1);
  }, []);
}
