// The map as a list: zones with their coverage, phones with theirs. For who cannot or will not see the picture.
import { count } from "../base/format.js";
import { html } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { coverageAt } from "./places.js";
import { setQuery } from "./route.js";

const SHOWN = 200;

export function MapList({ world, at, pick, pickZone }) {
  return html`<section class="float maplist" aria-label="The map as a list"><div class="card-top"><h2>The map as a list</h2><button type="button" class="btn bare icon" aria-label="Close the list" onClick=${() => setQuery({ list: null })}><${Icon} name="x" /></button></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Zones and phones"><h3>Zones</h3><ul>${world.zones.map((zone) => html`<li key=${zone.name}><button type="button" class="link" onClick=${() => pickZone(zone)}>${zone.name}</button><span class="dim">${coverageAt(zone, at)}</span></li>`)}</ul>
    <h3>Phones</h3><ul>${world.phones.slice(0, SHOWN).map((phone) => html`<li key=${phone.msisdn}><button type="button" class="link" onClick=${() => pick(phone)}><${Num} n=${phone.msisdn} /></button><span class="dim">${phone.powered ? phone.coverage : "off"}${phone.zone ? `, ${phone.zone}` : ""}${phone.waiting ? `, ${phone.waiting} wait` : ""}</span></li>`)}
      ${world.ranges.map((range) => html`<li key=${range.first}><span><${Num} n=${range.first} /> to <${Num} n=${range.last} /></span><span class="dim">${count(range.count)} in ${range.zone}</span></li>`)}</ul></div></section>`;
}
