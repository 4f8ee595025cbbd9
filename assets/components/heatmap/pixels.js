// The cells of a heatmap on a canvas: a picture with one pixel for each, stretched to its place.
import { along, channels } from "../shared/draw/colours.js";
import { make, penOf } from "../shared/draw/dom.js";
import { clamp } from "../shared/draw/numbers.js";

const FEW = 64, MANY = 8192; // rows or columns between which there is a gap; cells that are drawn one by one
const SHADES = 2048; // from one end of the scale to the other

const pixel = (parts) => { const [r, g, b] = parts.map(Math.round); return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0; };

/** @typedef {import("./view.js").Range} Range */

export class Pixels {
  /** @type {string} of which the shades are */ scale;
  /** @type {[number, number[]][]} */ steps;
  /** @type {Uint32Array} */ shades;
  /** @type {ImageData} one pixel per cell */ image;
  /** @type {HTMLCanvasElement} that image, to be stretched */ small;

  constructor() { this.canvas = make("canvas"); }

  /** @type {(map: import("./view.js").HeatMap, colour: (name: string) => string) => void} */
  paint({ rows, columns, scale, low, high, values }, colour) {
    const told = JSON.stringify(scale);
    if (told !== this.scale) {
      this.scale = told;
      this.steps = scale.map(([at, hex]) => /** @type {[number, number[]]} */ ([at, channels(hex)]));
      this.shades = Uint32Array.from({ length: SHADES + 1 }, (_, i) => pixel(this.tone(i / SHADES)));
    }
    const { shades } = this, blocked = pixel(channels(colour("blocked"))), shade = SHADES / (high - low);
    if (this.image?.width !== columns || this.image.height !== rows) {
      this.image = new ImageData(columns, rows);
      this.small = Object.assign(make("canvas"), { width: columns, height: rows });
    }
    const painted = new Uint32Array(this.image.data.buffer);
    for (let i = 0; i < painted.length; i++) {
      const value = values[i];
      painted[i] = value === Infinity ? blocked : Number.isNaN(value) ? 0 : shades[clamp(Math.round((value - low) * shade), 0, SHADES)];
    }
    penOf(this.small).putImageData(this.image, 0, 0);
  }

  /** @param {number} share of the way from the lower end of the scale to the other */
  tone(share) { return along(this.steps, share); }

  // A gap of one pixel between few cells; of many, only the picture as it is.
  /** @type {(seen: {x: Range, y: Range}, box: {width: number, height: number}, scale: number) => void} */
  stretch({ x, y }, { width, height }, scale) {
    const context = penOf(this.canvas), { canvas, small, image } = this, wide = Math.round(width * scale), tall = Math.round(height * scale);
    if (canvas.width !== wide || canvas.height !== tall) Object.assign(canvas, { width: wide, height: tall });
    context.clearRect(0, 0, wide, tall);
    const cells = ([from, to], length) => {
      const edge = (i) => Math.round(clamp((i - from) / (to - from), 0, 1) * length), gap = to - from > FEW ? 0 : 1;
      const first = Math.floor(from), n = Math.ceil(to) - first;
      return Array.from({ length: n }, (_, k) => [first + k, edge(first + k), edge(first + k + 1) - gap]);
    };
    const rows = cells(y, canvas.height), columns = cells(x, canvas.width);
    if (rows.length * columns.length > MANY) {
      context.imageSmoothingEnabled = false;
      context.drawImage(small, x[0], y[0], x[1] - x[0], y[1] - y[0], 0, 0, canvas.width, canvas.height);
      return;
    }
    for (const [row, top, bottom] of rows) for (const [column, left, right] of columns) {
      const [r, g, b, a] = image.data.subarray(4 * (row * image.width + column));
      if (!a) continue;
      context.fillStyle = `#${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
      context.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
    }
  }

  // A copy of the cells as they stand.
  standing() {
    const { width, height } = this.canvas;
    if (!width || !height || matchMedia("(prefers-reduced-motion: reduce)").matches) return null;
    const copy = Object.assign(make("canvas", "before"), { width, height });
    penOf(copy).drawImage(this.canvas, 0, 0);
    return copy;
  }
}
