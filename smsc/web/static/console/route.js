// The address is the state. Pages read it with `useRoute` and change it with `go`.
import { store, useStore } from "../base/store.js";

const BASE = new URL(document.baseURI).pathname;

function read() {
  const path = decodeURI(location.pathname.slice(BASE.length)).replace(/\/$/, "");
  const [page = "", id = ""] = path.split("/").map(decodeURIComponent);
  return { page: page || "messages", id, query: new URLSearchParams(location.search) };
}

const route = store(read());

function changed() {
  route.set(read());
  route.tell();
}

export const useRoute = () => useStore(route);
export const current = () => route.get();

/** Where a page is: `to("phones", "4790000001", { q })`. */
export function to(page, id = "", query = {}) {
  const words = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const search = words.length ? `?${new URLSearchParams(words)}` : "";
  const place = page === "messages" ? "" : page;
  return `${BASE}${place}${id ? `/${encodeURIComponent(id)}` : ""}${search}`;
}

export function go(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  changed();
}

/** Change the query of this address; null takes a word away. */
export function setQuery(changes, { replace = true } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  go(location.pathname + (search ? `?${search}` : ""), { replace });
}

const PAGES = new Set(["", "m", "phones", "map", "sessions", "faults", "services", "figures", "scenarios"]);

function isOurs(link) {
  if (link.origin !== location.origin || !link.pathname.startsWith(BASE) || link.target) return false;
  return PAGES.has(link.pathname.slice(BASE.length).split("/")[0]);
}

export function followLinks() {
  addEventListener("popstate", changed);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (!isOurs(link)) return;
    event.preventDefault();
    go(link.href);
  });
}
