// Web Mercator: degrees to pixels of the whole world at a zoom, and back. At zoom 0 the world is 256 wide.
const SIZE = 256;
const LIMIT = 85.05;

export const METRES = 40_075_016.7;

/** [x, y] at zoom 0. */
export function project([lat, lon]) {
  const sine = Math.sin((Math.min(LIMIT, Math.max(-LIMIT, lat)) * Math.PI) / 180);
  return [((lon + 180) / 360) * SIZE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * SIZE];
}

/** [lat, lon] of a point at zoom 0. */
export function unproject([x, y]) {
  const n = Math.PI - (2 * Math.PI * y) / SIZE;
  return [(180 / Math.PI) * Math.atan(Math.sinh(n)), (x / SIZE) * 360 - 180];
}

/** Pixels of so many metres at a latitude and zoom. */
export const pixels = (metres, lat, zoom) => (metres / METRES / Math.cos((lat * Math.PI) / 180)) * SIZE * 2 ** zoom;
