// A day of the map: now, outages, what is due. Dragging looks ahead and moves nothing; advancing does.
import { clock, day, DAY, HOUR, ms } from "../base/format.js";
import { html } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { advance, now, setMode, useClock } from "./time.js";

const at = (moment, start) => Math.min(100, Math.max(0, (100 * (moment - start)) / DAY));

export function TimeBar({ world, ahead, look }) {
  const told = useClock();
  if (!told) return null;
  const present = now();
  const start = Math.floor(present / HOUR) * HOUR;
  const outages = world.zones.flatMap((zone) => zone.outages.map((outage) => ({ zone: zone.name, from: ms(outage.from) ?? start, to: ms(outage.to) ?? start + DAY, note: outage.note })));
  const shown = outages.filter((outage) => outage.to > start && outage.from < start + DAY);
  const due = told.planned.length ? told.planned : told.next ? [{ at: told.next }] : [];
  const moment = ahead ?? present;
  const step = (event) => {
    const chosen = start + Number(event.currentTarget.value) * 60_000;
    look(chosen <= present ? null : chosen);
  };
  return html`<section class="float timebar" aria-label="Time on the map"><div class="time-top"><b>${day(moment)} <span class="mono">${clock(moment)}</span></b>
      <span class="dim hide-s">${ahead ? "The map shows that moment for phones and zones; nothing has moved." : "Drag to look ahead: nothing moves until you advance."}</span>
      <span class="join push">${told.mode === "manual" ? html`<button type="button" class="btn" onClick=${() => setMode("x60")}><${Icon} name="play" />Play 1 min/s</button>` : html`<button type="button" class="btn" onClick=${() => setMode("manual")}><${Icon} name="pause" />Stop</button>`}
      <button type="button" class="btn" disabled=${!ahead || told.mode !== "manual"} onClick=${() => {
        advance({ to: new Date(ahead).toISOString() }).then(() => look(null));
      }}>Advance to here</button></span></div>
    <div class="time-line">${shown.map((outage, index) => html`<i key=${index} class="time-out" title=${`${outage.zone}${outage.note ? `: ${outage.note}` : ""}`} style=${{ left: `${at(outage.from, start)}%`, width: `${at(outage.to, start) - at(outage.from, start)}%` }}></i>`)}
      ${due.filter((each) => each.at < start + DAY).map((each, index) => html`<i key=${`due ${index}`} class="time-due" style=${{ left: `${at(each.at, start)}%` }}></i>`)}
      <input type="range" aria-label="Look ahead" aria-valuetext=${`${day(moment)} ${clock(moment)}`} min="0" max=${DAY / 60_000} step="1" value=${Math.round((moment - start) / 60_000)} onInput=${step} /></div>
    <div class="time-marks" aria-hidden="true">${[0, 4, 8, 12, 16, 20, 24].map((hour) => html`<span key=${hour}>${clock(start + hour * HOUR).slice(0, 5)}</span>`)}</div></section>`;
}
