// What all public pages have around them: that they are an imitation, whose they are, the language.
import { html, useLayoutEffect, useRef } from "../base/html.js";
import { choose, LANGUAGES, useLanguage } from "./language.js";

export function Shell({ imitation, name, logo, skip, languageWord, side, wide, before, children }) {
  const code = useLanguage();
  const wrap = wide ? "wrap wide" : "wrap";
  const toMain = (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  };
  return html`<header><a class="skip" href=${location.href} onClick=${toMain}>${skip}</a><p class="sim"><span class=${wrap}>${imitation}</span></p>
      <div class="top"><div class=${wrap}><span class="logo">${logo}${name}</span>
        <nav class="lang" aria-label=${languageWord}>${LANGUAGES.map(([key, word]) => html`<button type="button" key=${key} lang=${key} aria-current=${key === code ? "true" : undefined} onClick=${() => choose(key)}>${word}</button>`)}</nav>${side}</div></div></header>
    ${before}<main id="main" tabindex="-1" class=${wrap}>${children}</main>`;
}

/** The step that the page is at; the first one takes no focus away. */
let at = null;

/** A heading that takes the focus when what is below it has changed, so that a screen reader reads on. */
export function Heading({ step, children }) {
  const node = useRef(null);
  useLayoutEffect(() => {
    if (at !== null && at !== step) node.current.focus();
    at = step;
  }, [step]);
  return html`<h1 tabindex="-1" ref=${node}>${children}</h1>`;
}

export const Note = ({ children, tone = "" }) => html`<p class=${`note ${tone}`}>${children}</p>`;
