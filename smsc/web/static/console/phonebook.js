// Which phones there are to show: those that stand for themselves, and those that messages go to and come from.
import * as api from "../base/api.js";
import { ms } from "../base/format.js";
import { useEffect, useRef, useState } from "../base/html.js";
import { stateOf } from "../base/words.js";
import { useAnswer } from "./use.js";

const LATEST = 500;
const AT_ONCE = 6;
const HANDSET = /^47(?:[49]\d{7}|58\d{10})$/;

export const isHandset = (number) => HANDSET.test(number);

/** Number -> {number, at, text, waits, phone}, the latest first. */
export function entries(messages, phones) {
  const book = new Map();
  const entry = (number) => {
    if (!book.has(number)) book.set(number, { number, at: 0, text: "", waits: 0, messages: 0, phone: null });
    return book.get(number);
  };
  for (const message of messages) {
    const at = ms(message.submitted_at);
    for (const number of new Set([message.source, message.destination])) {
      if (!isHandset(number)) continue;
      const mine = entry(number);
      mine.messages += 1;
      if (at > mine.at) Object.assign(mine, { at, text: message.text });
    }
    const key = stateOf(message);
    const where = key === "held" ? message.source : message.destination;
    if ((key === "waiting" || key === "held") && isHandset(where)) entry(where).waits += 1;
  }
  for (const phone of phones) entry(phone.msisdn).phone = phone;
  return [...book.values()].sort((a, b) => b.at - a.at || Number(a.number) - Number(b.number));
}

export function usePhonebook() {
  const { value, error, again } = useAnswer(
    async (signal) => {
      const [messages, phones] = await Promise.all([
        api.messages({ order: "newest", limit: LATEST }, signal),
        api.phones({ limit: 1000 }, signal),
      ]);
      return entries(messages.messages, phones.subscribers);
    },
    [],
    { concerns: ({ event }) => event.startsWith("message") || event.startsWith("subscriber") || event.startsWith("zone"), pause: 1000 }
  );
  return { book: value, error, again };
}

/** The documents of these phones, read a few at a time and kept until something changes. */
export function usePhones(numbers, stamp) {
  const [known, tell] = useState(() => new Map());
  const read = useRef(new Map());
  const wanted = numbers.join(" ");
  useEffect(() => {
    const stop = new AbortController();
    const todo = numbers.filter((number) => read.current.get(number) !== stamp);
    const work = async () => {
      for (let number = todo.shift(); number && !stop.signal.aborted; number = todo.shift()) {
        const phone = await api.phone(number, stop.signal).catch(() => null);
        if (stop.signal.aborted) return;
        read.current.set(number, stamp);
        tell((before) => new Map(before).set(number, phone));
      }
    };
    for (let worker = 0; worker < AT_ONCE; worker += 1) work();
    return () => stop.abort();
  }, [wanted, stamp]);
  return known;
}
