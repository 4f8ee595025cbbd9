// What positions add to the words, as curves along the positions: one pair of dimensions, a sine and a cosine, or one
// learned dimension. Points are the values that were added; the line goes on to the longest sentence. Sliding never asks
// the server; letting go chooses the dimension's cell.
import { mounted } from "../shared/mount/component.js";
import { fill, focusIn, make } from "../shared/draw/dom.js";
import { decimals, floats, MINUS } from "../shared/draw/numbers.js";
import { svg } from "../shared/draw/svg.js";

const HEIGHT = 300, LEFT = 44, RIGHT = 14, TOP = 12, BELOW = 26; // pixels
const CLOSEST = 17; // pixels between two positions, so that a word has room
const FINE = 12; // points of a curve between two positions
const LONGEST = 12; // letters of a word below its position

const threeDigits = (x) => decimals(x, 3);

/** @typedef {{text: string, special: boolean}} Word */
/**
 * @typedef {object} CurveData
 * @property {string} kind
 * @property {string} values
 * @property {string} table
 * @property {number} length
 * @property {number} d_model
 * @property {number} dimension
 * @property {string} side
 * @property {Word[]} tokens
 * @property {string} chart
 * @property {Record<string, string>} words
 */
/** @typedef {{choose: {dimension: number, nonce: number}}} CurveSends */

class Curve {
  /** @type {CurveData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {boolean} */ learned;
  /** @type {number} */ width;
  /** @type {Float32Array} */ values;
  /** @type {Float32Array} */ table;
  /** @type {any} */ pair;
  /** @type {HTMLInputElement} */ input;
  /** @type {HTMLOutputElement} */ output;
  /** @type {HTMLDivElement} */ scroll;
  /** @type {HTMLParagraphElement} */ told;
  /** @type {any} */ upright;
  /** @type {number} */ reach;
  /** @type {(position: any) => number} */ x;
  /** @type {(value: any) => number} */ y;

  constructor(root) {
    this.root = root;
    this.doc = root.ownerDocument;
    this.resized = new ResizeObserver(() => this.draw());
    this.clicked = (event) => this.follow(event);
    this.doc.addEventListener("gf-cell", this.clicked);
  }

  close() {
    this.resized.disconnect();
    this.doc.removeEventListener("gf-cell", this.clicked);
  }

  /** @type {(data: CurveData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    const known = this.data;
    this.data = data;
    this.send = send;
    this.learned = data.kind === "learned";
    this.width = this.learned ? 1 : 2;
    this.values = floats(data.values);
    this.table = floats(data.table);
    // What the reader slid to stays, until another cell is chosen elsewhere.
    if (known?.dimension !== data.dimension || known.d_model !== data.d_model) this.pair = Math.floor(data.dimension / this.width);
    this.build();
  }

  // A click on a column of the page's map shows its dimension.
  follow({ target, detail }) {
    if (target.closest(`.${this.data.chart}`)) this.go(Math.floor(detail.column / this.width));
  }

  build() {
    const { words, d_model } = this.data;
    const focused = focusIn(this.root) === this.input;
    const dial = make("div", "dial"), label = make("label", "", this.learned ? words.dimension : words.pair);
    this.input = make("input");
    Object.assign(this.input, { type: "range", min: 0, max: d_model / this.width - 1, step: 1, value: this.pair });
    this.input.oninput = () => this.go(Number(this.input.value));
    this.input.onchange = () => this.send("choose", { dimension: this.pair * this.width, nonce: performance.now() });
    this.output = make("output");
    label.append(this.input);
    dial.append(label, this.output);
    this.scroll = make("div", "scroll");
    this.told = make("p", "told");
    this.told.setAttribute("aria-live", "polite");
    this.root.replaceChildren(dial, this.scroll, this.told);
    if (focused) this.input.focus();
    this.resized.disconnect();
    this.resized.observe(this.scroll);
    this.draw();
  }

  go(pair) {
    this.pair = pair;
    this.input.value = pair;
    this.draw();
  }

  // The value of a dimension at a position: of the formula, or of the table, whose positions are whole numbers.
  at(position, dimension) {
    const { d_model } = this.data;
    if (this.learned) return this.table[position * d_model + dimension];
    const angle = position / 10000 ** ((dimension - (dimension % 2)) / d_model);
    return dimension % 2 ? Math.cos(angle) : Math.sin(angle);
  }

  draw() {
    const dimensions = this.learned ? [this.pair] : [2 * this.pair, 2 * this.pair + 1];
    this.tell(dimensions);
    const { length, tokens } = this.data;
    const room = this.scroll.clientWidth;
    if (!room) return;
    this.upright = tokens.every(({ text, special }) => special || [...text].length <= 1);
    const letters = Math.min(LONGEST, Math.max(...tokens.map(({ text }) => text.length)));
    const width = Math.max(room, LEFT + RIGHT + CLOSEST * (length - 1));
    const tall = HEIGHT + BELOW + (this.upright ? 20 : 9 * letters);
    this.reach = this.learned ? Math.max(...this.table.map(Math.abs)) || 1 : 1;
    this.x = (position) => LEFT + (position / Math.max(length - 1, 1)) * (width - LEFT - RIGHT);
    this.y = (value) => TOP + ((this.reach - value) / (2 * this.reach)) * (HEIGHT - 2 * TOP);
    const drawing = svg("svg", { width, height: tall, role: "img", "aria-label": this.told.textContent });
    const read = { class: "read", x: this.x(0) - 8, y: 0, width: this.x(tokens.length - 1) - this.x(0) + 16, height: tall };
    drawing.append(svg("rect", read), ...this.axes(width));
    dimensions.forEach((dimension) => drawing.append(this.line(dimension)));
    dimensions.forEach((dimension) => drawing.append(...this.points(dimension)));
    drawing.append(...tokens.map((token, i) => this.word(token, i)));
    this.scroll.replaceChildren(drawing);
  }

  tell(dimensions) {
    const { words, d_model, length } = this.data;
    const [even, odd] = dimensions;
    this.output.textContent = `d = ${dimensions.join(", ")}`;
    this.input.setAttribute("aria-valuetext", this.output.textContent);
    if (this.learned) {
      const all = Array.from({ length }, (_, i) => this.at(i, even));
      this.told.textContent = fill(words.told_learned, { d: even, low: threeDigits(Math.min(...all)), high: threeDigits(Math.max(...all)) });
      return;
    }
    const turn = 2 * Math.PI * 10000 ** (even / d_model);
    this.told.textContent = fill(words.told, { even, odd, turn: turn < 100 ? turn.toFixed(1) : Math.round(turn) });
  }

  axes(width) {
    const { length, tokens } = this.data;
    const lines = [-this.reach, 0, this.reach].flatMap((value) => [
      svg("line", { class: "axis", x1: LEFT - 6, x2: width - RIGHT, y1: this.y(value), y2: this.y(value) }),
      svg("text", { class: "tick", x: LEFT - 10, y: this.y(value) + 4, "text-anchor": "end" }, String(Number(value.toFixed(2))).replace("-", MINUS)),
    ]);
    const ticks = Array.from({ length }, (_, i) => i).filter((i) => i < tokens.length || i % 4 === 0);
    return [...lines, ...ticks.map((i) => svg("text", { class: "tick", x: this.x(i), y: HEIGHT + 12, "text-anchor": "middle" }, String(i)))];
  }

  line(dimension) {
    const step = this.learned ? 1 : 1 / FINE, n = Math.round((this.data.length - 1) / step);
    const at = Array.from({ length: n + 1 }, (_, i) => `${this.x(i * step).toFixed(1)},${this.y(this.at(i * step, dimension)).toFixed(1)}`);
    return svg("path", { class: `${this.data.side} ${this.odd(dimension)}`, d: `M${at.join(" L")}` });
  }

  points(dimension) {
    const { tokens, side, d_model, words } = this.data;
    return tokens.map(({ text }, i) => {
      const value = this.values[i * d_model + dimension];
      const point = svg("circle", { class: `${side} ${this.odd(dimension)}`, cx: this.x(i), cy: this.y(value), r: 5 });
      point.append(svg("title", {}, fill(words.point, { i, word: text, d: dimension, value: threeDigits(value) })));
      return point;
    });
  }

  word({ text, special }, i) {
    const short = [...text].length > LONGEST ? `${[...text].slice(0, LONGEST - 1).join("")}…` : text;
    const place = { class: `word ${special ? "special" : this.data.side}` };
    const [x, y] = [this.x(i), HEIGHT + BELOW];
    if (this.upright) return svg("text", { ...place, x, y: y + 8, "text-anchor": special && i ? "start" : "middle" }, short);
    return svg("text", { ...place, transform: `translate(${x + 5} ${y - 4}) rotate(-90)`, "text-anchor": "end" }, short);
  }

  odd(dimension) {
    return !this.learned && dimension % 2 ? "odd" : "even";
  }
}

export default mounted(Curve, import.meta.url);
