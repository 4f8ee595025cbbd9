// A table of words on the colours of their probabilities: a row per position; columns are layers, or ranks. Where a cell
// has more to tell, pointing at it or reaching it by keyboard tells it below; a click or Enter leads to its number.
import { between, channels, coloursOf, inkOn, inksOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { fill, make } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { MINUS, percent } from "../shared/draw/numbers.js";
import { handle, hearWords, lightIn, wordName, wordPointedAt } from "../shared/input/pointing.js";

/**
 * @typedef {object} WordGridData
 * @property {{title: string, key?: string}[]} columns
 * @property {any[]} rows
 * @property {string} side
 * @property {string[]} scale
 * @property {boolean} signed
 * @property {boolean} sends
 * @property {Record<string, string>} words
 */
/** @typedef {{cell: {row: number, column: number, nonce: number}}} WordGridSends */

class Grid {
  /** @type {WordGridData} */ data;
  /** @type {(name: "cell", value: any) => void} */ send;
  /** @type {import("../shared/draw/colours.js").Ink[]} */ inks;
  /** @type {boolean} */ noted;
  /** @type {HTMLParagraphElement | null} */ more;
  /** @type {any} */ cells;

  constructor(root) {
    this.root = root;
    this.deaf = hearWords((word) => lightIn(root, word));
  }

  close() { this.deaf(); }

  /** @type {(data: WordGridData, send: (name: "cell", value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = send;
    this.inks = inksOf(coloursOf(this.root));
    this.noted = data.rows.some(({ note, given }) => note || given);
    const talks = data.rows.some(({ cells }) => cells.some(({ top }) => top));
    this.more = talks ? make("p", "more", data.words.hint) : null;
    this.more?.setAttribute("aria-live", "polite");
    const scroll = make("div", "scroll");
    scroll.append(this.table(talks || data.sends));
    if (!talks && !data.sends) { scroll.tabIndex = 0; scroll.setAttribute("role", "region"); scroll.setAttribute("aria-label", data.words.name); }
    this.root.replaceChildren(scroll, ...(this.more ? [this.more] : []), make("p", "legend", data.signed ? data.words.legend_signed : data.words.legend));
    lightIn(this.root, wordPointedAt());
  }

  table(active) {
    const { words, columns, rows } = this.data;
    const table = make("table"), head = make("tr");
    if (active) table.setAttribute("role", "grid");
    table.setAttribute("aria-label", words.name);
    const titles = [{ title: words.position }, ...columns, ...(this.noted ? [{ title: words.note }] : [])];
    head.append(...titles.map(({ title, key }) => {
      const th = make("th", "", title);
      if (key) th.append(make("small", "", key));
      th.scope = "col";
      return th;
    }));
    table.append(make("thead"), make("tbody"));
    table.createTHead().append(head);
    this.cells = rows.map((row, i) => row.cells.map((cell, j) => this.cell(cell, i, j, active)));
    table.tBodies[0].append(...rows.map((row, i) => this.row(row, i)));
    if (active) this.cells[0][0].tabIndex = 0;
    return table;
  }

  row({ read, written, note, given }, i) {
    const line = make("tr"), name = make("th");
    name.scope = "row";
    const word = ({ text, special }) => make("bdi", special ? "special" : this.data.side, text);
    name.append(make("span", "at", `${i} `), word(read), ...(written ? [make("span", "at", " → "), word(written)] : []));
    name.title = written ? `${i} ${read.text} → ${written.text}` : `${i} ${read.text}`;
    handle(name, wordName(this.data.side, i + Number(Boolean(written))));
    line.append(name, ...this.cells[i]);
    const said = given ? fill(this.data.words.given, { ...given, p: percent(given.p) }) : note;
    if (this.noted) line.append(make("td", "note", said ?? ""));
    return line;
  }

  // Of two runs it is how much more probable the word is in one than in the other, in percentage points.
  share(p) {
    if (!this.data.signed) return percent(p);
    const points = Math.abs(100 * p).toFixed(1);
    return points === "0.0" ? points : `${p < 0 ? MINUS : "+"}${points}`;
  }

  cell({ text, special, p, mark, top, was }, i, j, active) {
    const cell = make("td", mark ? "mark" : "");
    if (was !== undefined) cell.append(make("bdi", "was", was), make("span", "was", " → "));
    cell.append(make("bdi", special ? "special" : "", text), make("span", "share", this.share(p)));
    Object.assign(cell.style, this.paint(p));
    if (!active) return cell;
    const tell = () => { if (top && this.more) this.more.textContent = this.tell(top, i, j); };
    const choose = () => this.send("cell", { row: i, column: j, nonce: performance.now() });
    cell.tabIndex = -1;
    cell.setAttribute("role", "gridcell");
    cell.onmousemove = cell.onfocus = tell;
    cell.onkeydown = (event) => (this.data.sends && event.key === "Enter" ? choose() : this.move(event, i, j));
    if (this.data.sends) {
      cell.onclick = choose;
      cell.classList.add("link");
    }
    return cell;
  }

  // On the colour of its probability a word has the ink that is easier to read: that of the text, or of the page.
  paint(p) {
    const { scale, signed } = this.data;
    const place = (signed ? (p + 1) / 2 : p) * (scale.length - 1), i = Math.min(Math.floor(place), scale.length - 2), t = place - i;
    const [low, high] = [channels(scale[i]), channels(scale[i + 1])];
    const ink = inkOn(this.inks, between(low, high, t));
    return { background: `color-mix(in srgb, ${scale[i + 1]} ${100 * t}%, ${scale[i]})`, color: ink.colour };
  }

  tell(top, i, j) {
    const { words, columns, rows } = this.data;
    const list = top.map(({ word, p }) => fill(words.share, { word, p: this.share(p) })).join(" · ");
    return fill(words.more, { where: columns[j].title, i, word: rows[i].read.text, list });
  }

  // Within the grid the arrow keys go from cell to cell; the road must not take a step for them.
  move(event, i, j) {
    const step = ARROWS[event.key];
    if (!step || withModifier(event)) return;
    taken(event);
    const next = this.cells[i + step[0]]?.[j + step[1]];
    if (!next) return;
    this.cells[i][j].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

export default mounted(Grid, import.meta.url);
