// Four bars of signal, and what a phone's state is called.
import { html } from "../base/html.js";

const BARS = { good: 4, weak: 2, none: 0 };

export function Signal({ phone, label = true }) {
  const coverage = phone?.powered === false || phone?.flight_mode ? "none" : (phone?.coverage?.coverage ?? "good");
  const bars = BARS[coverage] ?? 4;
  const word = phone?.powered === false ? "switched off" : phone?.flight_mode ? "in flight mode" : coverage === "none" ? "no coverage" : coverage;
  const named = label ? { role: "img", "aria-label": word } : { "aria-hidden": "true" };
  return html`<span class=${`signal${bars ? "" : " none"}`} ...${named}>${[1, 2, 3, 4].map((bar) => html`<i class=${bar <= bars ? "on" : ""}></i>`)}</span>`;
}

const SIMS = { suspended: "SIM suspended", blocked: "SIM blocked, reported stolen", expired: "SIM expired", inactive: "SIM not activated" };

/** What is out of the ordinary about a phone; "" for nothing. */
export function oddity(phone) {
  if (!phone) return "";
  if (phone.sim !== "active") return SIMS[phone.sim] ?? `SIM ${phone.sim}`;
  if (!phone.powered) return "Switched off";
  if (phone.flight_mode) return "In flight mode";
  if (phone.memory_full) return "Memory full";
  if (phone.coverage?.coverage === "none") return phone.zone ? `No coverage in ${phone.zone}` : "No coverage";
  if (phone.barred?.includes("mo_sms")) return "Outgoing SMS barred";
  if (phone.track) return "On the way";
  if (phone.coverage?.coverage === "weak") return phone.zone ? `Weak in ${phone.zone}` : "Weak coverage";
  if (phone.barred?.includes("content")) return "Content services barred";
  return "";
}
