// The few numbers that every page shows: in the rail.
import * as api from "../base/api.js";
import { store } from "../base/store.js";
import { listen } from "./live.js";

/** {all, sessions, faults}; a number that is not known is null. */
export const counts = store({ all: null, sessions: null, faults: null });
/** What the server is: version, addresses, store. */
export const server = store({});

/** Read them now: what was changed here is seen at once. */
export async function read() {
  const begun = performance.now();
  const [messages, sessions, faults] = await Promise.allSettled([
    api.counts(""),
    api.sessions(),
    api.faults(),
  ]);
  const told = { ...counts.get() };
  if (messages.value) told.all = messages.value.total;
  if (sessions.value) told.sessions = sessions.value.sessions.length;
  if (faults.value) told.faults = faults.value.rules.length;
  counts.set(told);
  return performance.now() - begun;
}

export function followCounts() {
  api.server().then(server.set, () => {});
  let timer = 0;
  let took = 0;
  listen(() => {
    timer ||= setTimeout(async () => {
      took = await read();
      timer = 0;
    }, Math.max(1000, 10 * took));
  });
  return read();
}
