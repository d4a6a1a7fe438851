// Phones as dots: one each, or how many of them stand together. A dot can be dragged, or moved by arrow keys.
const NEAR_PX = 34;
const KM = 1 / 111.19;
const STILL_PX = 4;

const brief = (number) => (number >= 1_000_000 ? `${Math.round(number / 1e6)}M` : number >= 10_000 ? `${Math.round(number / 1000)}k` : String(number));

/** Where a phone on a track is at a moment. */
export function positionAt(phone, at) {
  const { track } = phone;
  if (!track?.length) return [phone.lat, phone.lon];
  const points = track.map((point) => ({ at: Date.parse(point.at), lat: point.lat, lon: point.lon }));
  if (at <= points[0].at) return [points[0].lat, points[0].lon];
  for (let index = 1; index < points.length; index += 1) {
    const [a, b] = [points[index - 1], points[index]];
    if (at <= b.at) {
      const part = (at - a.at) / Math.max(1, b.at - a.at);
      return [a.lat + (b.lat - a.lat) * part, a.lon + (b.lon - a.lon) * part];
    }
  }
  const last = points.at(-1);
  return [last.lat, last.lon];
}

/** Where phones were last moved to by keys: what is told of them may be older than the next press. */
const moves = new Map();
const MOVING_MS = 3000;

/** Move a phone by a step in degrees, after the steps before. */
function nudge(phone, place, [north, east], at, actions) {
  const before = moves.get(phone.msisdn);
  const [lat, lon] = before && at - before.at < MOVING_MS ? before.place : place;
  const self = { at, place: [lat + north, lon + east / Math.cos((lat * Math.PI) / 180)] };
  self.done = Promise.resolve(before?.done).then(() => actions.drop(phone, self.place, null));
  moves.set(phone.msisdn, self);
  return self.place;
}

export const toneOf = (phone) => (!phone.powered ? "rest" : phone.coverage === "good" ? "done" : "wait");

/** Dots and clusters for this zoom: [{place, phones, count}]. The chosen phone stands alone. */
export function cluster(map, phones, ranges, at, selected) {
  const groups = [];
  const add = (place, weight, phone, name) => {
    const pixel = map.pixel(place);
    if (pixel[0] < -100 || pixel[1] < -100 || pixel[0] > map.size[0] + 100 || pixel[1] > map.size[1] + 100) return;
    const alone = phone?.msisdn === selected;
    const near = alone ? null : groups.find((group) => !group.alone && Math.hypot(group.pixel[0] - pixel[0], group.pixel[1] - pixel[1]) < NEAR_PX);
    if (near) {
      near.count += weight;
      if (phone) near.phones.push(phone);
      near.name ||= name;
    } else groups.push({ place, pixel, count: weight, phones: phone ? [phone] : [], name, alone });
  };
  for (const range of ranges) add([range.lat, range.lon], range.count, null, range.zone);
  for (const phone of phones) add(positionAt(phone, at), 1, phone);
  return groups;
}

function element(className, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `dot-place ${className}`;
  made.setAttribute("aria-label", label);
  return made;
}

function single(map, phone, place, selected, actions) {
  const tone = toneOf(phone);
  const state = phone.powered ? `${phone.coverage === "none" ? "no" : phone.coverage} coverage` : "switched off";
  const made = element(tone, `Phone ${phone.msisdn}, ${state}${phone.zone ? `, ${phone.zone}` : ""}${phone.waiting ? `, ${phone.waiting} waiting` : ""}`);
  made.dataset.phone = phone.msisdn;
  if (phone.msisdn === selected) made.setAttribute("aria-current", "true");
  const dot = document.createElement("span");
  dot.className = "dot";
  made.append(dot);
  if (phone.msisdn === selected || phone.waiting) {
    const name = document.createElement("span");
    name.className = "dot-name";
    name.textContent = phone.msisdn;
    made.append(name);
  }
  let press = null;
  const where = (event) => {
    const { left, top } = map.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  made.addEventListener("pointerdown", (event) => {
    moves.delete(phone.msisdn);
    made.setPointerCapture(event.pointerId);
    press = { start: where(event), moved: false };
  });
  made.addEventListener("pointermove", (event) => {
    if (!press) return;
    const here = where(event);
    if (Math.hypot(here[0] - press.start[0], here[1] - press.start[1]) > STILL_PX) {
      press.moved = true;
      map.dragging = made;
    }
    if (press.moved) map.stand(made, map.place(here));
  });
  made.addEventListener("pointerup", (event) => {
    const moved = press?.moved;
    press = null;
    map.dragging = null;
    if (moved) actions.drop(phone, map.place(where(event)), where(event));
  });
  made.addEventListener("pointercancel", () => {
    press = null;
    map.dragging = null;
    map.stand(made, place);
  });
  made.addEventListener("click", () => actions.pick(phone));
  made.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const length = (event.shiftKey ? 10 : 1) * KM;
    map.stand(made, nudge(phone, place, [step[0] * length, step[1] * length], event.timeStamp, actions));
  });
  return made;
}

function many(group, actions) {
  const made = element("many", `${brief(group.count)} phones${group.name ? ` in ${group.name}` : ""}`);
  const ring = document.createElement("span");
  ring.className = "cluster";
  ring.textContent = brief(group.count);
  made.append(ring);
  made.addEventListener("click", () => actions.open(group));
  return made;
}

/** Keep the elements of the phones in step with what is told; `actions` are pick, drop and open. */
export function dotLayer(map) {
  let shown = new Map();
  const update = ({ phones, ranges, at, selected }, actions) => {
    if (map.dragging) return;
    update.signs = [];
    const focused = document.activeElement?.dataset?.phone;
    const next = new Map();
    for (const group of cluster(map, phones, ranges, at, selected)) {
      const alone = group.count === 1 && group.phones.length === 1;
      const [phone] = group.phones;
      if (!alone) update.signs.push(group.place);
      const key = alone ? JSON.stringify([phone, phone.msisdn === selected]) : `${group.count} ${group.place}`;
      const known = shown.get(key);
      const made = known ?? (alone ? single(map, phone, group.place, selected, actions) : many(group, actions));
      map.stand(made, group.place);
      next.set(key, made);
    }
    for (const [key, made] of shown) if (!next.has(key)) map.stand(made, null);
    shown = next;
    if (focused && document.activeElement?.dataset?.phone !== focused) map.element.querySelector(`[data-phone="${CSS.escape(focused)}"]`)?.focus();
  };
  update.signs = [];
  return update;
}
