// One phone: who it is, its conversation, its state.
import * as api from "../base/api.js";
import { html, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Num } from "../base/number.js";
import { Tabs, Tag, Waiting, Wrong } from "../base/parts.js";
import { fail } from "./bars.js";
import { Conversation, useConversation } from "./conversation.js";
import { PhoneState } from "./phonestate.js";
import { to } from "./route.js";
import { oddity } from "./signal.js";
import { useAnswer } from "./use.js";

export function Phone({ number, back }) {
  const [view, look] = useState("talk");
  const answer = useAnswer((signal) => api.phone(number, signal), [number], {
    concerns: ({ event, msisdn, destination }) => event.startsWith("zone") || event.startsWith("outages") || msisdn === number || destination === number,
  });
  const talk = useConversation(number);
  const phone = answer.value;
  if (!phone) return answer.error ? html`<div class="phone-top"><h1><${Num} n=${number} /></h1></div><${Wrong} error=${answer.error} again=${answer.again} />` : html`<${Waiting} />`;
  const change = async (body) => {
    try {
      await api.changePhone(number, body);
    } catch (error) {
      fail(error);
    }
    answer.again();
  };
  const odd = oddity(phone);
  const place = phone.zone ?? phone.coverage?.place ?? "no zone";
  const bad = !phone.powered || phone.coverage?.coverage === "none" || phone.memory_full || phone.sim !== "active";
  return html`<div class="phone-top"><button type="button" class="btn bare icon only-s" aria-label="Back to the list" onClick=${back}><${Icon} name="back" /></button>
      <h1><${Num} n=${number} /></h1><${Tag} tone=${bad ? "wait" : "done"} icon="pin">${odd || `${place}, ${phone.coverage?.coverage ?? "good"} coverage`}<//>
      <${Tag} line class="tag line hide-s">${phone.sim} SIM<//>
      <span class="push"><a class="btn" aria-label="Its messages" href=${to("messages", "", { q: `to:${number}` })}><${Icon} name="messages" /><span class="hide-s">Its messages</span></a></span></div>
    <nav class="only-s ptabs" aria-label="View"><${Tabs} label="View" tabs=${[["talk", "Conversation"], ["state", "Phone"]]} at=${view} pick=${look} /></nav>
    <div class=${`phone show-${view}`}><${Conversation} number=${number} phone=${phone} talk=${talk} /><${PhoneState} phone=${phone} change=${change} talk=${talk} /></div>`;
}
