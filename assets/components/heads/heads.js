// All heads of one kind of attention: a picture of thumbnails, and the chosen head large beside it. Where all numbers
// fit into one message, another head needs no trip to the server; the server is told when the reader rests.
import { cellsOf } from "../heatmap/cells.js";
import { mounted } from "../shared/mount/component.js";
import { focusIn, make, named } from "../shared/draw/dom.js";
import { clamp } from "../shared/draw/numbers.js";
import { LargeHead } from "./head_large.js";
import { hearNumbers, openHead } from "./head_numbers.js";
import { HeadTable } from "./head_table.js";
import { HeadThumbs } from "./head_thumbs.js";

const REST = 300; // milliseconds

/** @typedef {import("./head_parts.js").Word} Word */
/**
 * @typedef {object} HeadsData
 * @property {string} of names what it shows, as its numbers do that come by themselves
 * @property {string} picture
 * @property {[number, number]} tile
 * @property {number} block
 * @property {number} n_layers
 * @property {number} n_heads
 * @property {"head" | "common"} scale
 * @property {boolean} signed
 * @property {boolean} carried
 * @property {number[][]} reach
 * @property {number} most
 * @property {string[]} keys
 * @property {Word[]} rows
 * @property {Word[]} columns
 * @property {string[]} sides
 * @property {[import("../shared/input/pointing.js").Handles, import("../shared/input/pointing.js").Handles]} words_of
 * @property {boolean} masked
 * @property {string[]} palette
 * @property {import("./head_numbers.js").Numbers | null} numbers of all heads
 * @property {Record<string, any> | null} measures
 * @property {Choice} start
 * @property {Record<string, string>} words
 */
/** @typedef {{layer: number, head: number, look: "heatmap" | "lines", over: string, sort: string, find: string}} Choice */
/** @typedef {{choose: Choice, open: Choice & {row: number, column: number}}} HeadsSends */
/** @typedef {{weight?: Float32Array, carried?: Float32Array}} Told of each cell */

export class Heads {
  /** @type {HeadsData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {any} */ choice;
  /** @type {string} */ start;
  /** @type {Told | null} of all heads */ numbers;
  /** @type {HeadTable} */ table;
  /** @type {number} */ telling;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.thumbs = new HeadThumbs(this);
    this.large = new LargeHead(this);
    this.deaf = hearNumbers(() => { if (this.data && !this.data.numbers) this.paint(); });
  }

  close() {
    clearTimeout(this.telling);
    this.thumbs.close();
    this.large.close();
    this.deaf();
  }

  /** @type {(data: HeadsData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = send;
    // What the reader chose here stays, unless the page itself was told to begin elsewhere.
    const start = JSON.stringify(data.start);
    if (this.start !== start) this.choice = { ...data.start };
    this.start = start;
    this.choice.layer = clamp(this.choice.layer, 0, data.n_layers - 1);
    this.choice.head = clamp(this.choice.head, 0, data.n_heads - 1);
    this.numbers = data.numbers && this.unpacked(data.numbers, data.n_layers * data.n_heads);
    this.build();
  }

  build() {
    const active = focusIn(this.root);
    const focused = active?.dataset.name ?? (active === this.large.area ? "heatmap" : null);
    const page = make("div", "heads");
    page.append(this.thumbs.draw(), this.large.draw());
    this.table = new HeadTable(this);
    this.root.replaceChildren(page, this.table.element);
    this.table.show();
    this.paint();
    if (focused === "heatmap") this.large.area.focus();
    else if (focused) named(this.root, focused)?.focus({ preventScroll: true });
  }

  // What a head's measures say in plain words, where they say anything.
  label(layer, head) { return this.data.measures?.labels[this.choice.over]?.[layer * this.data.n_heads + head] ?? ""; }

  choose(layer, head) {
    Object.assign(this.choice, { layer, head });
    this.paint();
    this.table.mark();
    this.report(this.numbers ? REST : 0);
  }

  // Tell the server, so that the link and the other pages follow; other measures change what is drawn here, too.
  report(wait = REST, measures = false) {
    const send = (!measures && openHead.send) || this.send;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => send("choose", { ...this.choice }), wait);
  }

  paint() {
    this.thumbs.mark();
    this.large.paint(this.numbersOf(this.choice.layer, this.choice.head));
  }

  get size() { return this.data.rows.length * this.data.columns.length; }

  /** @type {(numbers: import("./head_numbers.js").Numbers, n_heads: number) => Told} */
  unpacked({ weight, carried }, n_heads) {
    const n = n_heads * this.size;
    return { weight: weight && cellsOf(weight, n), carried: carried && cellsOf(carried, n) };
  }

  // The numbers of a head, or null until the server has sent them.
  numbersOf(layer, head) {
    const { size, data, numbers: all } = this, first = (layer * data.n_heads + head) * size, { numbers: one } = openHead;
    const part = (/** @type {Float32Array | undefined} */ cells) => cells?.subarray(first, first + size);
    if (all) return { weight: part(all.weight), carried: part(all.carried) };
    return one && one.of === data.of && one.only[0] === layer && one.only[1] === head ? this.unpacked(one, 1) : null;
  }

  open(row, column) {
    clearTimeout(this.telling);
    this.send("open", { ...this.choice, row, column });
  }
}

export default mounted(Heads, import.meta.url);
