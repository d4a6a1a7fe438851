// A phone number in groups. The groups are made by margins: what is copied has no spaces.
import { html } from "./html.js";

const SHAPES = [
  [/^(47)(\d{3})(\d{2})(\d{3})$/, true],
  [/^(47)(\d{4})(\d{4})(\d{4})$/, true],
  [/^([49]\d{2})(\d{2})(\d{3})$/, false],
  [/^(\d{2})(\d{2})(\d{2})(\d{2})$/, false],
];

export function groups(number) {
  for (const [shape, withCountry] of SHAPES) {
    const found = shape.exec(number);
    if (found) return { country: withCountry ? found[1] : "", parts: found.slice(withCountry ? 2 : 1) };
  }
  return { country: "", parts: [number] };
}

export function Num({ n }) {
  const { country, parts } = groups(n);
  if (!country && parts.length === 1) return html`<span class="num">${n}</span>`;
  return html`<span class="num">${country && html`<b class="cc">${country}</b>`}${parts.map(
    (part) => html`<b>${part}</b>`
  )}</span>`;
}
