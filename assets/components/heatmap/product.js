// What a map of products is made of, around its cells: a strip at the left, one row for each of theirs, a strip on top,
// one column for each, and below them the products of the cell that is pointed at or chosen, which add up.
import { along, channels, hexOf } from "../shared/draw/colours.js";
import { fill, isolated, make } from "../shared/draw/dom.js";
import { clamp, coarse, decimals, floats } from "../shared/draw/numbers.js";
import { wordPointedAt } from "../shared/input/pointing.js";
import { svg } from "../shared/draw/svg.js";
import { inTwo, plainText } from "./labels.js";
import { Sums } from "./sums.js";

const GAP = 10; // pixels between a strip and the cells
const ENTRY = 22, WIDE = 0.25, LOW = 100; // pixels of an entry at most; the share of the width, and the pixels, of all at most
const DIM = 0.3; // what is not multiplied now

/** @typedef {{symbol: string, cells: {reach: number, parts: string}, scale: [number, string][], low: number, high: number}} Strip */
/**
 * @typedef {object} Product
 * @property {Strip} left
 * @property {Strip} top
 * @property {number} n
 * @property {string[]} terms
 * @property {{text: string, by: number} | null} divided
 * @property {Record<string, string>} words
 */
/** @typedef {import("./view.js").Cell} Cell */

export class Around {
  /** @param {import("./view.js").HeatmapView} view */
  constructor(view) {
    this.view = view;
    this.left = make("canvas", "strip");
    this.top = make("canvas", "strip");
    this.names = ["left", "top"].map((side) => make("b", `named ${side}`));
    this.corner = make("p", "corner");
    this.corner.setAttribute("aria-live", "polite");
    this.sums = new Sums();
    /** @type {Product | undefined} */
    this.product = undefined;
    /** @type {(Omit<Strip, "cells"> & {values: Float64Array, steps: [number, number[]][]})[]} */
    this.sides = [];
    /** @type {Cell | null} */
    this.pointed = null;
    /** @type {{cell: Cell, left: Float32Array, top: Float32Array} | null} the very numbers of the chosen cell */
    this.known = null;
  }

  /** @param {Product | undefined} product */
  show(product) {
    const parts = [this.left, this.top, ...this.names, this.corner];
    this.product = product;
    this.view.heat.classList.toggle("multiplied", Boolean(product)); // what is told stands in the corner, and hides nothing
    if (!product) {
      for (const part of [...parts, this.sums.element]) part.remove();
      return;
    }
    this.sides = [product.left, product.top].map((side) => ({
      ...side, values: coarse(side.cells), steps: /** @type {[number, number[]][]} */ (side.scale.map(([at, hex]) => [at, channels(hex)])),
    }));
    for (const [i, name] of this.names.entries()) Object.assign(name, { textContent: this.sides[i].symbol.toUpperCase() }).style.color = this.sides[i].scale.slice(-1)[0][1];
    this.view.heat.append(...parts);
    this.view.root.append(this.sums.element);
  }

  /** @type {(cell: Cell | null, factors: {left: string, top: string} | null) => void} */
  know(cell, factors) {
    this.known = cell && factors && { cell, left: floats(factors.left), top: floats(factors.top) };
    this.draw();
  }

  get room() {
    const { product } = this;
    if (!product) return null;
    return (width) => ({ left: Math.min(ENTRY * product.n, WIDE * width) + GAP, top: Math.min(ENTRY * product.n, LOW) + GAP });
  }

  // The cell that is told now: the one that is pointed at, or else the chosen one.
  get cell() { return this.pointed ?? this.view.cursor ?? this.view.selected; }

  point(cell) {
    this.pointed = cell;
    this.draw();
  }

  draw() {
    const { product, view } = this;
    if (!product || !view.box.width) return;
    const { box, margins, seen } = view, { cell } = this, all = [0, product.n];
    const lit = wordPointedAt() ? view.lit : { row: undefined, column: undefined };
    const shows = (chosen, at, word) => (word === undefined ? chosen === undefined || at === chosen : at === word);
    const place = (element, left, top, width, height) => Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    place(this.left, box.left - margins.left, box.top, margins.left - GAP, box.height);
    place(this.top, box.left, box.top - margins.top, box.width, margins.top - GAP);
    this.paint(this.left, seen.y, all, (row, d) => this.colour(0, row * product.n + d), (row) => shows(cell?.row, row, lit.row));
    this.paint(this.top, all, seen.x, (d, column) => this.colour(1, d * view.map.columns + column), (d, column) => shows(cell?.column, column, lit.column));
    const [left, top] = this.names.map((name) => name.style);
    Object.assign(left, { left: `${box.left - margins.left}px`, top: `${box.top + box.height}px`, width: this.left.style.width });
    Object.assign(top, { left: `${box.left - GAP - 24}px`, top: `${box.top - margins.top - 4}px` });
    Object.assign(this.corner.style, { right: `${view.width - box.left + GAP}px`, height: `${box.top - GAP}px` });
    this.tell(cell);
  }

  colour(side, i) {
    const { values, steps, low, high } = this.sides[side], value = values[i];
    if (value === Infinity) return this.view.colour("blocked");
    return hexOf(along(steps, (value - low) / (high - low)));
  }

  // What is multiplied now keeps its colours, and the rest fades.
  paint(canvas, rows, columns, colour, lit) {
    const scale = window.devicePixelRatio || 1, { width, height } = canvas.getBoundingClientRect();
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const pen = canvas.getContext("2d");
    const edges = ([from, to], length) => {
      const edge = (i) => Math.round(clamp((i - from) / (to - from), 0, 1) * length), gap = length / (to - from) > 5 ? 1 : 0;
      return Array.from({ length: Math.ceil(to) - Math.floor(from) }, (_, k) => Math.floor(from) + k).map((i) => [i, edge(i), Math.max(1, edge(i + 1) - edge(i) - gap)]);
    };
    const across = edges(columns, canvas.width);
    for (const [row, top, tall] of edges(rows, canvas.height)) for (const [column, left, wide] of across) {
      pen.globalAlpha = lit(row, column) ? 1 : DIM;
      pen.fillStyle = colour(row, column);
      pen.fillRect(left, top, wide, tall);
    }
  }

  // What is multiplied in a cell, and the names of both sides: of the chosen cell the very numbers, of another one as
  // exact as its colours. What the mask blocks has the weight 0.
  tell(cell) {
    const { product, view, known } = this, { map } = view;
    if (!product) return;
    const { words, n, divided } = product;
    if (!cell || cell.row >= map.rows || cell.column >= map.columns || view.blocked(cell)) {
      this.corner.textContent = "";
      this.sums.show(null);
      return;
    }
    const exact = known && known.cell.row === cell.row && known.cell.column === cell.column && known.left.length === n ? known : null;
    const entry = (value) => (value === Infinity ? 0 : value);
    const left = exact ? [...exact.left] : Array.from({ length: n }, (_, d) => entry(this.sides[0].values[cell.row * n + d]));
    const top = exact ? [...exact.top] : Array.from({ length: n }, (_, d) => entry(this.sides[1].values[d * map.columns + cell.column]));
    const named = (labels, i) => (labels.length ? plainText(inTwo(labels[i])?.[1] ?? labels[i]) : String(i));
    const row = isolated(named(map.row_labels, cell.row)), column = isolated(named(map.column_labels, cell.column));
    const sum = view.value(cell) * (divided?.by ?? 1), told = { row, column, n, sum: decimals(sum, 3) };
    this.corner.textContent = fill(words.told, { ...told, by: divided?.text, value: decimals(view.value(cell), 3) });
    const tones = this.sides.map((_, side) => (d) => this.colour(side, side ? d * map.columns + cell.column : cell.row * n + d));
    const symbols = [`${product.left.symbol} · ${row}`, `${product.top.symbol} · ${column}`];
    const quotient = divided && { text: fill(words.divided, { by: divided.text }), value: view.value(cell) };
    const colours = Object.fromEntries(["text", "muted", "line", "positive", "negative", "selected"].map((name) => [name, view.colour(name)]));
    this.sums.show({ left, top, exact: Boolean(exact), sum, tones, symbols, quotient, words, terms: product.terms, colours, font: view.font, width: view.width });
  }

  /**
   * The picture of the map with all around it, for a file.
   *
   * @param {{nodes: Node[], width: number, height: number}} picture of the map alone
   */
  framed({ nodes, width, height }) {
    if (!this.product) return { nodes, width, height };
    const strips = [this.left, this.top].map((canvas) => {
      const { left, top, width, height } = canvas.style;
      return svg("image", { x: parseFloat(left), y: parseFloat(top), width: parseFloat(width), height: parseFloat(height), preserveAspectRatio: "none", href: canvas.toDataURL() });
    });
    const sums = svg("g", { transform: `translate(0 ${height + GAP})` }, ...this.sums.drawing.cloneNode(true).childNodes);
    return { nodes: [...strips, ...nodes, sums], width, height: height + GAP + this.sums.height };
  }
}
