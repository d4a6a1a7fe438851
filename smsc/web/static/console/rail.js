// The pages of the console; at 375 px five tabs at the bottom, the rest behind the palette.
import { count } from "../base/format.js";
import { html } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { useStore } from "../base/store.js";
import { counts, server } from "./counts.js";
import { connection } from "./live.js";
import { notifying, toggleNotifying } from "./notify.js";
import { to, useRoute } from "./route.js";

export const PAGES = [
  ["messages", "Messages", "messages", "m"],
  ["phones", "Phones", "phone", "p"],
  ["map", "Map", "map", "k"],
  ["sessions", "Sessions", "sessions", "s"],
  ["faults", "Faults", "faults", "f"],
  ["services", "Services", "services", "v"],
  ["figures", "Figures", "figures", "i"],
  ["scenarios", "Scenarios", "scenarios", "c"],
];

const LINES = { live: ["Live", "live"], connecting: ["Connecting", "dim"], lost: ["No answer", "lost"] };

export function Rail() {
  const { page } = useRoute();
  const told = useStore(counts);
  const where = useStore(server);
  const notify = useStore(notifying);
  const [line, tone] = LINES[useStore(connection)];
  const number = { messages: told.all, sessions: told.sessions, faults: told.faults };
  const here = page === "m" ? "messages" : page;
  return html`<nav class="rail" aria-label="Pages">
    ${PAGES.map(([key, word, icon], index) => html`<a key=${key} href=${to(key)} aria-current=${key === here ? "page" : undefined}
      class=${index > 4 ? "more-only" : ""}><${Icon} name=${icon} /><span>${word}</span>${
        number[key] > 0 && html`<b class=${key === "faults" ? "warn" : ""}>${count(number[key])}</b>`
      }</a>`)}
    <div class="foot"><span class=${tone}>${line}</span>
      ${where.smpp && html`<br /><span class="mono">smpp ${where.smpp}</span>`}
      ${where.store && html`<br />${where.store === "memory:" ? html`<span class="mono">memory:</span> keeps nothing` : html`<span class="mono" title=${where.store}>${where.store}</span>`}`}
      ${notify !== "none" && html`<br /><button type="button" class="link" role="switch" aria-checked=${notify === "on"} disabled=${notify === "denied"} onClick=${toggleNotifying}>Notifications ${notify === "denied" ? "are blocked" : notify}</button>`}
      <br /><a href="docs">API</a> · <a href="nod-sms">Nød-SMS</a> · <a href="kontaktinfo">Kontaktinfo</a> · <a href="sentral/112">112</a>
    </div>
  </nav>`;
}
