// Where somebody is, as the centre may know it: rings and bearings instead of a shore that is good to 3 km.
import { html } from "../base/html.js";

const WIDE = 660;
const HIGH = 520;
const RINGS = 5;
const DEGREE_KM = 111.19;

/** Kilometres of a ring, so that the accuracy lies inside the drawing. */
const stepFor = (accuracy) => [0.5, 1, 2, 5, 10, 20, 50].find((km) => km * 3 >= accuracy / 1000) ?? 100;

function bearings(position, towns, far) {
  const found = towns.map((town) => {
    const north = (town.lat - position.lat) * DEGREE_KM;
    const east = (town.lon - position.lon) * DEGREE_KM * Math.cos((position.lat * Math.PI) / 180);
    return { name: town.name, population: town.population, distance: Math.hypot(north, east), angle: Math.atan2(east, north) };
  });
  const near = found.filter(({ distance }) => distance > 3 && distance < Math.max(40, far * 2)).sort((a, b) => b.population - a.population);
  const kept = [];
  for (const town of near) {
    if (kept.length < 6 && kept.every((other) => Math.abs(Math.atan2(Math.sin(other.angle - town.angle), Math.cos(other.angle - town.angle))) > 0.6)) kept.push(town);
  }
  return kept;
}

export function Position({ position, towns, label, within }) {
  const accuracy = position.accuracy_m ?? 0;
  const step = stepFor(accuracy);
  const perKm = HIGH / 2 / (step * (RINGS - 0.4));
  const [x, y] = [WIDE / 2, HIGH / 2];
  return html`<svg class="position-map" viewBox=${`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="xMidYMid meet" role="img" aria-label=${label}>
    <rect class="ground" width=${WIDE} height=${HIGH} />
    ${[1, 2, 3, 4].map((ring) => html`<circle key=${ring} class="ring" cx=${x} cy=${y} r=${ring * step * perKm} /><text x=${x} y=${y - ring * step * perKm - 5} text-anchor="middle">${ring * step} km</text>`)}
    <circle class="within" cx=${x} cy=${y} r=${Math.max(6, (accuracy / 1000) * perKm)} /><circle class="spot" cx=${x} cy=${y} r="8" />
    ${accuracy > 0 && html`<text class="sos-text" x=${x + 12} y=${y + 4}>${within}</text>`}
    ${bearings(position, towns, step * 4).map(({ name, distance, angle }) => {
      const far = HIGH / 2 - 44;
      const [tx, ty] = [x + Math.sin(angle) * far * 1.15, y - Math.cos(angle) * far];
      return html`<g key=${name} transform=${`translate(${tx.toFixed(0)} ${ty.toFixed(0)})`}><path class="arrow" d="M0 -7l4.5 9h-9z" transform=${`rotate(${((angle * 180) / Math.PI).toFixed(0)})`} /><text y="20" text-anchor="middle">${name} ${Math.round(distance)} km</text></g>`;
    })}
    <g transform=${`translate(${WIDE - 30} ${HIGH - 30})`}><path class="arrow" d="M0 -16l6 18-6-4-6 4z" /><text y="18" text-anchor="middle">N</text></g></svg>`;
}
