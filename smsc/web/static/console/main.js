// The console: frame, clock, rail, and the page that the address names.
import { html, render, useEffect, useLayoutEffect, useRef, useState } from "../base/html.js";
import { Unreachable } from "../base/api.js";
import { count } from "../base/format.js";
import { Waiting } from "../base/parts.js";
import { useStore } from "../base/store.js";
import { After } from "./after.js";
import { Bar, Bars } from "./bars.js";
import { ClockBar } from "./clockbar.js";
import { followCounts } from "./counts.js";
import { useKeys } from "./keys.js";
import { connect, connection, heard, missed } from "./live.js";
import { followNotifying, unseen } from "./notify.js";
import { dialogs, KeyHelp, Palette } from "./palette.js";
import { PAGES, Rail } from "./rail.js";
import { followLinks, go, to, useRoute } from "./route.js";
import { followSamples } from "./samples.js";
import { followClock, steps } from "./time.js";

/** Page -> its module, which exports `Page`; read when it is opened. */
const MODULES = {
  messages: () => import("./messages.js"),
  m: () => import("./message.js"),
  phones: () => import("./phones.js"),
  sessions: () => import("./sessions.js"),
  faults: () => import("./faults.js"),
  map: () => import("./map.js"),
  services: () => import("./services.js"),
  figures: () => import("./figures.js"),
  scenarios: () => import("./scenarios.js"),
};

const pages = new Map();
const load = async (name) => pages.set(name, (await (MODULES[name] ?? MODULES.messages)()).Page);

/** Read the pages that are not shown yet, so that a key that opens one does it at once. */
async function loadAll() {
  for (const name of Object.keys(MODULES)) if (!pages.has(name)) await load(name).catch(() => {});
}

/** `[Page, error]` of the page of this name; Page is undefined until it is read. */
function usePage(name) {
  const [error, tell] = useState(null);
  const [, again] = useState(0);
  useLayoutEffect(() => {
    let gone = false;
    tell(null);
    const read = pages.has(name) ? Promise.resolve() : load(name).then(() => gone || again((count) => count + 1), (wrong) => gone || tell(wrong));
    read.then(() => (window.requestIdleCallback ?? setTimeout)(loadAll));
    return () => (gone = true);
  }, [name]);
  return [pages.get(name), error];
}

/** A page that is being read: what is pressed meanwhile is for it. */
function Loading() {
  useKeys({}, false);
  return html`<${Waiting} />`;
}

function Lost() {
  const lost = useStore(connection) === "lost";
  const gap = useStore(missed);
  if (lost) {
    return html`<${Bar} tone="failbar" icon="sessions" role="alert" action=${html`<button type="button" class="link" onClick=${connect}>Try now</button>`}>
      <b>The server does not answer.</b> What you see is from ${new Date(heard.get()).toISOString().slice(11, 19)} UTC. It is tried again by itself.<//>`;
  }
  if (!gap) return null;
  return html`<${Bar} tone="warnbar" icon="bell" close=${() => missed.set(null)}
    action=${html`<button type="button" class="link" onClick=${() => location.reload()}>Read the page again</button>`}>
    <b>${gap.count ? `${gap.count} events were missed` : "Some events were missed"}</b>: the stream was cut for a while.<//>`;
}

function Title({ page }) {
  const came = useStore(unseen);
  useEffect(() => {
    const word = PAGES.find(([key]) => key === page)?.[1];
    if (word) document.title = `${came ? `(${count(came)} new) ` : ""}${word} · smsc`;
  }, [page, came]);
  return null;
}

function Console() {
  const route = useRoute();
  const [Page, error] = usePage(route.page);
  const before = useRef(route.page);
  useLayoutEffect(() => {
    if (before.current !== route.page) document.getElementById("main").focus({ preventScroll: true });
    before.current = route.page;
  }, [route.page]);
  useKeys({
    "t m": steps.minute,
    "t h": steps.hour,
    "t n": steps.next,
    "t i": steps.idle,
    ...Object.fromEntries(PAGES.map(([key, , , letter]) => [`g ${letter}`, () => go(to(key))])),
  });
  const skip = (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  };
  return html`<header class="brand"><a class="skip" href=${location.href} onClick=${skip}>To the page</a><a href=${to("messages")}><${Logo} /><span>smsc</span></a></header>
    <${ClockBar} palette=${() => dialogs.palette()} />
    <${Rail} />
    <main id="main" tabindex="-1"><${Title} page=${route.page} />
      <div class="stack"><div class="bars-over"><${Lost} /><${After} /><${Bars} /></div>
        <div class="stack-page">${Page ? html`<${Page} key=${route.page} route=${route} />` : error ? html`<p class="nothing fail" role="alert">This page did not load: ${error.message}</p>` : html`<${Loading} />`}</div>
      </div>
    </main>
    <${Palette} /><${KeyHelp} />`;
}

const Logo = () => html`<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M4 6.5A3.5 3.5 0 0 1 7.5 3h17A3.5 3.5 0 0 1 28 6.5v13a3.5 3.5 0 0 1-3.5 3.5H14l-6.6 5.6V23A3.5 3.5 0 0 1 4 19.5z" fill="currentColor" /><path d="M8.5 17.5 13 10.8l3.2 4.2 2.4-3.2 4.9 5.7" class="logo-line" /></svg>`;

document.body.classList.add("console");
followLinks();
render(html`<${Console} />`, document.body);
connect();
followClock().catch((error) => {
  if (!(error instanceof Unreachable)) throw error;
});
followCounts();
followSamples();
followNotifying();
