// The SMSC clock as the page knows it: mode, now, what is due; and moving it.
import * as api from "../base/api.js";
import { ms } from "../base/format.js";
import { store, useStore } from "../base/store.js";
import { fail } from "./bars.js";
import { listen } from "./live.js";

/** {mode, now, due, planned} and when (performance.now) it was read. */
const clock = store(null);
/** What happened while the clock was moved: null, {running: true} or the answer of the API. */
export const moved = store(null);

const rate = (mode) => (mode === "manual" ? 0 : mode === "real" ? 1 : Number(mode.slice(1)));

export async function readClock() {
  const told = await api.clock();
  clock.set({
    mode: told.mode,
    rate: rate(told.mode),
    at: ms(told.now),
    next: ms(told.next_due),
    planned: (told.due ?? []).map((each) => ({ ...each, at: ms(each.at) })),
    read: performance.now(),
  });
}

export const useClock = () => useStore(clock);

/** The moment that the SMSC clock shows just now, in ms; NaN before it is known. */
export function now() {
  const told = clock.get();
  return told ? told.at + (performance.now() - told.read) * told.rate : NaN;
}

export const isManual = () => clock.get()?.mode === "manual";

async function move(how) {
  if (!clock.get()) await readClock();
  const body = typeof how === "function" ? await how() : how;
  if (!isManual() || !body) return;
  moved.set({ running: true });
  try {
    moved.set(await api.advance(body));
  } catch (error) {
    moved.set(null);
    fail(error);
  }
  await readClock();
}

let last = Promise.resolve();

/** Move the clock, after the moves that were asked for before. `how` is a body of POST /clock/advance, or a function that
 * gives one then. A clock that runs is stopped by nobody but people. */
export function advance(how) {
  last = last.then(() => move(how)).catch(fail);
  return last;
}

export async function setMode(mode) {
  try {
    await api.setClock({ mode });
  } catch (error) {
    fail(error);
  }
  await readClock();
}

export const steps = {
  minute: () => advance({ seconds: 60 }),
  hour: () => advance({ seconds: 3600 }),
  next: () =>
    advance(async () => {
      await readClock();
      const { next } = clock.get();
      return next && { to: new Date(next).toISOString() };
    }),
  idle: () => advance({ until: "idle" }),
};

/** Read the clock again when something happens, at most twice a second, and now and then. */
export function followClock() {
  let timer = 0;
  const soon = (pause) => {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      readClock().catch(() => {});
    }, pause);
  };
  listen(() => soon(500));
  setInterval(() => soon(0), 15_000);
  return readClock();
}
