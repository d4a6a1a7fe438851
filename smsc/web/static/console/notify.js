// Desktop notifications of messages that come while nobody looks. The browser is asked for them on a click only.
import { plural } from "../base/format.js";
import { store } from "../base/store.js";
import { listen } from "./live.js";
import { go, to } from "./route.js";

const KEY = "smsc.notify";
let wanted = false;
try {
  wanted = localStorage.getItem(KEY) === "on";
} catch {
  // a browser that keeps nothing: the choice lasts as long as the page
}

/** "on", "off", "denied" by the browser, or "none" where there is no such thing. */
function state() {
  const permission = window.Notification?.permission ?? "none";
  if (permission === "default" || permission === "granted") return wanted && permission === "granted" ? "on" : "off";
  return permission;
}

export const notifying = store(state());

export async function toggleNotifying() {
  wanted = notifying.get() !== "on";
  if (wanted && window.Notification?.permission === "default") await Notification.requestPermission();
  try {
    localStorage.setItem(KEY, wanted ? "on" : "off");
  } catch {
    // as above
  }
  notifying.set(state());
}

/** Messages that came while nobody looked at the page. */
export const unseen = store(0);

/** One notification, which the next one replaces, says how many came and which was the last. */
function tell(events) {
  const came = events.filter(({ event, kind }) => event === "message.accepted" && kind === "message");
  if (!document.hidden) return unseen.set(0);
  if (!came.length) return;
  unseen.set(unseen.get() + came.length);
  if (state() === "on") {
    const { id, source, destination } = came.at(-1);
    const shown = new Notification(plural(unseen.get(), "new message"), { body: `${source} → ${destination}`, tag: "smsc" });
    shown.onclick = () => {
      window.focus();
      shown.close();
      go(to("m", id));
    };
  }
}

export function followNotifying() {
  listen(tell);
  document.addEventListener("visibilitychange", () => tell([]));
}
