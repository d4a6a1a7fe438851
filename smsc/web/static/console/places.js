// Zones, tunnels and cells on the map: stronger than the signal below them. Hatching is weak or no radio.
import { halo } from "./ground.js";
import { pixels } from "./mercator.js";

const TONES = { good: "move", weak: "wait", none: "tunnel" };
const NEAR_PX = 8;

/** Whether an outage of a zone holds at a moment. */
export function isDown(zone, at) {
  return (zone.outages ?? []).some((outage) => {
    const from = outage.from ? Date.parse(outage.from) : -Infinity;
    const to = outage.to ? Date.parse(outage.to) : Infinity;
    if (at >= from && at < to) return true;
    if (!outage.every || at < from || (outage.until && at >= Date.parse(outage.until))) return false;
    return (at - from) % (outage.every * 1000) < to - from;
  });
}

export const coverageAt = (zone, at) => (isDown(zone, at) ? "none" : zone.coverage);

function trace(brush, map, geometry) {
  brush.beginPath();
  if (geometry.type === "circle") {
    const [x, y] = map.pixel([geometry.lat, geometry.lon]);
    brush.arc(x, y, Math.max(3, pixels(geometry.radius_m, geometry.lat, map.zoom)), 0, 7);
    return;
  }
  geometry.points.forEach((point, index) => brush[index ? "lineTo" : "moveTo"](...map.pixel(point)));
  if (geometry.type === "polygon") brush.closePath();
}

let pattern = null;
/** Slanted lines in a colour, for where the radio is weak or silent. */
function hatch(brush, ink) {
  if (pattern?.ink === ink) return pattern.made;
  const cell = new OffscreenCanvas(7, 7);
  const pen = cell.getContext("2d");
  pen.strokeStyle = ink;
  pen.globalAlpha = 0.55;
  pen.beginPath();
  for (const shift of [-7, 0, 7]) {
    pen.moveTo(shift, 7);
    pen.lineTo(shift + 7, 0);
  }
  pen.stroke();
  pattern = { ink, made: brush.createPattern(cell, "repeat") };
  return pattern.made;
}

function road(brush, map, geometry, ink, halo_, wide) {
  for (const [stroke, width] of [[halo_, wide * 2], [ink, wide]]) {
    trace(brush, map, geometry);
    brush.strokeStyle = stroke;
    brush.lineWidth = width;
    brush.lineCap = brush.lineJoin = "round";
    brush.stroke();
  }
}

const centreOf = (map, geometry) => {
  if (geometry.type === "circle") return map.pixel([geometry.lat, geometry.lon]);
  const all = geometry.points.map((point) => map.pixel(point));
  return [all.reduce((sum, [x]) => sum + x, 0) / all.length, all.reduce((sum, [, y]) => sum + y, 0) / all.length];
};

function lowest(map, geometry) {
  if (geometry.type === "circle") return map.pixel([geometry.lat, geometry.lon])[1] + pixels(geometry.radius_m, geometry.lat, map.zoom);
  return Math.max(...geometry.points.map((point) => map.pixel(point)[1]));
}

export function drawZones(brush, map, zones, at, colour) {
  for (const zone of zones) {
    if (!zone.geometry) continue;
    const coverage = coverageAt(zone, at);
    const ink = colour(TONES[coverage]);
    if (zone.geometry.type === "line") road(brush, map, zone.geometry, ink, colour("halo"), 4.5);
    else {
      trace(brush, map, zone.geometry);
      if (coverage === "good") {
        brush.globalAlpha = 0.1;
        brush.fillStyle = ink;
      } else brush.fillStyle = hatch(brush, ink);
      brush.fill();
      brush.globalAlpha = 1;
      brush.strokeStyle = ink;
      brush.lineWidth = 1.5;
      brush.setLineDash(isDown(zone, at) ? [6, 4] : []);
      brush.stroke();
      brush.setLineDash([]);
    }
  }
  brush.font = "600 11px system-ui, sans-serif";
  brush.textAlign = "center";
  brush.textBaseline = "top";
  for (const zone of zones) {
    if (!zone.geometry) continue;
    const coverage = coverageAt(zone, at);
    const text = coverage === "good" ? zone.name : `${zone.name}, ${coverage === "none" ? "no coverage" : "weak"}`;
    halo(brush, text, centreOf(map, zone.geometry)[0], lowest(map, zone.geometry) + 6, colour(TONES[coverage]), colour);
  }
}

export const drawTunnels = (brush, map, tunnels, colour) => {
  for (const { geometry } of tunnels) road(brush, map, geometry, colour("tunnel"), colour("halo"), 2.5);
};

export function drawCells(brush, map, cells, colour) {
  for (const cell of cells) {
    const [x, y] = map.pixel([cell.lat, cell.lon]);
    brush.beginPath();
    brush.arc(x, y, 3, 0, 7);
    brush.fillStyle = colour("surface");
    brush.fill();
    brush.lineWidth = 1.5;
    brush.strokeStyle = colour(cell.down ? "fail" : "ink-2");
    brush.stroke();
  }
}

/** How far a pixel is from a line of places, and the place on it that is nearest. */
export function nearest(map, pixel, points) {
  let best = { distance: Infinity, at: pixel };
  for (let index = 1; index < points.length; index += 1) {
    const [a, b] = [map.pixel(points[index - 1]), map.pixel(points[index])];
    const length = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2 || 1;
    const part = Math.min(1, Math.max(0, ((pixel[0] - a[0]) * (b[0] - a[0]) + (pixel[1] - a[1]) * (b[1] - a[1])) / length));
    const at = [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])];
    const distance = Math.hypot(at[0] - pixel[0], at[1] - pixel[1]);
    if (distance < best.distance) best = { distance, at };
  }
  return best;
}

/** The zone under a pixel: lines first, they are small. */
export function zoneAt(brush, map, zones, pixel) {
  const drawn = zones.filter((zone) => zone.geometry);
  const line = drawn.find((zone) => zone.geometry.type === "line" && nearest(map, pixel, zone.geometry.points).distance < NEAR_PX);
  if (line) return line;
  return drawn.findLast((zone) => {
    if (zone.geometry.type === "line") return false;
    brush.save();
    brush.setTransform(1, 0, 0, 1, 0, 0);
    trace(brush, map, zone.geometry);
    const inside = brush.isPointInPath(...pixel);
    brush.restore();
    return inside;
  });
}
