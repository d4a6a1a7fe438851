// The number explorer: type a number, see how the plan reads it, step by step, and why.
import * as api from "../base/api.js";
import { html } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Tag, Waiting, Wrong } from "../base/parts.js";
import { why } from "../base/words.js";
import { setQuery, to } from "./route.js";
import { useAnswer, useTyped } from "./use.js";

const EXAMPLES = ["900 00 001", "004759555112", "22334455", "112", "116 111", "2097", "+4712", "580000000001", "1412", "68050001"];

const Yes = ({ on, children }) => html`<${Tag} tone=${on ? "done" : "fail"} icon=${on ? "check" : "x"}>${children}<//>`;

function Reading({ reading }) {
  const word = String(reading.type ?? "nothing").replaceAll("_", " ");
  return html`<section class="card" aria-label="How it is read"><header><h2>${word}</h2><span class="dim mono">${reading.e164 ?? reading.national ?? ""}</span></header>
    <div class="pad"><p class="acts tight-acts"><${Yes} on=${reading.can_receive_sms}>${reading.can_receive_sms ? "takes SMS" : "takes no SMS"}<//><${Yes} on=${reading.can_send_sms}>${reading.can_send_sms ? "can send" : "cannot send"}<//>
      ${reading.charging && html`<${Tag} line title="who pays">${String(reading.charging).replaceAll("_", " ")}<//>`}
      ${reading.reason && html`<${Tag} tone="fail" title=${reading.reason}>${why(reading.reason)}<//>`}</p>
      <h3>Step by step</h3><ol class="steps-read">${reading.steps.map((step, index) => html`<li key=${index}><p>${step.en}</p><p class="dim" lang="nb">${step.nb}</p></li>`)}</ol>
      ${/^\+47[49]\d{7}$/.test(reading.e164 ?? "") && html`<p class="acts"><a class="btn" href=${to("phones", reading.e164.slice(1))}><${Icon} name="phone" />Open the phone</a></p>`}</div></section>`;
}

export function Explorer({ route }) {
  const asked = route.query.get("number") ?? "";
  const [text, type] = useTyped(asked, (number) => setQuery({ number }));
  const { value, error } = useAnswer((signal) => (asked ? api.number(asked, signal) : Promise.resolve(null)), [asked]);
  return html`<div class="explorer"><form class="card pad-all" role="search" onSubmit=${(event) => event.preventDefault()}><label for="number">A number, as somebody dials it</label>
      <input id="number" class="field mono big" autocomplete="off" inputmode="tel" value=${text} onInput=${(event) => type(event.currentTarget.value)} placeholder="900 00 001" />
      <p class="dim small">Read on its full length, with country code and 00 or +, as the router reads a destination.</p>
      <p class="grammar bare-grammar">${EXAMPLES.map((each) => html`<button type="button" key=${each} onClick=${() => type(each)}>${each}</button> `)}</p></form>
    <div>${error ? html`<${Wrong} error=${error} />` : value ? html`<${Reading} reading=${value} />` : asked ? html`<${Waiting} />` : html`<section class="card nothing"><p><b>Type a number.</b></p><p class="dim">What it is, whether it can send and take SMS, who pays, and which source of the plan says so.</p></section>`}</div></div>`;
}
