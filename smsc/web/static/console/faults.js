// Faults: what goes wrong on purpose, one press each; the rules with what they have seen and done.
import * as api from "../base/api.js";
import { count, plural } from "../base/format.js";
import { html, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Tag, Waiting, Wrong } from "../base/parts.js";
import { fail } from "./bars.js";
import { read as readCounts } from "./counts.js";
import { useAnswer } from "./use.js";

/** [words, what a peer meets, the rule]. */
const PRESETS = [
  ["Throttle", "every 10th: ESME_RTHROTTLED", { action: "status", status: "ESME_RTHROTTLED", every: 10 }],
  ["Slow", "answers after 5 s", { action: "delay", seconds: 5 }],
  ["Answer never", "submit_sm is swallowed", { action: "never" }],
  ["Answer twice", "the same response again", { action: "twice" }],
  ["Wrong sequence", "response to a number never sent", { action: "sequence" }],
  ["Drop", "closes before it answers, every 20th", { action: "drop_before", every: 20 }],
  ["Malformed", "the response is cut short, every 10th", { action: "malformed", shape: "truncated", every: 10 }],
  ["System error", "every 3rd: ESME_RSYSERR", { action: "status", status: "ESME_RSYSERR", every: 3 }],
];
const STATUS = { ESME_RTHROTTLED: 0x58, ESME_RSYSERR: 0x08 };
const NAMES = Object.fromEntries(Object.entries(STATUS).map(([name, number]) => [number, name]));

const same = (rule, preset) =>
  Object.entries(preset).every(([key, value]) => rule[key] === value || (key === "status" && rule[key] === STATUS[value])) && !rule.system_id;

const words = (rule) =>
  Object.entries(rule)
    .filter(([key]) => key !== "action")
    .map(([key, value]) => `${key} ${key === "status" ? (NAMES[value] ?? value) : value}`)
    .join(", ");

function AddRule({ add }) {
  const [text, type] = useState('{"action": "delay", "seconds": 1, "system_id": "shop"}');
  const [error, say] = useState("");
  const submit = (event) => {
    event.preventDefault();
    try {
      add(JSON.parse(text));
      say("");
    } catch (wrong) {
      say(wrong.message);
    }
  };
  return html`<form class="rule" onSubmit=${submit}><label for="rule">Another rule, as [[faults]] of the configuration</label>
    <div class="rule-row"><input id="rule" class="field mono" value=${text} aria-invalid=${error ? "true" : undefined} aria-describedby="rule-e" onInput=${(event) => type(event.currentTarget.value)} /><button class="btn">Add</button></div>
    <p id="rule-e" class="err2" role="alert">${error}</p></form>`;
}

export function Page() {
  const { value, error, again } = useAnswer((signal) => api.faults(signal), [], { concerns: () => true, pause: 1000 });
  if (!value) return html`<div class="page">${error ? html`<${Wrong} error=${error} again=${again} />` : html`<${Waiting} />`}</div>`;
  const { rules, seen, fired, seed } = value;
  const put = async (next) => {
    await api.putFaults({ seed, rules: next }).catch(fail);
    again();
    readCounts();
  };
  const all = fired.reduce((sum, each) => sum + each, 0);
  return html`<div class="page"><div class="head"><div><h1>Faults</h1><p class="dim">What goes wrong on purpose, for every bind, until it is turned off. The seed is ${seed}: the same seed gives the same faults.</p></div></div>
    <section class="card" aria-label="Presets"><header><h2>Presets</h2>${rules.length > 0 && html`<${Tag} tone="wait" icon="faults">${rules.length} on<//>`}<span class="dim">${rules.length ? `fired ${plural(all, "time")}` : "none is on"}</span>
      ${rules.length > 0 && html`<span class="push"><button type="button" class="btn" onClick=${() => put([])}>Turn all off</button></span>`}</header>
      <div class="presets">${PRESETS.map(([word, about, preset]) => {
        const on = rules.some((rule) => same(rule, preset));
        return html`<button type="button" key=${word} class="preset wait" aria-pressed=${String(on)} onClick=${() => put(on ? rules.filter((rule) => !same(rule, preset)) : [...rules, preset])}>
          <strong>${on && html`<${Icon} name="check" />`}${word}</strong><span>${about}</span></button>`;
      })}</div></section>
    <section class="card wide-card" tabindex="0" aria-label="Rules in force"><header><h2>Rules in force</h2><span class="dim">the first that fires wins</span></header>
      ${rules.length ? html`<table class="grid-t small-t"><thead><tr><th scope="col">What happens</th><th scope="col">When</th><th scope="col" class="r">Seen</th><th scope="col" class="r">Fired</th><th><span class="sr">Remove</span></th></tr></thead><tbody>${rules.map(
        (rule, index) => html`<tr key=${index}><td><b>${rule.action}</b></td><td class="mono">${words(rule) || "every submit_sm"}</td><td class="r">${count(seen[index] ?? 0)}</td><td class="r">${count(fired[index] ?? 0)}</td>
          <td class="r"><button type="button" class="btn bare icon" aria-label=${`Remove the rule ${rule.action}`} onClick=${() => put(rules.filter((_, other) => other !== index))}><${Icon} name="x" /></button></td></tr>`)}</tbody></table>`
        : html`<p class="nothing dim">Nothing goes wrong on purpose. A preset above makes it so at once.</p>`}
      <${AddRule} add=${(rule) => put([...rules, rule])} /></section></div>`;
}
