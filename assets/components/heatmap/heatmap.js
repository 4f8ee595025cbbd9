// A heatmap of one value. Pointing at a cell tells it, a click or Enter chooses it: the panel that explains cells hears it.
import { mounted } from "../shared/mount/component.js";
import { make, touches } from "../shared/draw/dom.js";
import { decimals } from "../shared/draw/numbers.js";
import { cellsOf } from "./cells.js";
import { numbered, plainText } from "./labels.js";
import { Looks } from "./looks.js";
import { Around } from "./product.js";
import { HeatmapView } from "./view.js";

/** @typedef {import("./view.js").Cell} Cell */
/** @typedef {import("./view.js").Label} Label */
/**
 * @typedef {object} HeatmapData
 * @property {number} rows
 * @property {number} columns
 * @property {string} cells see `cellsOf`
 * @property {number} [parts]
 * @property {boolean} [signed]
 * @property {string} [open]
 * @property {[number, string][]} scale
 * @property {number} low
 * @property {number} high
 * @property {number | null} digits
 * @property {boolean} crosses
 * @property {[number, number]} [stacked] which of how many it is that stand below each other on one screen
 * @property {Label[]} [beside] the labels of a map above or below it: as much room is left, so that the columns meet
 * @property {boolean} cut whether some numbers lie beyond the ends of the scale
 * @property {boolean} bar
 * @property {Label[]} row_labels
 * @property {Label[]} column_labels
 * @property {[import("../shared/input/pointing.js").Handles | null, import("../shared/input/pointing.js").Handles | null]} words_of
 * @property {string} row_title
 * @property {string} column_title
 * @property {string} value
 * @property {string} blocked
 * @property {{title: string, shares: number[], texts: string[], before: number[] | null} | null} totals
 * @property {string[][] | null} texts
 * @property {string[][] | null} says
 * @property {Cell} [selected]
 * @property {import("./product.js").Product} [product]
 * @property {import("./looks.js").LinesShown} [lines]
 * @property {string} name
 * @property {string} alt
 * @property {boolean} sends
 * @property {Record<string, string>} words keys, tap, tap_twice
 */
/** @typedef {{row: number, column: number, nonce: number}} CellSent */
/** @typedef {{cell: CellSent, look: string}} HeatmapSends */

export class Heatmap {
  /** @type {HeatmapData} */ data;
  /** @type {any} */ send;

  /**
   * @param {HTMLElement} root
   * @param {number} rank of it, where several share a place on the page
   */
  constructor(root, rank = 0) {
    this.root = root;
    this.rank = rank;
    root.dataset.picture = ""; // what its page is about
    this.host = /** @type {ShadowRoot} */ (root.getRootNode()).host;
    const place = make("div");
    this.hint = make("p", "hint");
    this.looks = new Looks(place, (look) => this.send("look", look));
    root.replaceChildren(place, this.looks.element, this.hint);
    this.view = new HeatmapView(place, {
      point: (cell) => {
        this.around.point(cell);
        return cell ? this.tell(cell) : [];
      },
      number: (row, column) => this.number({ row, column }),
      choose: (cell) => this.choose(cell),
      twice: () => this.data.sends,
      lit: () => this.around.draw(),
      drawn: () => {
        this.around.draw();
        this.advise();
      },
    });
    this.around = new Around(this.view);
    this.host.gfPicture = () => this.around.framed(this.view.picture());
    this.chosen = (event) => this.follow(event.detail);
    document.addEventListener("gf-chosen", this.chosen);
  }

  close() {
    document.removeEventListener("gf-chosen", this.chosen);
    this.view.close();
    this.looks.close();
  }

  /** @type {(data: HeatmapData, send: (name: "cell" | "look", value: CellSent | string) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = send;
    if (data.selected) this.view.selected = data.selected;
    this.around.show(data.product);
    const values = cellsOf(data, data.rows * data.columns);
    this.looks.show(data.lines, values, data.words_of);
    this.view.show({ ...data, values, keys: data.words.keys, square: false, around: this.around.room });
    this.root.dispatchEvent(new CustomEvent("gf-drawn", { bubbles: true, composed: true }));
  }

  choose({ row, column }) {
    this.root.dispatchEvent(new CustomEvent("gf-cell", { bubbles: true, composed: true, detail: { row, column, rank: this.rank } }));
    if (this.data.sends) this.send("cell", { row, column, nonce: performance.now() });
  }

  // What the panel explains is framed; it names the maps of the page by the classes that their keys give them.
  follow({ maps, selected, factors }) {
    const first = maps.findIndex((map) => this.host.closest(`.${map}`));
    if (first < 0) return;
    const mine = selected?.map === first + this.rank ? selected : null;
    this.view.select(mine);
    this.around.know(mine, factors ?? null);
  }

  // What a finger needs to know.
  advise() {
    const { words, sends } = this.data;
    this.hint.textContent = !touches ? "" : sends ? words.tap_twice : numbered(this.view) ? "" : words.tap;
  }

  /** @param {Cell} cell */
  number(cell) {
    const value = this.view.value(cell);
    if (Number.isNaN(value)) return "";
    return value === Infinity ? this.data.blocked : decimals(value, this.data.digits === 0 ? 0 : 4);
  }

  /** @param {Cell} cell */
  tell(cell) {
    const { data } = this, { row, column } = cell, value = this.view.value(cell);
    if (Number.isNaN(value)) return [];
    const said = value === Infinity ? [data.blocked] : data.says ? data.says[row][column].split("<br>") : [`${data.value} = ${this.number(cell)}`];
    const name = (title, labels, i) => [title, labels.length ? plainText(labels[i]) : i].filter((text) => text !== "").join(": ");
    return [name(data.row_title, data.row_labels, row), name(data.column_title, data.column_labels, column), ...said].filter(Boolean);
  }
}

export default mounted(Heatmap, import.meta.url);
