// The language of a public page: in the address, else the last one chosen, else bokmål.
import { store, useStore } from "../base/store.js";

export const LANGUAGES = [["nb", "Bokmål"], ["nn", "Nynorsk"], ["en", "English"]];
const known = (code) => LANGUAGES.some(([each]) => each === code);

function first() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (known(asked)) return asked;
  try {
    const kept = localStorage.getItem("smsc.language");
    if (known(kept)) return kept;
  } catch {
    // a browser that keeps nothing
  }
  return "nb";
}

const language = store(first());
document.documentElement.lang = language.get();

export function choose(code) {
  language.set(code);
  language.tell();
  document.documentElement.lang = code;
  const address = new URL(location.href);
  address.searchParams.set("lang", code);
  history.replaceState(null, "", address);
  try {
    localStorage.setItem("smsc.language", code);
  } catch {
    // then the address alone knows
  }
}

export const useLanguage = () => useStore(language);

/** "3. mars 2026" as the language writes it, in Norwegian time. */
export const date = (moment, code) => new Intl.DateTimeFormat(code === "en" ? "en-GB" : code, { dateStyle: "long", timeZone: "Europe/Oslo" }).format(new Date(moment));
export const time = (moment, code) => new Intl.DateTimeFormat(code === "en" ? "en-GB" : code, { timeStyle: "short", timeZone: "Europe/Oslo" }).format(new Date(moment));

/** The texts of a public page in its languages: the file that the server's own forms are made of too. */
export const read = async (name) => (await fetch(new URL(name, import.meta.url))).json();

/** The text with what stands in braces filled in. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
