// A value that components watch. Changes are told at most ten times a second, whatever comes.
import { useEffect, useState } from "./html.js";

const PAUSE = 100;
const dirty = new Set();
let timer = 0;
let last = 0;

function flush() {
  timer = 0;
  last = performance.now();
  const told = [...dirty];
  dirty.clear();
  for (const store of told) store.tell();
}

function later(store) {
  dirty.add(store);
  if (!timer) timer = setTimeout(flush, Math.max(0, last + PAUSE - performance.now()));
}

export function store(value) {
  const watchers = new Set();
  const self = {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      later(self);
    },
    tell() {
      for (const watcher of [...watchers]) watcher(value);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
  return self;
}

export function useStore(source) {
  const [value, show] = useState(source.get());
  useEffect(() => {
    show(source.get());
    return source.watch(show);
  }, [source]);
  return value;
}
