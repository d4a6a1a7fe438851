// Scenarios: pick one that comes along or drop a file, run it, and see each expectation.
import * as api from "../base/api.js";
import { plural, span } from "../base/format.js";
import { Glyph } from "../base/glyph.js";
import { html, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Tag, Waiting, Wrong } from "../base/parts.js";
import { setQuery } from "./route.js";
import { useAnswer } from "./use.js";

const words = (what) =>
  Array.isArray(what) ? what.join(", ") : typeof what === "object" ? Object.entries(what).map(([key, value]) => `${key} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ") : String(what);

function Steps({ steps }) {
  return html`<ol class="scene">${steps.map((step, index) => html`<li key=${index}><span class="mono dim">${step.at}</span><${Tag} tone=${step.kind === "expect" ? "done" : ""} line=${step.kind !== "expect"}>${step.kind}<//><span class="mono">${words(step.what)}</span></li>`)}</ol>`;
}

function Outcome({ result }) {
  return html`<section class="card" aria-label="Result" role="status"><header><${Tag} tone=${result.passed ? "done" : "fail"} glyph=${result.passed ? "delivered" : "failed"}>${result.passed ? "passed" : "failed"}<//><h3>${result.title}</h3>
      <span class="dim">${plural(result.messages, "message")}, ${span(result.simulated_seconds * 1000)} in ${span(Math.max(1, result.seconds * 1000))}</span></header>
    <ol class="scene">${result.checks.map((check, index) => html`<li key=${index} class=${check.problem ? "fail" : "done"}><span class="mono dim">${span(Math.max(1, check.at * 1000))}</span><${Glyph} name=${check.problem ? "failed" : "delivered"} tone=${check.problem ? "fail" : "done"} label=${check.problem ? "does not hold" : "holds"} /><span>${check.name}${check.problem && html`<br /><span class="fail-ink">${check.problem}</span>`}</span></li>`)}</ol></section>`;
}

export function Page({ route }) {
  const { value, error, again } = useAnswer((signal) => api.scenarios(signal), []);
  const [own, keep] = useState(null);
  const [run, ran] = useState({});
  const file = useRef(null);
  const name = route.query.get("name") ?? "";
  const list = value?.scenarios ?? [];
  const chosen = own ?? list.find((each) => each.name === name) ?? list[0];
  const start = async () => {
    ran({ busy: true });
    try {
      ran({ result: await api.runScenario(own ? { toml: own.toml } : { name: chosen.name }) });
    } catch (wrong) {
      ran({ error: wrong });
    }
  };
  const take = async (files) => {
    const [given] = files;
    if (!given) return;
    keep({ name: given.name, title: given.name, story: "Your own.", toml: await given.text(), steps: [] });
    ran({});
  };
  return html`<div class="page" onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => {
      event.preventDefault();
      take(event.dataTransfer.files);
    }}><div class="head"><div><h1>Scenarios</h1><p class="dim">Whole situations as files. Each runs in a world and on a clock of its own; nothing of this server changes.</p></div>
      <span class="push"><button type="button" class="btn" onClick=${() => file.current.click()}><${Icon} name="file" />Your own file</button><input ref=${file} class="sr" tabindex="-1" type="file" accept=".toml" aria-label="A scenario file" onChange=${(event) => take(event.currentTarget.files)} /></span></div>
    ${error && html`<${Wrong} error=${error} again=${again} />`}${!value && !error && html`<${Waiting} />`}
    ${chosen && html`<div class="cols"><ul class="span-4 starts" aria-label="Scenarios">${list.map((each) => html`<li key=${each.name}><button type="button" class="preset" aria-pressed=${String(!own && each === chosen)} onClick=${() => {
        keep(null);
        ran({});
        setQuery({ name: each.name });
      }}><${Icon} name="scenarios" /><span><strong>${each.title}</strong><span>${each.name}</span></span></button></li>`)}</ul>
      <div class="span-8 stack-gap"><section class="card" aria-label=${chosen.title}><header><h2>${chosen.title}</h2><span class="push"><button type="button" class="btn go" disabled=${run.busy} onClick=${start}><${Icon} name="play" />${run.busy ? "It runs…" : "Run it"}</button></span></header>
        <p class="pad-x then">${chosen.story}</p>${own ? html`<div class="pad"><div class="snip"><pre tabindex="0">${own.toml}</pre></div></div>` : html`<${Steps} steps=${chosen.steps} />`}</section>
        ${run.error && html`<section class="card"><${Wrong} error=${run.error} /></section>`}${run.result && html`<${Outcome} result=${run.result} />`}</div></div>`}
  </div>`;
}
