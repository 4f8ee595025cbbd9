// Two heads side by side, and their difference; a cell that is pointed at in one of them is framed in all.
import { cellsOf } from "../heatmap/cells.js";
import { HeatmapView } from "../heatmap/view.js";
import { coloursOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { fill, make, touches } from "../shared/draw/dom.js";
import { exact, heatmapOf, legendOf, placed } from "./head_parts.js";

/** @typedef {import("./head_parts.js").Word} Word */
/** @typedef {{rows: Word[], columns: Word[], sides: string[], cells: import("../heatmap/cells.js").Cells}} Sent */
/**
 * @typedef {object} HeadsCompareData
 * @property {Sent[]} maps
 * @property {number} reach
 * @property {Sent & {reach: number} | null} difference
 * @property {string[]} apart
 * @property {string[]} titles
 * @property {string[]} palette
 * @property {Record<string, string>} words
 */

class Comparison {
  /** @type {HeadsCompareData} */ data;
  /** @type {HTMLParagraphElement} */ tip;
  /** @type {any} */ maps;

  constructor(root) {
    this.root = root;
    this.places = [0, 1, 2].map(() => make("div", "heatmap"));
    this.views = this.places.map((place, i) => new HeatmapView(place, {
      point: (cell) => this.point(i, cell),
      number: (row, column) => this.number(i, { row, column }),
    }));
  }

  close() { for (const view of this.views) view.close(); }

  /** @param {HeadsCompareData} data */
  show(data) {
    this.data = data;
    const { words, maps, difference, titles, palette, reach } = data;
    const shown = [...maps.map((map) => ({ ...map, reach, signed: false })), ...(difference ? [{ ...difference, signed: true }] : [])];
    const page = make("div", "compared");
    this.tip = make("p", "tip", touches ? words.tap : words.hint);
    this.tip.setAttribute("aria-live", "polite");
    this.maps = shown.map((map, i) => {
      const title = titles[i] ?? words.difference;
      const panel = make("section"), low = map.signed ? exact(-map.reach, 2) : "0";
      panel.append(make("h5", "", title), this.places[i], legendOf(low, map.signed, palette, exact(map.reach, 2)));
      page.append(panel);
      return { ...map, values: cellsOf(map.cells, map.rows.length * map.columns.length), palette, label: title };
    });
    this.root.replaceChildren(page, this.tip);
    const colour = coloursOf(this.root);
    this.maps.forEach((map, i) => {
      this.views[i].show(heatmapOf(map, colour, words.keys));
      if (!this.views[i].marked) this.views[i].mark({ row: 0, column: 0 });
    });
  }

  number(i, cell) { return this.views[i].blocked(cell) ? "\u00d7" : exact(this.views[i].value(cell)); }

  // The same cell is framed in every map.
  point(from, cell) {
    if (!cell) return [];
    for (const view of this.views.slice(0, this.maps.length)) view.mark(cell);
    this.tell(from, cell);
    return [];
  }

  tell(from, cell) {
    const { words, titles, difference } = this.data, map = this.maps[from], { row, column } = cell;
    const fields = { asks: placed(map.rows[row], row), answers: placed(map.columns[column], column) };
    if (this.views[from].blocked(cell)) { this.tip.textContent = fill(words.blocked, fields); return; }
    if (!difference) {
      this.tip.textContent = `${titles[from]}: ${fill(words.alone, { ...fields, value: exact(this.views[from].value(cell)) })}`;
      return;
    }
    const [a, b, d] = this.views.map((view) => exact(view.value(cell)));
    this.tip.textContent = fill(words.cell, { ...fields, a, b, d });
  }
}

export default mounted(Comparison, import.meta.url);
