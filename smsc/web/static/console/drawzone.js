// A new zone, or an outage of a while, from corners that were pressed on the map.
import * as api from "../base/api.js";
import { iso, plural } from "../base/format.js";
import { html, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { fail } from "./bars.js";
import { now } from "./time.js";

/** Area of a polygon in km², good enough to be told. */
function area(points) {
  let sum = 0;
  points.forEach(([lat, lon], index) => {
    const [nextLat, nextLon] = points[(index + 1) % points.length];
    const scale = Math.cos((lat * Math.PI) / 180) * 111.19;
    sum += lon * scale * nextLat * 111.19 - nextLon * scale * lat * 111.19;
  });
  return Math.abs(sum / 2);
}

export function ZoneForm({ points, undo, done }) {
  const [form, set] = useState({ name: "", coverage: "none", length: "" });
  const field = (name) => ({ value: form[name], onInput: (event) => set({ ...form, [name]: event.currentTarget.value }) });
  const enough = points.length > 2 && form.name.trim();
  const make = async (event) => {
    event.preventDefault();
    if (!enough) return;
    const geometry = { type: "polygon", points };
    const outage = { from: iso(now()), duration: form.length, note: "drawn on the map" };
    const body = form.length ? { coverage: "good", geometry, outages: [outage] } : { coverage: form.coverage, geometry };
    try {
      await api.putZone(form.name.trim(), body);
      done();
    } catch (error) {
      fail(error);
    }
  };
  return html`<form class="float popover drawform" onSubmit=${make} aria-label="New zone"><h2><${Icon} name="poly" />New zone or outage</h2>
    <p>${points.length ? `${plural(points.length, "corner")}${points.length > 2 ? `, ${Math.round(area(points))} km²` : ""}.` : "Press its corners on the map."}</p>
    <label>name<input class="field mono" required ...${field("name")} /></label>
    <div class="pair"><label>coverage<select class="field" disabled=${Boolean(form.length)} value=${form.coverage} onChange=${(event) => set({ ...form, coverage: event.currentTarget.value })}><option value="none">none</option><option value="weak">weak</option><option value="good">good</option></select></label>
      <label>down for<input class="field mono" placeholder="40min" ...${field("length")} /></label></div>
    <div class="acts"><button class="btn go" disabled=${!enough}>Make it so</button><button type="button" class="btn" disabled=${!points.length} onClick=${undo}>Undo a corner</button><button type="button" class="btn bare" onClick=${done}>Cancel</button></div></form>`;
}
