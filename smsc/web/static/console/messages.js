// Messages: what was sent and what became of it, newest first; one of them beside the list.
import * as api from "../base/api.js";
import { count, plural } from "../base/format.js";
import { html, useEffect, useMemo, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { copy, Waiting, Wrong } from "../base/parts.js";
import { Bar, fail, undoable } from "./bars.js";
import { Empty } from "./empty.js";
import { useKeys } from "./keys.js";
import { useListing } from "./listing.js";
import { Message } from "./message.js";
import { go, setQuery, to } from "./route.js";
import { Rows } from "./rows.js";
import { SearchBox } from "./searchbox.js";

export function Page({ route }) {
  const q = route.query.get("q") ?? "";
  const id = route.query.get("id") ?? "";
  const scrolled = useRef(false);
  const held = useRef(false);
  held.current = Boolean(id);
  const list = useListing(q, () => scrolled.current || held.current);
  const [chosen, choose] = useState(() => new Set());
  const [searching, search] = useState(false);
  const { rows } = list;

  const step = (by) => {
    if (!rows.length) return;
    const index = rows.findIndex((row) => row.id === id);
    const next = rows[Math.min(rows.length - 1, Math.max(0, index < 0 ? 0 : index + by))];
    setQuery({ id: next.id });
  };
  const toggle = (which) => {
    const next = new Set(chosen);
    if (!next.delete(which)) next.add(which);
    choose(next);
  };
  const remove = () => {
    const gone = chosen.size ? chosen : new Set(id ? [id] : []);
    if (!gone.size) return;
    const ids = [...gone];
    list.drop((row) => gone.has(row.id));
    choose(new Set());
    setQuery({ id: null });
    undoable(html`<b>${plural(ids.length, "message")} deleted</b>.`, () => removeAll(ids), list.refresh);
  };
  useKeys({
    first: () => step(0),
    j: () => step(1),
    k: () => step(-1),
    Enter: () => (id ? go(to("m", id)) : false),
    x: () => id && toggle(id),
    "#": remove,
    y: () => id && copy(id),
    ".": list.take,
    Escape: () => {
      if (chosen.size) choose(new Set());
      else if (id) setQuery({ id: null });
      else if (q) setQuery({ q: null });
      else return false;
      return true;
    },
  }, list.ready);

  const bad = list.error?.status === 422 || list.error?.status === 400 ? list.error : null;
  if (list.ready && !rows.length && !q && !searching && !list.error && !list.newer.length) return html`<${Empty} />`;
  return html`<h1 class="sr">Messages</h1><div class=${`panes${id ? " on-detail" : ""}`}>
    <section class="pane list" aria-label="Messages">
      <${SearchBox} q=${q} error=${bad} counts=${list.counts} searching=${search} />
      ${chosen.size > 0 && html`<${Bar} icon="check" action=${html`<button type="button" class="link danger" onClick=${remove}>Delete</button>
        <button type="button" class="link" onClick=${() => choose(new Set())}>Clear</button>`}><b>${count(chosen.size)} selected</b><//>`}
      ${list.newer.length > 0 && html`<button type="button" class="newbar" onClick=${list.take}><${Icon} name="back" />${list.gap ? "More than " : ""}${plural(list.newer.length, "newer message")}</button>`}
      ${list.error && !bad && html`<${Wrong} error=${list.error} again=${list.refresh} />`}
      ${!list.ready && html`<${Waiting}><${Shapes} /><//>`}
      ${list.ready && !rows.length && !list.error && html`<${Nothing} q=${q} counts=${list.counts} />`}
      ${rows.length > 0 && html`<${Rows} rows=${rows} fresh=${list.fresh} current=${id} chosen=${chosen} q=${q} more=${list.more} scrolled=${scrolled} />`}
      ${q && rows.length > 0 && html`<${Found} q=${q} list=${list} />`}
    </section>
    <article class="pane detail" aria-label=${id ? `Message ${id}` : "Message"}>${
      id ? html`<${Message} key=${id} id=${id} close=${() => setQuery({ id: null })} remove=${remove} />`
        : html`<p class="hint-pane dim"><kbd>j</kbd> <kbd>k</kbd> choose a message, <kbd>Enter</kbd> opens it alone, <kbd>?</kbd> shows all keys.</p>`
    }</article>
  </div>`;
}

/** Messages and refusals are searched apart, so they are deleted apart. */
function removeAll(ids) {
  const kinds = [ids.filter((id) => id[0] === "r"), ids.filter((id) => id[0] !== "r")].filter((some) => some.length);
  return Promise.all(kinds.map((some) => api.deleteMessages(`id:${some.join(",")}`)));
}

function Found({ q, list }) {
  const all = list.next ? null : list.rows.length;
  const remove = () => {
    list.drop(() => true);
    undoable(html`<b>${all == null ? "All" : plural(all, "message")} deleted</b> (${q}).`, () => api.deleteMessages(q).catch(fail), list.refresh);
  };
  return html`<p class="found">${all == null ? "" : plural(all, "message")} <button type="button" class="link danger" onClick=${remove}>Delete what was found</button></p>`;
}

function Nothing({ q, counts }) {
  if (!q) return html`<div class="nothing"><p><b>No message has come yet.</b></p></div>`;
  return html`<div class="nothing"><p><b>No message matches</b> <code>${q}</code></p>
    ${counts?.total > 0 && html`<p class="dim">${plural(counts.total, "message is", "messages are")} kept.</p>`}
    <p class="acts"><button type="button" class="btn" onClick=${() => setQuery({ q: null })}>Clear the search</button></p>
    <p class="dim">What comes and matches appears here by itself.</p></div>`;
}

const Shapes = () => html`${[46, 40, 52, 44].map((width) => html`<div class="row shape" key=${width}><span class="sk round"></span>
  <span class=${`sk w${width}`}></span><span class="sk short"></span><span class="sk long"></span></div>`)}`;
