// A map on one canvas: it can be dragged, pinched, wheeled and moved by keys; layers draw on it, elements stand on it.
import { project, unproject } from "./mercator.js";

const LEAST = 4;
const MOST = 14;
const STEP_PX = 80;
/** A press that moved less than this was a press. */
const STILL_PX = 5;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export function createMap(element, { bounds }) {
  const canvas = document.createElement("canvas");
  const over = document.createElement("div");
  over.className = "map-over";
  canvas.setAttribute("aria-hidden", "true");
  element.append(canvas, over);
  const brush = canvas.getContext("2d");
  const layers = [];
  const placed = new Map();
  const listeners = { move: new Set(), click: new Set() };
  const held = new Map();
  let centre = [0, 0];
  let zoom = LEAST;
  let size = [1, 1];
  let frame = 0;
  let press = null;

  const scale = () => 2 ** zoom;
  const map = {
    element,
    get zoom() {
      return zoom;
    },
    get size() {
      return size;
    },
    /** Where the upper left corner is, in pixels of the world at zoom 0. */
    get origin() {
      return [centre[0] - size[0] / 2 / scale(), centre[1] - size[1] / 2 / scale()];
    },
    get scale() {
      return scale();
    },
    pixel(place) {
      const [x, y] = project(place);
      const [left, top] = map.origin;
      return [(x - left) * scale(), (y - top) * scale()];
    },
    place([x, y]) {
      const [left, top] = map.origin;
      return unproject([left + x / scale(), top + y / scale()]);
    },
    centre: () => unproject(centre),
    /** South, west, north, east of what is seen. */
    box() {
      const [north, west] = map.place([0, 0]);
      const [south, east] = map.place(size);
      return { south: Math.max(-85, south), west: Math.max(-180, west), north: Math.min(85, north), east: Math.min(180, east) };
    },
    view(place, at = zoom) {
      centre = project(place);
      zoom = clamp(at, LEAST, MOST);
      changed();
    },
    /** Show all of these places, with some room around them. */
    fit(places, most = MOST) {
      const flat = places.map(project);
      const xs = flat.map(([x]) => x);
      const ys = flat.map(([, y]) => y);
      const wide = Math.max(1e-9, Math.max(...xs) - Math.min(...xs));
      const high = Math.max(1e-9, Math.max(...ys) - Math.min(...ys));
      centre = [(Math.max(...xs) + Math.min(...xs)) / 2, (Math.max(...ys) + Math.min(...ys)) / 2];
      zoom = clamp(Math.floor(2 * Math.log2(Math.min(size[0] / wide, size[1] / high))) / 2, LEAST, most);
      changed();
    },
    /** Nearer or farther, keeping the point under `at` where it is. */
    zoomBy(by, at = [size[0] / 2, size[1] / 2]) {
      const fixed = map.place(at);
      zoom = clamp(zoom + by, LEAST, MOST);
      const [x, y] = project(fixed);
      centre = [x - (at[0] - size[0] / 2) / scale(), y - (at[1] - size[1] / 2) / scale()];
      changed();
    },
    pan(x, y) {
      centre = [clamp(centre[0] + x / scale(), 0, 256), clamp(centre[1] + y / scale(), 0, 256)];
      changed();
    },
    layer: (draw) => layers.push(draw),
    /** An element that stands at a place; again with null to take it away. */
    stand(child, place) {
      if (place === null) {
        placed.delete(child);
        child.remove();
        return;
      }
      placed.set(child, place);
      if (child.parentNode !== over) over.append(child);
      put(child, place);
    },
    on(name, listener) {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    redraw() {
      frame ||= requestAnimationFrame(draw);
    },
    remove() {
      cancelAnimationFrame(frame);
      watcher.disconnect();
      element.replaceChildren();
    },
  };

  function put(child, place) {
    const [x, y] = map.pixel(place);
    child.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  }

  function changed() {
    for (const [child, place] of placed) put(child, place);
    map.redraw();
    for (const listener of listeners.move) listener(map);
  }

  function draw() {
    frame = 0;
    const ratio = window.devicePixelRatio || 1;
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, size[0], size[1]);
    for (const layer of layers) {
      brush.save();
      layer(brush, map);
      brush.restore();
    }
  }

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    size = [Math.max(1, element.clientWidth), Math.max(1, element.clientHeight)];
    canvas.width = Math.round(size[0] * ratio);
    canvas.height = Math.round(size[1] * ratio);
    changed();
  }

  const at = (event) => {
    const { left, top } = element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const middle = () => [...held.values()].reduce(([x, y], [px, py]) => [x + px / held.size, y + py / held.size], [0, 0]);
  const apart = () => {
    const [a, b] = [...held.values()];
    return b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0;
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, at(event));
    press = { start: at(event), moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const before = middle();
    const wide = apart();
    held.set(event.pointerId, at(event));
    const after = middle();
    if (press && Math.hypot(after[0] - press.start[0], after[1] - press.start[1]) > STILL_PX) press.moved = true;
    if (!press?.moved && held.size < 2) return;
    map.pan(before[0] - after[0], before[1] - after[1]);
    if (wide && apart()) map.zoomBy(Math.log2(apart() / wide), after);
  });
  const let_go = (event) => {
    if (!held.delete(event.pointerId)) return;
    if (event.type === "pointerup" && press && !press.moved && !held.size) for (const listener of listeners.click) listener(map.place(at(event)), at(event));
  };
  canvas.addEventListener("pointerup", let_go);
  canvas.addEventListener("pointercancel", let_go);
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      map.zoomBy(clamp(-event.deltaY / 240, -1, 1), at(event));
    },
    { passive: false }
  );
  canvas.addEventListener("dblclick", (event) => map.zoomBy(1, at(event)));
  element.addEventListener("keydown", (event) => {
    if (event.target !== element) return;
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    map.pan(step[0] * STEP_PX, step[1] * STEP_PX);
  });

  const watcher = new ResizeObserver(resize);
  watcher.observe(element);
  resize();
  map.fit(bounds);
  return map;
}
