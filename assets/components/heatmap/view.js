// A heatmap of true values, wherever one stands: the cells on a canvas, words, numbers and frames above them, and a table
// for who does not see it. New values are drawn into the same place, which keeps its focus and its zoom.
import { coloursOf, inksOf } from "../shared/draw/colours.js";
import { make } from "../shared/draw/dom.js";
import { clamp } from "../shared/draw/numbers.js";
import { svg } from "../shared/draw/svg.js";
import { hearWords, wordPointedAt } from "../shared/input/pointing.js";
import { unit } from "../shared/draw/present.js";
import { framesOf } from "./frames.js";
import { listenToLabels, placesOf } from "./handles.js";
import { listenTo } from "./hands.js";
import { labels, layOut } from "./labels.js";
import { Pixels } from "./pixels.js";
import { tableOf } from "./table.js";

const FADE = 280; // milliseconds in which a stage gives way to the next

/** @typedef {{row: number, column: number}} Cell */
/** @typedef {import("../shared/input/pointing.js").Handles} Handles */
/** @typedef {[number, number]} Range */
/** @typedef {[string, string][]} Label runs of text, each with what it is: see `COLOURS` in labels.js */
/**
 * @typedef {object} HeatMap What is drawn.
 * @property {string} name the zoom stays while it does
 * @property {string} alt
 * @property {string} keys what the keys do
 * @property {number} rows
 * @property {number} columns
 * @property {Float32Array} values row by row; infinity where a cell is blocked, NaN where there is none
 * @property {[number, string][]} scale
 * @property {number} low
 * @property {number} high
 * @property {number | null} digits of the numbers in the cells
 * @property {boolean} crosses
 * @property {[number, number]} [stacked] which of how many it is that stand below each other on one screen
 * @property {Label[]} [beside] the labels of a map above or below it: as much room is left, so that the columns meet
 * @property {boolean} [cut] whether some numbers lie beyond the ends of the scale
 * @property {boolean} bar
 * @property {boolean} square whether a cell is about as high as wide; else they fill the width
 * @property {Label[]} row_labels
 * @property {Label[]} column_labels
 * @property {[Handles | null, Handles | null]} [words_of] whose words the rows and the columns are
 * @property {string} row_title
 * @property {string} column_title
 * @property {{title: string, shares: number[], texts: string[], before: number[] | null} | null} totals
 * @property {string[][] | null} texts
 * @property {((width: number) => {left: number, top: number}) | null} [around] the room between the labels and the cells
 */
/**
 * @typedef {object} Acts What a heatmap asks of who shows it.
 * @property {(cell: Cell | null) => string[]} point tells a cell, or none: returns the lines that are shown beside it
 * @property {(row: number, column: number) => string} number of a cell in the table
 * @property {(cell: Cell) => void} [choose]
 * @property {() => boolean} [twice] whether choosing leads away, so that a finger's first tap only tells
 * @property {() => void} [drawn] it was drawn anew, perhaps at another zoom
 * @property {() => void} [lit] the row and column of a word were lit, or none are any more
 */

export class HeatmapView {
  /** @type {HTMLDivElement} */ heat;
  /** @type {SVGSVGElement} */ svg;
  /** @type {HTMLDivElement} */ area;
  /** @type {HTMLDivElement} */ frames;
  /** @type {HTMLDivElement} */ tip;
  /** @type {HeatMap} what is shown, once it is */ map;
  /** @type {HTMLDivElement} */ said;
  /** @type {HTMLDivElement} */ table;
  /** @type {(name: string) => string} */ colour;
  /** @type {string} */ font;
  /** @type {import("../shared/draw/colours.js").Ink[]} */ inks;

  /**
   * @param {HTMLElement} root
   * @param {Acts} act
   */
  constructor(root, act) {
    this.root = root;
    this.act = act;
    /** @type {Cell | null} the keyboard's own */
    this.cursor = null;
    /** @type {Cell | null} framed for good */
    this.selected = null;
    /** @type {Cell | null} framed while it is told elsewhere; the keys go on from there */
    this.marked = null;
    /** @type {[Cell, Cell] | null} from one cell to another, while they are about to be cropped */
    this.span = null;
    /** @type {{row: number | null, column: number | null}} of the word that is pointed at */
    this.lit = { row: null, column: null };
    /** @type {{x: Range, y: Range}} columns and rows in sight */
    this.seen = { x: [0, 1], y: [0, 1] };
    this.pixels = new Pixels();
    this.box = { left: 0, top: 0, width: 0, height: 0 };
    this.margins = { left: 0, top: 0 };
    this.width = this.height = this.size = 0;
    this.style = "line"; // of the columns' labels
    this.unit = 1; // pixels of the screen for one of ours, which count as letters do
    this.resized = new ResizeObserver(() => { if (root.clientWidth / unit() !== this.width) this.draw(); });
    this.resized.observe(root);
    this.build();
    this.deaf = hearWords(() => { if (this.box.width) this.frame(); });
  }

  close() {
    this.resized.disconnect();
    this.deaf();
  }

  build() {
    this.heat = make("div", "heat");
    this.svg = svg("svg", { "aria-hidden": true });
    this.area = make("div", "cells");
    Object.assign(this.area, { tabIndex: 0, role: "application" });
    this.frames = make("div", "frames");
    this.area.append(this.pixels.canvas);
    this.tip = make("div", "tip");
    this.said = make("div", "said");
    this.said.setAttribute("aria-live", "polite");
    this.table = make("div", "numbers");
    this.heat.append(this.area, this.svg, this.frames, this.tip, this.said, this.table);
    this.root.replaceChildren(this.heat);
    listenTo(this);
    listenToLabels(this);
  }

  /** @param {HeatMap} map */
  show(map) {
    const { map: known } = this, before = known && known.name !== map.name ? this.pixels.standing() : null;
    this.map = map;
    if (known?.name !== map.name || known.rows !== map.rows || known.columns !== map.columns) this.whole();
    this.area.setAttribute("aria-label", map.alt);
    this.area.setAttribute("aria-description", map.keys);
    Object.assign(this.area.dataset, { rows: map.rows, columns: map.columns });
    this.colour = coloursOf(this.root);
    this.font = getComputedStyle(this.root).fontFamily;
    this.inks = inksOf(this.colour);
    this.pixels.paint(map, this.colour);
    this.draw();
    if (before && known.rows === map.rows && known.columns === map.columns) this.fade(before);
  }

  // The same cells at the next stage: what was there before lies over it and fades.
  fade(before) {
    this.area.querySelector(".before")?.remove();
    this.area.append(before);
    before.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE, easing: "ease-out" }).onfinish = () => before.remove();
  }

  whole() {
    this.seen = { x: [0, this.map.columns], y: [0, this.map.rows] };
    this.cursor = this.marked = null;
  }

  get zoomed() {
    const { seen: { x, y }, map } = this;
    return x[1] - x[0] < map.columns || y[1] - y[0] < map.rows;
  }

  value({ row, column }) { return this.map.values[row * this.map.columns + column]; }

  blocked(cell) { return this.value(cell) === Infinity; }

  draw() {
    this.unit = unit();
    this.width = this.root.clientWidth / this.unit;
    if (!this.map || !this.width) return;
    Object.assign(this, layOut(this));
    const { box } = this, place = { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` };
    Object.assign(this.heat.style, {
      width: `${this.width}px`, height: `${this.height}px`,
      transform: this.unit === 1 ? "" : `scale(${this.unit})`, marginBottom: `${this.height * (this.unit - 1)}px`,
    });
    for (const name of ["width", "height"]) this.svg.setAttribute(name, this[name]);
    for (const element of [this.area, this.frames]) Object.assign(element.style, place);
    this.area.dataset.seen = [...this.seen.x, ...this.seen.y].join(",");
    this.pixels.stretch(this.seen, box, this.unit * (window.devicePixelRatio || 1));
    this.write(labels(this));
    this.frame();
    if (this.root.contains(this.area.getRootNode()["activeElement"])) this.tabulate();
    this.act.drawn?.();
  }

  // What stands there already, as most of it does for another head, stays: nothing is laid out anew.
  write(nodes) {
    const known = this.svg.childNodes;
    if (nodes.length !== known.length || nodes.some((node, i) => !node.isEqualNode(known[i]))) this.svg.replaceChildren(...nodes);
  }

  // The middle of a cell, on the cells' own place.
  at({ row, column }) {
    const { x, y } = this.seen, { width, height } = this.box;
    return [((column + 0.5 - x[0]) / (x[1] - x[0])) * width, ((row + 0.5 - y[0]) / (y[1] - y[0])) * height];
  }

  cell(x, y) {
    const { seen, box, map } = this;
    const column = Math.floor(seen.x[0] + (x / box.width) * (seen.x[1] - seen.x[0]));
    const row = Math.floor(seen.y[0] + (y / box.height) * (seen.y[1] - seen.y[0]));
    return { row: clamp(row, 0, map.rows - 1), column: clamp(column, 0, map.columns - 1) };
  }

  choose(cell) { if (!Number.isNaN(this.value(cell))) this.act.choose?.(cell); }

  // A frame of another place: what the panel explains, or what is told below.
  select(cell) {
    this.selected = cell;
    if (this.box.width) this.frame();
  }

  mark(cell) {
    this.marked = cell;
    if (this.box.width) this.frame();
  }

  frame() {
    this.lit = placesOf(this, wordPointedAt());
    this.frames.replaceChildren(...framesOf(this));
    this.act.lit?.();
  }

  // What is said of a cell stands beside it, or where who shows the map puts it.
  point(cell) {
    const lines = this.act.point(cell);
    this.tip.hidden = !lines.length;
    this.tip.replaceChildren(...lines.map((line) => make("div", "", line)));
    if (!cell || !lines.length) return lines;
    const [x, y] = this.at(cell), { box } = this, { offsetWidth: wide, offsetHeight: tall } = this.tip;
    const left = box.left + x + 14 + wide > this.width ? box.left + x - wide - 14 : box.left + x + 14;
    const above = box.top + y - tall - 12;
    Object.assign(this.tip.style, { left: `${Math.max(0, left)}px`, top: `${above < 0 ? box.top + y + 16 : above}px` });
    return lines;
  }

  // The numbers in sight, for who does not see them; made when the map is reached, since most never need it.
  tabulate() { this.table.replaceChildren(tableOf(this.map, this.seen, this.act.number)); }

  picture() {
    const { box: { left, top, width, height } } = this;
    const image = svg("image", { x: left, y: top, width, height, preserveAspectRatio: "none", href: this.pixels.canvas.toDataURL() });
    return { nodes: [image, ...this.svg.cloneNode(true).childNodes], width: this.width, height: this.height };
  }
}
