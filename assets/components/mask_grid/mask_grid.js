// A mask to draw on: click, drag, or arrow keys and space. A row is never blocked whole: its last open cell stays.
import { mounted } from "../shared/mount/component.js";
import { fill, make } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { handle, hearWords, placeOf, wordName, wordPointedAt } from "../shared/input/pointing.js";

const LATER = 450; // ms after the last cell before the model is asked again

/** @typedef {{text: string, special: boolean}} Word */
/**
 * @typedef {object} MaskGridData
 * @property {Word[]} rows
 * @property {Word[]} columns
 * @property {import("../shared/input/pointing.js").Handles[]} words_of whose words rows and columns are
 * @property {string[]} allowed
 * @property {string[]} natural
 * @property {Record<string, string>} words
 */
/** @typedef {{draw: {rows: string[], nonce: number}}} MaskGridSends */

class MaskGrid {
  /** @type {boolean | undefined} */ painting;
  /** @type {boolean} */ pressed;
  /** @type {boolean[][]} */ allowed;
  /** @type {string} */ names;
  /** @type {any} */ cells;
  /** @type {HTMLParagraphElement} */ told;
  /** @type {boolean} */ changed;
  /** @type {number | undefined} */ timer;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.data = this.send = null;
    this.up = () => {
      if (this.painting === undefined) return;
      this.painting = undefined;
      this.ask(0);
      setTimeout(() => { this.pressed = false; }); // behind the click that follows, if one does
    };
    window.addEventListener("pointerup", this.up);
    window.addEventListener("pointercancel", this.up);
    this.deaf = hearWords(() => { if (this.data) this.light(); });
  }

  close() { this.deaf(); clearTimeout(this.timer); window.removeEventListener("pointerup", this.up); window.removeEventListener("pointercancel", this.up); }

  /** @type {(data: MaskGridData, send: (name: "draw", value: any) => void) => void} */
  show(data, send) {
    Object.assign(this, { data, send });
    if (this.timer === undefined && this.painting === undefined) this.allowed = data.allowed.map((row) => [...row].map((c) => c === "1"));
    const names = JSON.stringify([data.rows, data.columns, data.words]);
    if (names !== this.names) { this.names = names; this.build(); }
    this.draw();
  }

  build() {
    const { words, rows, columns } = this.data;
    const table = make("table"), head = make("tr");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", words.name);
    table.style.setProperty("--n", String(Math.max(rows.length, columns.length))); // many words get small cells: the shape is seen whole
    head.append(make("td"), ...columns.map((column, j) => this.name(column, j, "col", 1)));
    table.append(make("thead"), make("tbody"));
    table.createTHead().append(head);
    this.cells = rows.map((_, i) => columns.map((__, j) => this.cell(i, j)));
    table.tBodies[0].append(...rows.map((row, i) => {
      const line = make("tr");
      line.append(this.name(row, i, "row", 0), ...this.cells[i]);
      return line;
    }));
    this.cells[0][0].tabIndex = 0;
    this.told = make("p", "told", words.hint);
    this.told.setAttribute("aria-live", "polite");
    const scroll = make("div", "scroll");
    scroll.append(table);
    this.root.replaceChildren(make("p", "rule", words.rule), scroll, this.told, this.legend());
  }

  name({ text, special }, i, scope, side) {
    const th = make("th"), word = make("bdi", special ? "special" : "", text);
    th.scope = scope;
    th.title = `${i} ${text}`;
    th.append(make("span", "at", `${i}`), " ", word);
    const [list, shift] = this.data.words_of[side];
    handle(th, wordName(list, i + shift));
    return th;
  }

  cell(i, j) {
    const cell = make("td");
    cell.tabIndex = -1;
    cell.setAttribute("role", "gridcell");
    Object.assign(cell.dataset, { row: i, column: j });
    cell.onpointerdown = (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return; // a finger scrolls; its tap is a click
      this.pressed = true;
      this.painting = !this.allowed[i][j];
      this.set(i, j, this.painting);
    };
    cell.onpointerenter = () => { if (this.painting !== undefined) this.set(i, j, this.painting); };
    cell.onclick = () => { // that of a mouse has been answered when it was pressed
      if (!this.pressed) { this.set(i, j, !this.allowed[i][j]); this.ask(LATER); }
    };
    cell.onfocus = () => { this.root.querySelector("td[tabindex='0']").tabIndex = -1; cell.tabIndex = 0; if (!this.pressed) this.tell(i, j); };
    cell.onkeydown = (event) => this.key(event, i, j);
    return cell;
  }

  key(event, i, j) {
    if (withModifier(event)) return;
    const step = ARROWS[event.key];
    if (step) {
      const next = this.cells[i + step[0]]?.[j + step[1]];
      next?.focus();
    } else if (event.key === " " || event.key === "Enter") {
      this.set(i, j, !this.allowed[i][j]);
      this.ask(LATER);
    } else return;
    taken(event);
  }

  set(i, j, value) {
    if (this.allowed[i][j] === value) return;
    if (!value && this.allowed[i].filter(Boolean).length === 1) { this.refuse(i); return; }
    this.allowed[i][j] = value;
    this.changed = true;
    this.draw();
    this.tell(i, j);
  }

  refuse(i) {
    this.told.textContent = fill(this.data.words.refused, { row: `${i} ${this.data.rows[i].text}` });
    this.told.classList.add("no");
  }

  tell(i, j) {
    this.told.classList.remove("no");
    this.told.textContent = this.says(i, j);
  }

  says(i, j) {
    const { words, rows, columns } = this.data;
    const values = { row: `${i} ${rows[i].text}`, column: `${j} ${columns[j].text}` };
    return fill(this.allowed[i][j] ? words.open : words.blocked, values) + (this.differs(i, j) ? ` ${words.changed}` : "");
  }

  differs(i, j) { return this.allowed[i][j] !== (this.data.natural[i][j] === "1"); }

  ask(wait) {
    if (!this.changed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.changed = false;
      this.send("draw", { rows: this.allowed.map((row) => row.map((open) => (open ? "1" : "0")).join("")), nonce: performance.now() });
    }, wait);
  }

  draw() {
    this.cells.forEach((row, i) => row.forEach((cell, j) => {
      const look = `${this.allowed[i][j] ? "open" : "shut"}${this.differs(i, j) ? " other" : ""}`;
      if (cell.dataset.look === look) return;
      cell.dataset.look = look;
      cell.className = look;
      cell.setAttribute("aria-label", this.says(i, j));
    }));
    this.light();
  }

  // The row and the column of the word that is pointed at.
  light() {
    const { rows, columns, words_of } = this.data, word = wordPointedAt();
    const row = placeOf(words_of[0], rows.length, word), column = placeOf(words_of[1], columns.length, word);
    const [, ...heads] = this.root.querySelector("thead tr").children;
    heads.forEach((head, j) => head.classList.toggle("lit", j === column));
    this.cells.forEach((cells, i) => {
      cells[0].parentElement.firstElementChild.classList.toggle("lit", i === row);
      cells.forEach((cell, j) => cell.classList.toggle("lit", i === row || j === column));
    });
  }

  legend() {
    const { words } = this.data, legend = make("p", "legend");
    legend.append(...[["open", words.legend_open], ["shut", words.legend_blocked], ["open other", words.legend_changed]].flatMap(([look, text]) => [make("span", `key ${look}`), make("span", "", text)]));
    return legend;
  }
}

export default mounted(MaskGrid, import.meta.url);
