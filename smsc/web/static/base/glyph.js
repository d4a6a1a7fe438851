// What state a message is in, as a shape: each has one of its own, so that colour is never alone.
import { html } from "./html.js";

const DRAWN = {
  deleted: () => html`<circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
  delivered: () => html`<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="m4.8 8.3 2.2 2.2 4.2-4.6" fill="none" stroke="var(--surface)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
  expired: () => html`<path d="M3.6 1.4h8.8v2.8L9.6 8l2.8 3.8v2.8H3.6v-2.8L6.4 8 3.6 4.2z" fill="currentColor"/>`,
  failed: () => html`<path d="M8 .8 15.2 8 8 15.2.8 8z" fill="currentColor"/><path d="m5.9 5.9 4.2 4.2M10.1 5.9l-4.2 4.2" stroke="var(--surface)" stroke-width="1.7" stroke-linecap="round"/>`,
  held: () => html`<rect x="1.9" y="1.9" width="12.2" height="12.2" rx="3.4" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M6.3 5.6v4.8M9.7 5.6v4.8" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
  receipt: () => html`<path d="m1 8.6 3 3 6-6.8M7.6 11l.6.6 6.4-6.8" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>`,
  rejected: () => html`<rect x="1.2" y="1.2" width="13.6" height="13.6" rx="2.4" fill="currentColor"/><path d="M4.8 8h6.4" stroke="var(--surface)" stroke-width="2" stroke-linecap="round"/>`,
  scheduled: () => html`<circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="2.4 2.4"/><path d="M5.6 8h4.8" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`,
  sent: () => html`<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="M4.6 8h6.4M8.4 5.3 11.1 8l-2.7 2.7" fill="none" stroke="var(--surface)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>`,
  waiting: () => html`<circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M8 4.6V8l2.2 1.5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>`,
};

export function Glyph({ name, tone, label }) {
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return html`<svg class=${`g ${tone}`} viewBox="0 0 16 16" ...${named}>${DRAWN[name]()}</svg>`;
}
