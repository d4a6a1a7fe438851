// The map: Norway with its signal, zones and tunnels, and the phones on it. Drag one, draw a zone, look ahead.
import * as api from "../base/api.js";
import { html, useEffect, useRef, useState } from "../base/html.js";
import { Icon } from "../base/icon.js";
import { Waiting } from "../base/parts.js";
import { fail } from "./bars.js";
import { useKeys } from "./keys.js";
import { ZoneForm } from "./drawzone.js";
import { Layers, Legend, MapList, PhoneCard, Seek, ZoneCard } from "./mapparts.js";
import { listen } from "./live.js";
import { current, setQuery } from "./route.js";
import { TimeBar } from "./timebar.js";
import { now } from "./time.js";
import { useAnswer, useTick } from "./use.js";
import { createView } from "./view.js";

const NORWAY = { south: 57, west: 3, north: 72, east: 32.5 };
const changes = ({ event }) => event.startsWith("subscriber") || event.startsWith("zone") || event.startsWith("outages") || event.startsWith("message");

/** What the map shows, read again when it changes. */
function useWorld() {
  const zones = useAnswer((signal) => api.zones(signal), [], { concerns: ({ event }) => event.startsWith("zone") || event.startsWith("outages") });
  const phones = useAnswer((signal) => api.phonesOnMap(NORWAY, signal), [], { concerns: changes, pause: 700 });
  return { zones: zones.value?.zones.filter((zone) => !zone.synthetic) ?? [], readPhones: phones.again, error: zones.error ?? phones.error, ...(phones.value ?? { phones: [], ranges: [] }) };
}

export function Page({ route }) {
  const place = useRef(null);
  const [view, made] = useState(null);
  const [broken, breaks] = useState(false);
  const [tool, take] = useState("");
  const [drawn, draw] = useState([]);
  const [ahead, look] = useState(null);
  const [zone, pickZone] = useState(null);
  /** The chosen phone when it is one of a range, which are told together. */
  const [alone, stand] = useState(null);
  const world = useWorld();
  const selected = route.query.get("phone") ?? "";
  const off = (route.query.get("off") ?? "").split(" ").filter(Boolean);
  const listed = route.query.has("list");
  const at = ahead ?? now();
  const moving = world.phones.some((phone) => phone.track);
  useTick(moving ? 1000 : 10_000);

  const drop = async (phone, place, pixel) => {
    const snapped = pixel ? view.snap(place, pixel) : { lat: place[0], lon: place[1] };
    await api.changePhone(phone.msisdn, snapped.zone ? { zone: snapped.zone } : { position: { lat: snapped.lat, lon: snapped.lon } }).catch(fail);
    setQuery({ phone: phone.msisdn });
    world.readPhones();
  };
  const pick = (phone) => {
    pickZone(null);
    setQuery({ phone: phone.msisdn, list: null });
  };

  useEffect(() => {
    let gone = false;
    let here = null;
    createView(place.current, route.query.get("at")).then(
      (ready) => {
        here = ready;
        if (gone) ready.remove();
        else made(ready);
      },
      (error) => {
        breaks(true);
        fail(error);
      }
    );
    return () => {
      gone = true;
      here?.remove();
    };
  }, []);
  useEffect(() => view?.onPlace((text) => current().page === "map" && setQuery({ at: text })), [view]);
  useEffect(() => view && listen((events) => events.some(({ event }) => event.startsWith("outages")) && view.forgetSignal()), [view]);
  useEffect(() => view?.showLayers(off), [view, off.join(" ")]);
  useEffect(() => view?.showZones(world.zones, at, (found) => {
    pickZone(found.name);
    setQuery({ phone: null });
  }), [view, world.zones.length, JSON.stringify(world.zones), Math.floor(at / 10_000)]);
  useEffect(() => view?.showPhones({ phones: alone?.msisdn === selected && world.phones.every(({ msisdn }) => msisdn !== selected) ? [...world.phones, alone] : world.phones, ranges: world.ranges, at, selected }, { pick, drop, open: (group) => view.zoomTo(group.place) }));
  useEffect(() => view?.draw(tool === "draw" ? drawn : null, (point) => draw((points) => [...points, point])), [view, tool, drawn]);
  useEffect(() => {
    stand(null);
    if (!view || !selected) return;
    api.phone(selected).then((phone) => {
      if (!phone.position) return;
      view.showPlace([phone.position.lat, phone.position.lon]);
      stand({ ...phone, ...phone.position, coverage: phone.coverage.coverage });
    }, fail);
  }, [view, selected]);

  useKeys({
    l: () => setQuery({ list: listed ? null : "1" }),
    L: () => setQuery({ list: listed ? null : "1" }),
    "+": () => view?.zoom(1),
    "-": () => view?.zoom(-1),
    Escape: () => {
      if (tool) {
        take("");
        draw([]);
      } else if (zone) pickZone(null);
      else if (selected) setQuery({ phone: null });
      else if (listed) setQuery({ list: null });
      else return false;
      return true;
    },
  }, Boolean(view) || broken);
  const gpx = async (files) => {
    const [file] = files;
    if (!file) return;
    if (!selected) {
      fail(new Error("Choose a phone first: the file says how it moves."));
      return;
    }
    await api.changePhone(selected, { gpx: await file.text(), starts_now: true }).catch(fail);
    world.readPhones();
  };
  const shownZone = world.zones.find((each) => each.name === zone);
  return html`<div class="mapwrap" onDragOver=${(event) => event.preventDefault()} onDrop=${(event) => {
      event.preventDefault();
      gpx(event.dataTransfer.files);
    }}><h1 class="sr">Map</h1>
    <div class="map-place" ref=${place} tabindex="0" role="group" aria-label="Map of Norway with coverage, zones, tunnels and phones. Arrow keys move it, plus and minus come nearer and go away. The same as a list: press L."></div>
    ${!view && html`<${Waiting} />`}
    <${Seek} view=${view} />
    <div class="float tools-v" role="toolbar" aria-label="Map tools" aria-orientation="vertical">
      <button type="button" class=${`btn bare icon${tool === "draw" ? " tool-on" : ""}`} aria-pressed=${String(tool === "draw")} aria-label="Draw a zone or an outage" onClick=${() => {
        take(tool === "draw" ? "" : "draw");
        draw([]);
      }}><${Icon} name="poly" /></button>
      <label class="btn bare icon" title="A GPX file for the chosen phone"><${Icon} name="file" /><span class="sr">GPX file for the chosen phone</span><input class="sr" type="file" accept=".gpx" onChange=${(event) => gpx(event.currentTarget.files)} /></label>
      <button type="button" class="btn bare icon" aria-label="As a list" aria-pressed=${String(listed)} onClick=${() => setQuery({ list: listed ? null : "1" })}><${Icon} name="scenarios" /></button><hr class="hide-s" />
      <button type="button" class="btn bare icon hide-s" aria-label="Nearer" onClick=${() => view?.zoom(1)}><${Icon} name="plus" /></button>
      <button type="button" class="btn bare icon hide-s" aria-label="Farther" onClick=${() => view?.zoom(-1)}><${Icon} name="minus" /></button></div>
    <${Layers} off=${off} />
    ${tool === "draw" && html`<${ZoneForm} points=${drawn} undo=${() => draw(drawn.slice(0, -1))} done=${() => {
      take("");
      draw([]);
    }} />`}
    ${selected && !tool && html`<${PhoneCard} key=${selected} number=${selected} changed=${world.readPhones} />`}
    ${shownZone && !selected && !tool && html`<${ZoneCard} zone=${shownZone} at=${at} close=${() => pickZone(null)} />`}
    ${listed && html`<${MapList} world=${world} at=${at} pick=${pick} pickZone=${(found) => {
      pickZone(found.name);
      setQuery({ list: null, phone: null });
      view?.showShape(found.geometry);
    }} />`}
    <${Legend} />
    <${TimeBar} world=${world} ahead=${ahead} look=${look} />
  </div>`;
}
