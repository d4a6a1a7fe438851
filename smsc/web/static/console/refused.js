// Binds that were refused, with why: the latest that the API keeps, else those seen since the page was opened.
import * as api from "../base/api.js";
import { store, useStore } from "../base/store.js";
import { listen } from "./live.js";
import { useAnswer } from "./use.js";

const KEPT = 100;
const seen = store([]);

listen((events) => {
  const fresh = events.filter(({ event }) => event === "bind.refused");
  if (fresh.length) seen.set([...fresh.reverse(), ...seen.get()].slice(0, KEPT));
});

export function useRefusedBinds() {
  const own = useStore(seen);
  const { value } = useAnswer((signal) => api.refusedBinds(signal), [], { concerns: ({ event }) => event === "bind.refused" });
  return value ?? own;
}
