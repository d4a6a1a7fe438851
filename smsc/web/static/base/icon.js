// Line icons, 16 by 16, in the colour of the text. Decoration only: the word stands beside or in aria-label.
import { html } from "./html.js";

const DRAWN = {
  back: () => html`<path d="M9.6 3.4 5 8l4.6 4.6"/>`,
  bell: () => html`<path d="M4 10.8V7a4 4 0 0 1 8 0v3.8l1.2 1.2H2.8zM6.6 13.9h2.8"/>`,
  check: () => html`<path d="m3 8.4 3.2 3.2L13 4.6"/>`,
  clock: () => html`<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.4 1.6"/>`,
  copy: () => html`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M3.5 10.5h-1v-8h8v1"/>`,
  draw: () => html`<path d="m3 13 .8-3L10.6 3.2l2.2 2.2L6 12.2z"/>`,
  faults: () => html`<path d="M9.2 1.6 3.4 9h4l-.8 5.4L12.6 7h-4z"/>`,
  figures: () => html`<path d="M2 13.5h12M4 11V7.5M7 11V3.5M10 11V6M13 11V8.5"/>`,
  file: () => html`<path d="M4 1.8h5.2L12 4.6v9.6H4zM9 1.8v3h3"/>`,
  hand: () => html`<path d="M8 2v12M2 8h12M5.8 4.2 8 2l2.2 2.2M5.8 11.8 8 14l2.2-2.2M4.2 5.8 2 8l2.2 2.2M11.8 5.8 14 8l-2.2 2.2"/>`,
  link: () => html`<path d="M6.6 9.4 9.4 6.6M7 4.6l1-1a3 3 0 0 1 4.3 4.3l-1 1M9 11.4l-1 1a3 3 0 0 1-4.3-4.3l1-1"/>`,
  lock: () => html`<rect x="3.5" y="7" width="9" height="6.5" rx="1.4"/><path d="M5.4 7V5a2.6 2.6 0 0 1 5.2 0v2"/>`,
  mail: () => html`<rect x="2" y="3.5" width="12" height="9" rx="1.4"/><path d="m2.4 4.4 5.6 4.4 5.6-4.4"/>`,
  map: () => html`<path d="M1.8 4 6 2.2l4 1.8 4.2-1.8v9.8L10 13.8 6 12l-4.2 1.8zM6 2.2V12M10 4v9.8"/>`,
  memory: () => html`<rect x="3.5" y="3.5" width="9" height="9" rx="1.2"/><path d="M6 1.6v1.9M10 1.6v1.9M6 12.5v1.9M10 12.5v1.9M1.6 6h1.9M1.6 10h1.9M12.5 6h1.9M12.5 10h1.9"/>`,
  messages: () => html`<path d="M2.5 3.5h11v7.2h-6l-3 2.6v-2.6h-2z"/>`,
  minus: () => html`<path d="M3 8h10"/>`,
  moon: () => html`<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z"/>`,
  pause: () => html`<path d="M5.2 3v10M10.8 3v10"/>`,
  phone: () => html`<rect x="4.5" y="1.7" width="7" height="12.6" rx="1.6"/><path d="M7.2 12h1.6"/>`,
  pin: () => html`<path d="M8 14.4s4.8-4.2 4.8-7.8a4.8 4.8 0 1 0-9.6 0c0 3.6 4.8 7.8 4.8 7.8z"/><circle cx="8" cy="6.6" r="1.7"/>`,
  plane: () => html`<path d="m2 9.6 5-2.2V3.2c0-1.6 2-1.6 2 0v4.2l5 2.2v1.6l-5-1.5v2.6l1.4 1v1.2L8 13.8l-2.4.7v-1.2l1.4-1V9.7l-5 1.5z"/>`,
  play: () => html`<path d="m4.5 2.8 8 5.2-8 5.2z"/>`,
  plus: () => html`<path d="M8 3v10M3 8h10"/>`,
  poly: () => html`<path d="m3 5 6-2.6 4.4 4-2 6.6-7 .4z"/>`,
  power: () => html`<path d="M8 2v5.6M4.6 4.4a4.8 4.8 0 1 0 6.8 0"/>`,
  scenarios: () => html`<path d="M3 2.5h10v11H3zM5.6 5.6h4.8M5.6 8h4.8M5.6 10.4h2.6"/>`,
  search: () => html`<circle cx="7" cy="7" r="4.5"/><path d="m10.4 10.4 3.3 3.3"/>`,
  send: () => html`<path d="M2 8 14 2.6 9.6 14 7.4 9z"/>`,
  services: () => html`<path d="M8 2v12M2 8h12M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4"/>`,
  sessions: () => html`<path d="M2 5.2h9M8.6 2.6l2.7 2.6-2.7 2.6M14 10.8H5M7.4 8.2l-2.7 2.6 2.7 2.6"/>`,
  sim: () => html`<path d="M4 2h5.4L12 4.6V14H4zM6.2 8h3.6v3.6H6.2z"/>`,
  skip: () => html`<path d="m3 3.5 6 4.5-6 4.5zM12.5 3.5v9"/>`,
  stop: () => html`<path d="M5.4 2h5.2L14 5.4v5.2L10.6 14H5.4L2 10.6V5.4z"/>`,
  trash: () => html`<path d="M2.5 4.2h11M6.3 4V2.4h3.4V4M4 4.2l.7 9.3h6.6l.7-9.3"/>`,
  x: () => html`<path d="m4 4 8 8M12 4l-8 8"/>`,
};

export function Icon({ name }) {
  return html`<svg class="i" viewBox="0 0 16 16" aria-hidden="true">${DRAWN[name]()}</svg>`;
}
