// Services: how a number is read, first; then what answers at special numbers, and the contact register.
import { html } from "../base/html.js";
import { Tabs } from "../base/parts.js";
import { Explorer } from "./explorer.js";
import { Codes, Contacts, Emergency, Helplines, Interconnects } from "./registers.js";
import { setQuery } from "./route.js";

const TABS = [["numbers", "Numbers", Explorer], ["emergency", "Nød-SMS", Emergency], ["helplines", "116", Helplines], ["codes", "Codes and charges", Codes], ["contacts", "Contact register", Contacts], ["interconnects", "Interconnects", Interconnects]];

export function Page({ route }) {
  const at = route.query.get("tab") ?? "numbers";
  const [, , Shown] = TABS.find(([key]) => key === at) ?? TABS[0];
  return html`<div class="page"><div class="head"><div><h1>Services</h1><p class="dim">What the special numbers of the plan do, and who is registered for what.</p></div>
      <span class="push"><${Tabs} label="Which service" tabs=${TABS.map(([key, word]) => [key, word])} at=${at} pick=${(key) => setQuery({ tab: key })} /></span></div>
    <${Shown} route=${route} /></div>`;
}
