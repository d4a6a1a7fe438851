// The first visit: no message yet, and how to send one.
import * as api from "../base/api.js";
import { html, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Copy, Tabs } from "../base/parts.js";
import { useStore } from "../base/store.js";
import { fail } from "./bars.js";
import { server } from "./counts.js";
import { go, to } from "./route.js";
import { snippets, TEST } from "./snippets.js";
import { setMode } from "./time.js";

/** Stories that begin with one press: each makes something true and shows it. */
const STORIES = [
  ["pin", "A phone in a tunnel", "A message waits at 4799000020; drive it out and it arrives.", async () => {
    await setMode("manual");
    await api.hold("4799000020", true);
    return show(await api.send({ source: "4790000001", destination: "4799000020", text: "Er du framme?", registered_delivery: 1 }));
  }],
  ["power", "A phone that is switched off", "72 hours of attempts in one second, then EXPIRED.", async () => {
    await setMode("manual");
    return show(await api.send({ source: "4790000001", destination: "4799000007", text: "Ring meg", registered_delivery: 1 }));
  }],
  ["services", "An emergency message to 112", "From a registered number, with its position, to the centre.", async () =>
    show(await api.send({ source: "4790000112", destination: "112", text: "Innbrudd i Storgata 1", registered_delivery: 0 }))],
  ["faults", "An SMSC that throttles", "Every tenth submission is answered ESME_RTHROTTLED.", async () => {
    await api.putFaults({ rules: [{ action: "status", status: "ESME_RTHROTTLED", every: 10 }] });
    go(to("faults"));
  }],
];
const show = (message) => go(to("m", message.id));

export const Snippet = ({ text, label }) => html`<div class="snip"><${Copy} text=${text} label=${label} /><pre tabindex="0">${text}</pre></div>`;

export function Empty() {
  const { smpp = "", http = location.origin, password = "1234" } = useStore(server);
  const [client, pick] = useState("python");
  const at = smpp.lastIndexOf(":");
  const host = smpp.slice(0, at) || location.hostname;
  const port = smpp.slice(at + 1) || "2775";
  const all = snippets({ host, port, http: http.startsWith("http") ? http : `http://${http}`, password });
  const [, , text, about] = all.find(([key]) => key === client);
  return html`<div class="empty" tabindex="-1"><div class="empty-l">
      <p class="tag line" role="status"><span class="pulse"></span>Listening on <span class="mono">${smpp || `${host}:${port}`}</span></p>
      <h1>No message has come yet.<br />Send the first one.</h1>
      <p class="then">Connect any SMPP client. Phones bind with their number and the password <code>${password}</code>. What you send appears here at once, with what became of it and why.</p>
      <dl class="conn card"><div><dt>SMPP</dt><dd>${host}:${port}</dd></div><div><dt>system_id</dt><dd>4790000001</dd></div><div><dt>password</dt><dd>${password}</dd></div><div><dt>to</dt><dd>4790000002</dd></div></dl>
      <h2>Or begin with a story</h2>
      <ul class="starts">${STORIES.map(([icon, title, about, begin]) => html`<li key=${title}><button type="button" class="preset" onClick=${() => begin().catch(fail)}><${Icon} name=${icon} /><span><strong>${title}</strong><span>${about}</span></span></button></li>`)}</ul>
    </div><div class="empty-r">
      <section class="card" aria-label="With your client"><header class="tabrow"><${Tabs} label="Client" tabs=${all.map(([key, word]) => [key, word])} at=${client} pick=${pick} /></header>
        <div class="pad"><${Snippet} text=${text} label="Copy these lines" /><p class="dim about">${about} Ports and names above are those of this server.</p></div></section>
      <section class="card" aria-label="In a test"><header><h2>In a test</h2></header><div class="pad"><${Snippet} text=${TEST} label="Copy the test" /></div></section>
    </div></div>`;
}
