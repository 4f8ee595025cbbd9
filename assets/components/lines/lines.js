// Attention as lines between words. Thickness is weight, and nothing else: equal weights look equal, whatever is shown.
import { coloursOf } from "../shared/draw/colours.js";
import { fill, make, penOf } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { clamp } from "../shared/draw/numbers.js";
import { handle, hearWords, placeOf, wordName, wordPointedAt } from "../shared/input/pointing.js";
import { unit } from "../shared/draw/present.js";
import { exact, placed } from "../heads/head_parts.js";

const LINE = 14; // pixels of a weight that would have the full colour in a map of all heads
const THINNEST = 0.004; // of the full thickness: thinner ones could not be seen
const MOST = 4096; // lines at once: all of 64 words; of more words the strongest, and that is said
const LOW = 16, ROOMY = 30, TALL = 656; // pixels of a row, and of all of them where they can be so low

export class Lines {
  /** @type {any} */ map;
  /** @type {number} */ height;
  /** @type {any} */ left;
  /** @type {any} */ right;

  // `act`: tell(row, column) or tell(row, null) when a word is pointed at.
  constructor(act) {
    this.act = act;
    this.pinned = this.hovered = null;
    this.element = make("div", "lines");
    this.asks = make("div", "asks");
    this.answers = make("div", "answers");
    this.canvas = make("canvas");
    this.note = make("p", "note");
    this.element.append(this.asks, this.canvas, this.answers, this.note);
    this.element.onmouseleave = () => this.point(null);
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.element);
    this.deaf = hearWords(() => this.draw());
  }

  close() {
    this.resized.disconnect();
    this.deaf();
  }

  // `map` as for the heatmap; `full`: the value of the full thickness; `words`.
  show(map) {
    this.map = map;
    if (this.pinned !== null && this.pinned >= map.rows.length) this.pinned = null;
    this.hovered = null;
    const n = Math.max(map.rows.length, map.columns.length);
    this.height = clamp(Math.floor(TALL / n), LOW * unit(), ROOMY * unit());
    this.element.style.setProperty("--row", `${this.height}px`);
    this.left = map.rows.map((word, i) => this.row(word, i));
    this.right = map.columns.map((word, i) => this.answer(word, i));
    this.asks.replaceChildren(...this.left);
    this.answers.replaceChildren(...this.right);
    this.left[this.pinned ?? 0].tabIndex = 0;
    this.draw();
  }

  row(word, i) {
    const row = make("button", "word ask"), [list, shift] = this.map.words_of?.[0] ?? [];
    row.type = "button";
    if (list) handle(row, wordName(list, i + shift));
    row.tabIndex = -1;
    row.dataset.name = `row${i}`;
    row.append(make("span", "share"), make("span", "at", `${i} `), this.text(word, this.map.sides[0]));
    if (word.writes) row.append(make("span", "at", " \u2192 "), this.text(word.writes, `${this.map.sides[0]} bold`));
    row.title = placed(word, i);
    row.onmousemove = row.onfocus = () => this.point(i);
    row.onclick = () => this.pin(i);
    row.onkeydown = (event) => this.key(event, i);
    return row;
  }

  answer(word, i) {
    const row = make("div", "word answer"), [list, shift] = this.map.words_of?.[1] ?? [];
    if (list) handle(row, wordName(list, i + shift));
    row.append(make("span", "at", `${i} `), this.text(word, this.map.sides[1]), make("span", "share"));
    row.title = placed(word, i);
    row.onmousemove = () => { if (this.current !== null) this.act.tell(this.current, i); };
    return row;
  }

  text(word, tone) { return make("bdi", word.special ? "special" : tone, word.text); }

  // The row whose lines alone are shown: one that is pointed at here or anywhere on the page, or that is kept.
  get current() {
    const { hovered, pinned, map } = this;
    return hovered ?? placeOf(map?.words_of?.[0], map?.rows.length ?? 0, wordPointedAt()) ?? (this.column === null ? pinned : null);
  }

  // The column whose lines alone are shown, where it is no row that is pointed at.
  get column() {
    const { hovered, map } = this, word = wordPointedAt();
    if (hovered !== null || placeOf(map?.words_of?.[0], map?.rows.length ?? 0, word) !== null) return null;
    return placeOf(map?.words_of?.[1], map?.columns.length ?? 0, word);
  }

  point(row) {
    if (row === this.hovered) return;
    this.hovered = row;
    this.draw();
    if (this.current !== null) this.act.tell(this.current, null);
  }

  pin(row) {
    this.pinned = this.pinned === row ? null : row;
    this.hovered = this.pinned === null ? null : row;
    this.draw();
  }

  key(event, i) {
    if (withModifier(event)) return;
    const next = event.key === "ArrowDown" ? this.left[i + 1] : event.key === "ArrowUp" ? this.left[i - 1] : null;
    if (event.key === "Escape") { this.pinned = this.hovered = null; this.draw(); }
    if (!ARROWS[event.key]) return;
    taken(event);
    if (!next) return;
    this.left[i].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  draw() {
    const { map, height, canvas } = this, width = canvas.clientWidth;
    if (!map || !width || !this.element.isConnected) return;
    const { rows, columns, full } = map, dots = window.devicePixelRatio || 1, tall = height * Math.max(rows.length, columns.length);
    Object.assign(canvas, { width: width * dots, height: tall * dots });
    canvas.style.height = `${tall}px`;
    const pen = penOf(canvas);
    pen.scale(dots, dots);
    const colour = coloursOf(this.element);
    const [more, less] = ["positive", "negative"].map(colour); // of a difference, what grew and what shrank
    pen.globalAlpha = 0.7;
    canvas["drawn"] = this.chosen().map(([r, c, value]) => {
      const from = (r + 0.5) * height, to = (c + 0.5) * height;
      Object.assign(pen, { lineWidth: (LINE * Math.abs(value)) / full, strokeStyle: value < 0 ? less : more });
      pen.beginPath();
      pen.moveTo(0, from);
      pen.bezierCurveTo(width * 0.5, from, width * 0.5, to, width, to);
      pen.stroke();
      return [r, c, pen.lineWidth];
    });
    this.words();
  }

  // [row, column, value] of each line: all rows, or the one that is pointed at.
  chosen() {
    const { map: { rows, columns, values, full, words }, current, column } = this, n = columns.length, lines = [];
    for (let r = current ?? 0; r < (current === null ? rows.length : current + 1); r++) for (let c = 0; c < n; c++) {
      const value = values[r * n + c];
      if ((column === null || column === c) && Math.abs(value) / full >= THINNEST && value !== Infinity) lines.push([r, c, value]);
    }
    this.note.textContent = lines.length > MOST ? fill(words.strongest, { n: MOST, all: lines.length }) : "";
    return lines.length > MOST ? lines.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2])).slice(0, MOST) : lines;
  }

  words() {
    const { map: { columns, values, reach }, current, column } = this, n = columns.length;
    const number = (r, c) => (values[r * n + c] === Infinity ? "\u00d7" : exact(values[r * n + c], reach > 9 ? 2 : 3));
    this.left.forEach((row, i) => {
      row.classList.toggle("now", i === current);
      row.classList.toggle("faint", current !== null && i !== current);
      row.setAttribute("aria-pressed", String(i === this.pinned));
      row.firstChild.textContent = column === null ? "" : number(i, column);
    });
    this.right.forEach((row, c) => {
      const shut = current !== null && values[current * n + c] === Infinity;
      row.classList.toggle("shut", shut);
      row.classList.toggle("faint", column !== null && c !== column);
      row.classList.toggle("now", c === column);
      row.lastChild.textContent = current === null ? "" : number(current, c);
    });
  }
}
