// The map behind the page: its layers, and what the page may ask of it.
import * as api from "../base/api.js";
import { colours, onTheme } from "../base/colours.js";
import { createMap } from "./canvasmap.js";
import { dotLayer } from "./dots.js";
import { landLayer, rasterLayer, scaleLayer, townLayer } from "./ground.js";
import { drawCells, drawTunnels, drawZones, nearest, zoneAt } from "./places.js";

const START = [[58.4, 4.6], [62.9, 13]];
const SNAP_PX = 16;
const CELLS_FROM = 8;
const PAUSE = 250;

export async function createView(element, spot) {
  const outline = await api.outline();
  let palette = colours();
  const colour = (name) => palette(name);
  const map = createMap(element, { bounds: START });
  const told = /^(-?[\d.]+),(-?[\d.]+),([\d.]+)$/.exec(spot ?? "");
  if (told) map.view([Number(told[1]), Number(told[2])], Number(told[3]));

  const state = { off: [], zones: [], at: 0, pick: () => {}, tunnels: [], cells: [], way: null, drawn: null, add: null, dots: null };
  const on = (name) => !state.off.includes(name);
  const land = landLayer(outline.land, colour);
  const raster = rasterLayer(land, colour, map.redraw);
  const towns = townLayer(outline.towns, colour, () => dots.signs);
  const scale = scaleLayer(colour);
  const dots = dotLayer(map);
  map.layer(land.land);
  map.layer((brush) => on("coverage") && raster.draw(brush, map));
  map.layer(land.coast);
  map.layer(scale);
  map.layer((brush) => on("cells") && map.zoom >= CELLS_FROM && drawCells(brush, map, state.cells, colour));
  map.layer((brush) => on("tunnels") && drawTunnels(brush, map, state.tunnels, colour));
  map.layer(towns);
  map.layer((brush) => on("zones") && drawZones(brush, map, state.zones, state.at, colour));
  map.layer((brush) => {
    for (const [points, ink, dash, closed] of [[state.way, "move", [1, 5], false], [state.drawn, "fail", [6, 4], true]]) {
      if (!points?.length) continue;
      brush.strokeStyle = colour(ink);
      brush.lineWidth = 2;
      brush.lineCap = "round";
      brush.setLineDash(dash);
      brush.beginPath();
      points.forEach((point, index) => brush[index ? "lineTo" : "moveTo"](...map.pixel(point)));
      if (closed) brush.closePath();
      brush.stroke();
      brush.setLineDash([]);
      if (closed) for (const point of points) brush.strokeRect(map.pixel(point)[0] - 4, map.pixel(point)[1] - 4, 8, 8);
    }
  });

  let timer = 0;
  const readCells = async () => {
    timer = 0;
    try {
      const found = await api.cells(map.box());
      Object.assign(state, { cells: found.cells, tunnels: found.tunnels });
      map.redraw();
    } catch {
      // what is there stays; the bar above says that nobody answers
    }
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(readCells, PAUSE);
  };
  const endTheme = onTheme(() => {
    palette = colours();
    raster.recolour();
    map.redraw();
  });
  map.on("move", () => {
    soon();
    state.dots?.();
  });
  map.on("click", (place, pixel) => {
    if (state.add) state.add(place);
    else {
      const zone = on("zones") && zoneAt(element.querySelector("canvas").getContext("2d"), map, state.zones, pixel);
      if (zone) state.pick(zone);
    }
  });
  readCells();

  return {
    remove() {
      clearTimeout(timer);
      endTheme();
      raster.end();
      map.remove();
    },
    zoom: (by) => map.zoomBy(by),
    zoomTo: (place) => map.view(place, map.zoom + 2),
    goTo: (place, zoom = 9) => map.view(place, zoom),
    showPlace(place) {
      const [x, y] = map.pixel(place);
      const narrow = map.size[0] < 600;
      if (x > 60 && y > (narrow ? 130 : 60) && x < map.size[0] - (narrow ? 60 : 340) && y < map.size[1] * (narrow ? 0.5 : 0.8)) return;
      map.view(place);
      // The card stands below it there.
      if (narrow) map.pan(0, map.size[1] * 0.15);
    },
    showShape(geometry) {
      if (geometry?.type === "circle") map.view([geometry.lat, geometry.lon], 8);
      else if (geometry) map.fit(geometry.points, 10);
    },
    /** Tell where the map stands, as text for the address. */
    onPlace(tell) {
      let later = 0;
      const end = map.on("move", () => {
        clearTimeout(later);
        later = setTimeout(() => {
          const [lat, lon] = map.centre();
          tell(`${lat.toFixed(3)},${lon.toFixed(3)},${map.zoom.toFixed(1)}`);
        }, 2 * PAUSE);
      });
      return () => {
        clearTimeout(later);
        end();
      };
    },
    showLayers(off) {
      state.off = off;
      map.redraw();
    },
    showZones(zones, at, pick) {
      Object.assign(state, { zones, at, pick });
      map.redraw();
    },
    /** The signal has changed: outages of cells and counties. */
    forgetSignal: raster.forget,
    showPhones(phones, actions) {
      const moving = phones.phones.find((phone) => phone.msisdn === phones.selected && phone.track?.length);
      state.way = moving ? moving.track.map((point) => [point.lat, point.lon]) : null;
      state.dots = () => dots(phones, actions);
      state.dots();
      map.redraw();
    },
    /** Corners of what is being drawn; null ends that. */
    draw(points, add) {
      state.drawn = points;
      state.add = points ? add : null;
      element.classList.toggle("drawing", Boolean(points));
      map.redraw();
    },
    /** Where something that was let go lands: in the zone or tunnel it all but touches, else where it is. */
    snap([lat, lon], pixel) {
      for (const zone of state.zones) {
        if (zone.geometry?.type === "line" && nearest(map, pixel, zone.geometry.points).distance < SNAP_PX) return { zone: zone.name };
      }
      for (const tunnel of state.tunnels) {
        const found = nearest(map, pixel, tunnel.geometry.points);
        if (found.distance < SNAP_PX / 2) {
          const [south, west] = map.place(found.at);
          return { lat: south, lon: west };
        }
      }
      return { lat, lon };
    },
    pixel: map.pixel,
  };
}
