// The buttons under the sentence: each names what it does in the world. One of them is filled.
import * as api from "../base/api.js";
import { clock, ms, sameDay, when } from "../base/format.js";
import { html, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { stateOf } from "../base/words.js";
import { fail } from "./bars.js";
import { go, to } from "./route.js";
import { causeOf } from "./say.js";
import { advance, isManual, now } from "./time.js";

/** What would let a message through, from what is wrong with the phone: [icon, words, change]. */
export function remedy(phone, reason) {
  if (!phone) return null;
  if (!phone.powered) return ["power", "Switch it on", { powered: true }];
  if (phone.flight_mode) return ["plane", "End flight mode", { flight_mode: false }];
  if (phone.memory_full || reason === "memory_capacity_exceeded") return ["memory", "Free its memory", { memory_full: false }];
  if (phone.coverage?.coverage === "none" || phone.coverage?.coverage === "weak") {
    const word = phone.zone?.includes("tunnel") ? "Drive it out of the tunnel" : "Bring it into coverage";
    return ["pin", word, { zone: null }];
  }
  return null;
}

export function Acts({ message, phone }) {
  const [busy, run] = useState(false);
  const key = stateOf(message);
  const open = ["waiting", "held", "sent", "scheduled"].includes(key);
  const cure = open && key !== "sent" ? remedy(phone, message.reason) : null;
  const unbound = open && phone && causeOf(message, phone) === "absent_no_bind" && message.state !== "held";
  const hold = async () => {
    run(true);
    await api.hold(phone.msisdn, true).catch(fail);
    run(false);
  };
  const change = async () => {
    run(true);
    await api.changePhone(phone.msisdn, cure[2]).catch(fail);
    run(false);
  };
  const next = open ? ms(message.next_attempt ?? message.until) : null;
  const end = open ? ms(message.expires_at) : null;
  const at = now();
  const party = key === "held" ? message.source : message.destination;
  const again = async () => {
    try {
      const sent = await api.send({ source: message.source, destination: message.destination, text: message.text, registered_delivery: 1 });
      go(to("m", sent.id));
    } catch (error) {
      fail(error);
    }
  };
  return html`<div class="acts">
    ${unbound && !cure && html`<button type="button" class="btn go" disabled=${busy} onClick=${hold}><${Icon} name="hand" />Hold the phone here</button>`}
    ${cure && html`<button type="button" class="btn go" disabled=${busy} onClick=${change}><${Icon} name=${cure[0]} />${cure[1]}</button>`}
    ${next > at && isManual() && html`<button type="button" class="btn" onClick=${() => advance({ to: new Date(next).toISOString() })}><${Icon} name="skip" />Advance to ${sameDay(next, at) ? clock(next) : when(next, at)}</button>`}
    ${!next && end > at && isManual() && key !== "sent" && html`<button type="button" class="btn" onClick=${() => advance({ to: new Date(end).toISOString() })}><${Icon} name="skip" />Advance to its end</button>`}
    ${/^47\d{8,12}$/.test(party) && message.state !== "refused" && html`<a class="btn" href=${to("phones", party)}><${Icon} name="phone" />Open the phone</a>`}
    ${open && phone?.position && html`<a class="btn" href=${to("map", "", { phone: party })}><${Icon} name="map" />Show on the map</a>`}
    ${message.state === "refused" && html`<a class="btn" href=${to("services", "", { number: message.destination })}><${Icon} name="services" />How the number is read</a>`}
    ${!open && message.kind !== "receipt" && message.state !== "refused" && html`<button type="button" class="btn" onClick=${again}><${Icon} name="send" />Send it again</button>`}
  </div>`;
}
