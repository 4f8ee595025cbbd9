// The map's pictures of true values: how one is painted, and which of its rows and columns are lit.
import { between } from "../shared/draw/colours.js";
import { make, penOf } from "../shared/draw/dom.js";
import { bytes } from "../shared/draw/numbers.js";
import { lightIn, placeOf, wordPointedAt } from "../shared/input/pointing.js";
import { NARROWEST, WIDEST } from "./fit.js";

const ZERO = 127, BLOCKED = 255;

/** @typedef {{rows: number, columns: number, data: string, key: string, shape: string, low: string, high: string, signed?: boolean}} Picture bytes of a matrix, or of a strip */

/** @type {WeakMap<Function, Record<string, Uint32Array>>} of each theme, once: a map has dozens of pictures */
const mixed = new WeakMap();

/** What each of the 256 bytes looks like, as pixels. */
function tintsOf(tone, signed, colour) {
  const known = mixed.get(colour) ?? {};
  mixed.set(colour, known);
  return known[`${tone} ${signed}`] ??= mix(tone, signed, colour);
}

/** @type {(tone: string, signed: boolean, colour: (name: string) => import("../shared/draw/colours.js").Channels) => Uint32Array} */
function mix(tone, signed, colour) {
  const zero = colour("neutral"), blocked = colour("blocked");
  const high = colour(["q", "k", "v"].includes(tone) ? tone : "positive");
  const low = colour(["q", "k", "v"].includes(tone) ? "opposite" : "negative");
  const about = (c) => (c >= ZERO ? between(zero, high, (c - ZERO) / ZERO) : between(zero, low, (ZERO - c) / ZERO));
  const share = tone === "matrix" && !signed ? (c) => between(zero, high, c / (BLOCKED - 1)) : about;
  const pixels = Uint8ClampedArray.from(Array.from({ length: 256 }, (_, c) => [...(tone === "matrix" && c === BLOCKED ? blocked : share(c)), 255]).flat());
  return new Uint32Array(pixels.buffer);
}

/**
 * Paint a picture.
 * @param {Picture} picture
 * @param {{tone: string, open: boolean, height: number, folded: number}} look "matrix", "stream", "q", "k" or "v"; whether its layer is unfolded; pixels of a row, and of a matrix in a folded layer
 * @param {(name: string) => import("../shared/draw/colours.js").Channels} colour
 */
export function painted({ rows, columns, data, signed }, { tone, open, height, folded }, colour) {
  const canvas = make("canvas");
  Object.assign(canvas, { width: columns, height: rows });
  const width = tone !== "matrix" ? (columns > 24 ? 62 : 31)
    : open ? Math.max(NARROWEST, Math.min(columns * height * 0.7, Math.max(WIDEST, rows * height * 0.5))) : folded;
  canvas.dataset.width = String(width);
  Object.assign(canvas.style, { width: `${width}px`, height: `${rows * height}px` });
  const image = new ImageData(columns, rows), pixels = new Uint32Array(image.data.buffer), tints = tintsOf(tone, Boolean(signed), colour);
  bytes(data).forEach((cell, i) => { pixels[i] = tints[cell]; });
  penOf(canvas).putImageData(image, 0, 0);
  return canvas;
}

// Whose words the rows of a picture are, and the columns of a matrix.
/** @type {<Shown extends Element>(picture: Shown, rows: import("../shared/input/pointing.js").Handles, columns?: import("../shared/input/pointing.js").Handles | null) => Shown} */
export function rowsOf(picture, rows, columns = null) {
  picture.gfHandles = [rows, columns];
  return picture;
}

// The rows and columns of the word that is pointed at.
export function lightWord(map) {
  const word = wordPointedAt();
  lightIn(map, word);
  for (const old of map.querySelectorAll(".lit-row, .lit-column")) old.remove();
  for (const picture of map.querySelectorAll(".picture")) {
    const canvas = picture.querySelector("canvas"), [rows, columns] = picture.gfHandles ?? [];
    if (!canvas) continue;
    const places = [placeOf(rows, canvas.height, word), placeOf(columns, canvas.width, word)];
    const kinds = /** @type {[string, string, string, number][]} */ ([["lit-row", "top", "height", canvas.height], ["lit-column", "left", "width", canvas.width]]);
    for (const [axis, [kind, start, size, n]] of kinds.entries()) if (places[axis] !== null) {
      const band = make("span", kind);
      Object.assign(band.style, { [start]: `${(100 * Number(places[axis])) / n}%`, [size]: `${100 / n}%` });
      picture.append(band);
    }
  }
}
