// How one cell came to be: formula, terms, total. A click on a cell of the page's heatmaps chooses it; a click on one of
// the numbers goes to where that number stands. The heatmaps hear from it which cell they are to frame.
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { formula } from "../shared/draw/formula.js";
import { clamp } from "../shared/draw/numbers.js";
import { makeTold } from "../shared/draw/terms.js";

const LARGE = "\\displaystyle "; // a line of its own has room for what stands above and below a sign

/** @typedef {{text: string, key?: string, index?: number[]}} Figure a number, and where it stands */
/** @typedef {{label?: string, symbol?: string, others?: number, numbers: Figure[], bar: number | null, mark?: boolean}} Term */
/**
 * @typedef {object} ExplainData
 * @property {string} sentence
 * @property {string} symbols LaTeX, as all formulas
 * @property {string} numbers
 * @property {string[]} columns
 * @property {string} last
 * @property {Term[]} rows
 * @property {string} value
 * @property {string} told
 * @property {string} badge
 * @property {boolean} edited
 * @property {string} compared
 * @property {string} place
 * @property {string} where
 * @property {string[]} crumbs
 * @property {[number, number]} limits
 * @property {[number, number]} at
 * @property {{map: number, row: number, column: number} | null} selected
 * @property {string[]} maps
 * @property {{left: string, top: string} | null} factors
 * @property {Record<string, string>} words
 */
/** @typedef {{cell: {map: number, row: number, column: number}, typed: {row: number, column: number}, open: {key: string, index: number[]}, back: {number: number}}} ExplainSends */

class Panel {
  /** @type {ExplainData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {boolean} */ clicked;

  constructor(root) {
    this.root = root;
    this.doc = root.ownerDocument;
    this.heard = { "gf-cell": (event) => this.click(event), "gf-drawn": () => this.announce() };
    for (const [name, hear] of Object.entries(this.heard)) this.doc.addEventListener(name, hear);
  }

  close() {
    for (const [name, hear] of Object.entries(this.heard)) this.doc.removeEventListener(name, hear);
  }

  /** @type {(data: ExplainData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = send;
    const active = focusedName(this.root);
    this.build();
    if (active) named(this.root, active)?.focus();
    this.announce();
    this.stay();
  }

  announce() {
    if (!this.data) return;
    const { maps, selected, factors } = this.data;
    this.doc.dispatchEvent(new CustomEvent("gf-chosen", { detail: { maps, selected, factors } }));
  }

  // Beside the maps the panel stays in sight while the page scrolls; below them, on a phone, it comes into sight.
  stay() {
    const column = this.root.getRootNode().host?.closest("[data-testid=stColumn]");
    if (!column) return;
    const beside = !matchMedia("(max-width: 640px)").matches; // a width that is asked of the page would lay it out now
    Object.assign(column.style, { position: beside ? "sticky" : "", top: "4.2rem", alignSelf: "flex-start" });
    if (!beside && this.clicked) this.root.scrollIntoView({ block: "nearest" });
    this.clicked = false;
  }

  click({ target, detail }) {
    const first = this.data.maps.findIndex((name) => target.closest(`.${name}`)), { row, column, rank } = detail;
    if (first < 0) return;
    this.clicked = true;
    this.send("cell", { map: first + rank, row, column, nonce: performance.now() });
  }

  build() {
    const { words, crumbs, place, where, sentence, symbols, numbers, told, badge, edited, compared, rows } = this.data;
    const panel = make("section", "explain");
    panel.setAttribute("aria-label", words.panel);
    if (crumbs.length) panel.append(this.crumbs(crumbs, place));
    if (sentence) panel.append(make("p", "sentence", sentence));
    const at = make("p", "where", where);
    at.append(make("span", "place", place));
    panel.append(at, this.pick());
    if (symbols) panel.append(formula(LARGE + symbols, "formula"), formula(LARGE + numbers, "formula numbers"));
    const says = makeTold("p", "told", told);
    says.setAttribute("aria-live", "polite");
    panel.append(says);
    if (compared) panel.append(make("p", "compared", compared));
    if (rows.length) panel.append(this.table());
    panel.append(make("div", `badge${edited ? " edited" : ""}`, badge));
    this.root.replaceChildren(panel);
  }

  crumbs(crumbs, place) {
    const nav = make("nav", "crumbs");
    nav.setAttribute("aria-label", this.data.words.crumbs);
    crumbs.forEach((name, number) => {
      const back = () => this.send("back", { number, nonce: performance.now() });
      nav.append(pushButton(`crumb${number}`, name, back), make("span", "", "→"));
    });
    nav.append(make("b", "", place));
    return nav;
  }

  // Two number inputs do by keyboard what a click does.
  pick() {
    const { words, limits, at } = this.data;
    const pick = make("div", "pick");
    const inputs = ["row", "column"].map((name, axis) => {
      const label = make("label", "", words[name]);
      const input = make("input");
      Object.assign(input, { type: "number", min: 0, max: limits[axis] - 1, step: 1, value: at[axis] });
      input.dataset.name = name;
      label.append(input);
      pick.append(label);
      return input;
    });
    const choose = () => {
      const [row, column] = inputs.map(({ value, max }) => clamp(Math.round(Number(value)), 0, Number(max)));
      if (row !== at[0] || column !== at[1]) this.send("typed", { row, column, nonce: performance.now() });
    };
    for (const input of inputs) input.onchange = choose;
    return pick;
  }

  table() {
    const { words, columns, last, rows, value } = this.data;
    const signed = rows.some((row) => row.bar !== null && row.bar < 0);
    const table = make("table");
    const head = make("tr");
    const title = (content) => { const th = make("th"); if (content) th.append(content); return th; };
    head.append(title(make("span", "", words.term)), ...columns.map((symbol) => title(formula(symbol, ""))), title(last ? formula(last, "") : make("span", "", words.number)), title());
    table.append(head, ...rows.map((row, number) => this.row(row, number, signed)));
    const total = make("tr", "total");
    const cells = [words.total, ...columns.map(() => ""), value, ""];
    total.append(...cells.map((text) => make("td", "", text)));
    table.append(total);
    const scroll = make("div", "scroll");
    scroll.append(table);
    return scroll;
  }

  row(row, number, signed) {
    const line = make("tr", row.mark ? "mark" : "");
    const label = make("td", "", row.others ? fill(this.data.words.others, { n: row.others }) : row.label);
    if (row.symbol) label.append(formula(row.symbol, ""));
    line.append(label, ...row.numbers.map((source, column) => {
      const cell = make("td");
      if (!source.key) { cell.textContent = source.text; return cell; }
      const open = () => this.send("open", { key: source.key, index: source.index, nonce: performance.now() });
      const link = pushButton(`number${number}.${column}`, source.text, open);
      link.title = `${source.key}[${source.index.join(", ")}]`;
      cell.append(link);
      return cell;
    }));
    const bar = make("td", "bar");
    if (row.bar !== null) bar.append(this.bar(row.bar, signed));
    line.append(bar);
    return line;
  }

  bar(value, signed) {
    const axis = make("div", "axis"), filled = make("i", value < 0 ? "negative" : "");
    const zero = signed ? 50 : 0, length = Math.abs(value) * (signed ? 50 : 100);
    axis.style.setProperty("--zero", `${zero}%`);
    filled.style.left = `${value < 0 ? zero - length : zero}%`;
    filled.style.width = `${length}%`;
    axis.append(filled);
    return axis;
  }
}

export default mounted(Panel, import.meta.url);
