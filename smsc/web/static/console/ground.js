// The ground of the map: sea, land, the signal in squares, towns. Nothing here can be pressed.
import * as api from "../base/api.js";
import { project, unproject } from "./mercator.js";

const SIGN = 18;
const SIDE = 32;
const CLASSES = { 1: "cov-1", 2: "cov-2", 3: "cov-3" };
const TILES_KEPT = 600;
/** From this zoom on the outline, good to 3 km, is too coarse to be a shore: a grid says how far things are. */
export const NEAR = 10;

/** People that a town needs to be named, by zoom. */
const LEAST = { 4: 250_000, 5: 60_000, 6: 15_000, 7: 6_000, 8: 3_000, 9: 1_000 };
const least = (zoom) => LEAST[Math.min(9, Math.max(4, Math.floor(zoom)))] ?? 0;

function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach((point, index) => {
      const [x, y] = project(point);
      path[index ? "lineTo" : "moveTo"](x, y);
    });
    path.closePath();
  }
  return path;
}

/** Draw in pixels of the world at zoom 0. */
function inWorld(brush, map) {
  const [left, top] = map.origin;
  brush.scale(map.scale, map.scale);
  brush.translate(-left, -top);
}

/** The layer of the land, and of the coast over the signal. */
export function landLayer(rings, colour) {
  const path = pathOf(rings);
  return {
    path,
    land(brush, map) {
      const near = map.zoom >= NEAR;
      brush.fillStyle = colour(near ? "land" : "sea");
      brush.fillRect(0, 0, map.size[0], map.size[1]);
      inWorld(brush, map);
      brush.fillStyle = colour("land");
      brush.fill(path);
    },
    coast(brush, map) {
      inWorld(brush, map);
      brush.globalAlpha = map.zoom >= NEAR ? 0.35 : 1;
      brush.lineWidth = 0.8 / map.scale;
      brush.strokeStyle = colour("coast");
      brush.stroke(path);
    },
  };
}

/** Tiles are asked for two at a time, the latest first: a browser has six connections, and messages need them. */
const queue = [];
let asking = 0;
const AT_ONCE = 2;

function pump() {
  while (asking < AT_ONCE && queue.length) {
    const work = queue.pop();
    asking += 1;
    work().finally(() => {
      asking -= 1;
      pump();
    });
  }
}

/** The signal: a tile of squares is asked for when it is seen first, and again after `forget`. */
export function rasterLayer(land, colour, redraw) {
  let tiles = new Map();
  let gone = false;
  const ask = (z, x, y) => {
    const key = `${z}/${x}/${y}`;
    if (tiles.has(key)) return tiles.get(key);
    const tile = { squares: "", image: null, asked: false };
    tiles.set(key, tile);
    const side = 256 / 2 ** z;
    const [north, west] = unproject([x * side, y * side]);
    const [south, east] = unproject([(x + 1) * side, (y + 1) * side]);
    if (north < 56 || south > 73 || east < 2 || west > 34) return tile;
    const mine = tiles;
    tile.asked = true;
    queue.push(async () => {
      if (mine !== tiles || gone) return;
      try {
        tile.squares = (await api.raster({ south, west, north, east, columns: SIDE, rows: SIDE })).squares;
        redraw();
      } catch {
        mine.delete(key);
      }
    });
    pump();
    if (tiles.size > TILES_KEPT) tiles.delete(tiles.keys().next().value);
    return tile;
  };
  const paint = (tile) => {
    const image = new OffscreenCanvas(SIDE, SIDE);
    const brush = image.getContext("2d");
    for (let index = 0; index < tile.squares.length; index += 1) {
      const name = CLASSES[tile.squares[index]];
      if (!name) continue;
      brush.fillStyle = colour(name);
      brush.fillRect(index % SIDE, Math.floor(index / SIDE), 1, 1);
    }
    return image;
  };
  /** Nobody has computed it yet, which is not "none". */
  const veil = (brush, x, y, side) => {
    brush.globalAlpha = 0.6;
    brush.fillStyle = colour("line");
    brush.fillRect(x, y, side, side);
    brush.globalAlpha = 1;
  };
  const draw = (brush, map) => {
    const z = Math.round(map.zoom);
    const side = 256 / 2 ** z;
    const [left, top] = map.origin;
    inWorld(brush, map);
    if (map.zoom < NEAR) brush.clip(land.path);
    brush.imageSmoothingEnabled = false;
    const right = left + map.size[0] / map.scale;
    const bottom = top + map.size[1] / map.scale;
    for (let y = Math.floor(top / side); y * side < bottom; y += 1) {
      for (let x = Math.floor(left / side); x * side < right; x += 1) {
        const tile = ask(z, x, y);
        if (!tile.squares) {
          if (tile.asked) veil(brush, x * side, y * side, side);
          continue;
        }
        tile.image ??= paint(tile);
        brush.drawImage(tile.image, x * side, y * side, side, side);
      }
    }
  };
  return {
    draw,
    forget() {
      tiles = new Map();
      redraw();
    },
    end() {
      gone = true;
    },
    recolour() {
      for (const tile of tiles.values()) tile.image = null;
    },
  };
}

export function halo(brush, text, x, y, ink, colour) {
  brush.lineJoin = "round";
  brush.lineWidth = 3;
  brush.strokeStyle = colour("halo");
  brush.strokeText(text, x, y);
  brush.fillStyle = ink;
  brush.fillText(text, x, y);
}

/** The towns that there is room for at this zoom. */
/** `avoid()` gives places whose own signs stand over a name. */
export function townLayer(towns, colour, avoid) {
  const ordered = [...towns].sort((a, b) => b.population - a.population);
  return (brush, map) => {
    brush.font = "500 11px system-ui, sans-serif";
    brush.textBaseline = "middle";
    const enough = least(map.zoom);
    const taken = avoid().map((place) => {
      const [x, y] = map.pixel(place);
      return [x - SIGN, y - SIGN, x + SIGN, y + SIGN];
    });
    for (const town of ordered) {
      if (town.population < enough) break;
      const [x, y] = map.pixel([town.lat, town.lon]);
      if (x < -50 || y < 0 || x > map.size[0] || y > map.size[1]) continue;
      const box = [x - 4, y - 9, x + 12 + brush.measureText(town.name).width, y + 9];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      brush.fillStyle = colour("place");
      brush.beginPath();
      brush.arc(x, y, 1.8, 0, 7);
      brush.fill();
      halo(brush, town.name, x + 6, y, colour("place"), colour);
    }
  };
}

/** How long a kilometre is: a bar in the corner, and when near a grid. */
export function scaleLayer(colour) {
  return (brush, map) => {
    const [lat, lon] = map.centre();
    const perKm = Math.abs(map.pixel([lat + 1 / 111.19, lon])[1] - map.pixel([lat, lon])[1]);
    const km = [500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5].find((each) => each * perKm <= 120) ?? 0.2;
    const long = km * perKm;
    if (map.zoom >= NEAR) {
      brush.strokeStyle = colour("line");
      brush.lineWidth = 1;
      const [ox, oy] = map.pixel([60, 10]);
      brush.beginPath();
      for (let x = ox % long; x < map.size[0]; x += long) brush.rect(x, -1, 0, map.size[1] + 2);
      for (let y = oy % long; y < map.size[1]; y += long) brush.rect(-1, y, map.size[0] + 2, 0);
      brush.stroke();
    }
    const [x, y] = [map.size[0] - long - 60, map.size[1] - 128];
    brush.strokeStyle = colour("ink-2");
    brush.lineWidth = 1.5;
    brush.beginPath();
    brush.moveTo(x, y - 5);
    brush.lineTo(x, y);
    brush.lineTo(x + long, y);
    brush.lineTo(x + long, y - 5);
    brush.stroke();
    brush.font = "500 11px system-ui, sans-serif";
    halo(brush, `${km} km`, x + long + 6, y, colour("place"), colour);
  };
}
