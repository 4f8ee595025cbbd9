// All heads of one kind of attention: a picture of thumbnails, and the chosen head large beside it. Where all numbers
// fit into one message, another head needs no trip to the server; the server is told when the reader rests.
import { cellsOf } from "../heatmap/cells.js";
import { showAll, zoomBy } from "../heatmap/hands.js";
import { HeatmapView } from "../heatmap/view.js";
import { Lines } from "../lines/lines.js";
import { coloursOf } from "../shared/colours.js";
import { mounted } from "../shared/component.js";
import { fill, focusedName, focusIn, make, named, pushButton, shortAddress, touches } from "../shared/dom.js";
import { ARROWS, taken, withModifier } from "../shared/keys.js";
import { clamp } from "../shared/numbers.js";
import { hearNumbers, openHead } from "./head_numbers.js";
import { exact, heatmapOf, legendOf, placed } from "./head_parts.js";
import { HeadTable } from "./head_table.js";

const REST = 300; // milliseconds
const FEW = 8; // heads of a layer up to which a thumbnail has a caption
const AS_IT_IS = 64; // pixels of a thumbnail up to which each stays a sharp square

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
 * @property {[import("../shared/pointing.js").Handles, import("../shared/pointing.js").Handles]} words_of
 * @property {boolean} masked
 * @property {string[]} palette
 * @property {import("./head_numbers.js").Numbers | null} numbers of all heads
 * @property {Record<string, any> | null} measures
 * @property {Choice} start
 * @property {Record<string, string>} words
 */
/** @typedef {{layer: number, head: number, look: "heatmap" | "lines", over: string, sort: string, find: string}} Choice */
/** @typedef {{choose: Choice, open: Choice & {row: number, column: number}}} HeadsSends */

class Heads {
  /** @type {HeadsData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {any} */ choice;
  /** @type {string} */ start;
  /** @type {{weight?: Float32Array, carried?: Float32Array} | null} of all heads */ numbers;
  /** @type {{weight?: Float32Array, carried?: Float32Array} | null} of the chosen one */ told;
  /** @type {import("./head_table.js").HeadTable} */ table;
  /** @type {HTMLButtonElement[][]} */ thumbs;
  /** @type {number} */ telling;
  /** @type {HTMLElement} */ panel;
  /** @type {HTMLHeadingElement} */ heading;
  /** @type {HTMLElement} */ key;
  /** @type {HTMLParagraphElement} */ about;
  /** @type {HTMLDivElement} */ bar;
  /** @type {HTMLParagraphElement} */ tip;
  /** @type {HTMLDivElement} */ place;
  /** @type {any} */ map;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.address = ""; // of the picture of all heads
    const tell = (row, column) => this.tell(row, column);
    const lines = new Lines({ tell });
    this.shown = { heatmap: make("div", "heatmap"), lines: lines.element };
    this.views = {
      lines,
      heatmap: new HeatmapView(this.shown.heatmap, {
        point: (cell) => this.point(cell),
        number: (row, column) => this.number(row, column),
        choose: ({ row, column }) => this.open(row, column),
        twice: () => true,
        drawn: () => this.tools(),
      }),
    };
    this.deaf = hearNumbers(() => { if (this.data && !this.data.numbers) this.paint(); });
  }

  close() {
    clearTimeout(this.telling);
    URL.revokeObjectURL(this.address);
    this.views.heatmap.close();
    this.views.lines.close();
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
    const focused = active?.dataset.name ?? (active === this.views.heatmap.area ? "heatmap" : null);
    const page = make("div", "heads");
    page.append(this.overview(), this.large());
    this.table = new HeadTable(this);
    this.root.replaceChildren(page, this.table.element);
    this.table.show();
    this.paint();
    if (focused === "heatmap") this.views.heatmap.area.focus();
    else if (focused) named(this.root, focused)?.focus({ preventScroll: true });
  }

  // The thumbnails.
  overview() {
    const { words, n_layers, n_heads, block, tile, picture } = this.data;
    const panel = make("section", "overview"), grid = make("div", "grid");
    panel.append(make("h5", "", words.overview), grid, this.legend(), make("p", "note", words[`scaled_${this.data.scale}`]));
    if (block > 1) panel.append(make("p", "note", fill(words.shared, { block })));
    if (this.data.masked) panel.append(make("p", "note blocked", words.crosses));
    grid.setAttribute("role", "grid");
    grid.setAttribute("aria-label", `${words.overview}. ${words.keys}`);
    grid.style.setProperty("--heads", String(n_heads));
    grid.style.setProperty("--shape", String(clamp(tile[1] / tile[0], 0.5, 2)));
    grid.style.setProperty("--picture", `url("${shortAddress(this, picture)}")`);
    grid.style.setProperty("--size", `${100 * n_heads}% ${100 * n_layers}%`);
    grid.classList.toggle("fine", Math.max(...tile) > AS_IT_IS);
    const heads = make("div", "line top");
    heads.setAttribute("role", "row");
    heads.append(make("span", "layer"), ...[...Array(n_heads).keys()].map((h) => this.title(n_heads > FEW ? `${h}` : fill(words.head, { head: h }), "columnheader")));
    grid.append(heads);
    this.thumbs = [...Array(n_layers).keys()].map((layer) => {
      const line = make("div", "line");
      line.setAttribute("role", "row");
      const thumbs = [...Array(n_heads).keys()].map((head) => this.thumb(layer, head));
      line.append(this.title(fill(words.layer, { layer }), "rowheader"), ...thumbs);
      grid.append(line);
      return thumbs;
    });
    return panel;
  }

  title(text, role) {
    const title = make("span", role === "rowheader" ? "layer" : "head", text);
    title.setAttribute("role", role);
    return title;
  }

  thumb(layer, head) {
    const { n_layers, n_heads, words, reach, picture } = this.data;
    const thumb = make("button", "thumb"), part = (i, n) => (n > 1 ? (100 * i) / (n - 1) : 0);
    const image = Object.assign(make("span", "image"), { gfSheet: { href: picture, x: head, y: layer, columns: n_heads, rows: n_layers } });
    image.style.backgroundPosition = `${part(head, n_heads)}% ${part(layer, n_layers)}%`;
    thumb.append(image);
    const label = this.label(layer, head);
    if (n_heads <= FEW) thumb.append(make("span", "caption", label));
    thumb.type = "button";
    thumb.tabIndex = -1;
    thumb.dataset.name = `head${layer}.${head}`;
    thumb.setAttribute("role", "gridcell");
    const facts = fill(words.thumb, { layer, head, most: exact(reach[layer][head]) });
    thumb.title = label ? `${facts} ${label}` : facts;
    thumb.setAttribute("aria-label", thumb.title);
    thumb.onclick = () => this.choose(layer, head);
    thumb.onkeydown = (event) => this.move(event, layer, head);
    return thumb;
  }

  // What a head's measures say in plain words, where they say anything.
  label(layer, head) { return this.data.measures?.labels[this.choice.over]?.[layer * this.data.n_heads + head] ?? ""; }

  legend() {
    const { words, palette, scale, most, signed } = this.data;
    const high = scale === "head" ? words.own_most : exact(most, most === 1 ? 0 : 2);
    return legendOf(signed ? `\u2212 ${high}` : "0", signed, palette, high);
  }

  move(event, layer, head) {
    const step = ARROWS[event.key];
    if (!step || withModifier(event)) return;
    taken(event);
    const next = this.thumbs[layer + step[0]]?.[head + step[1]];
    if (!next) return;
    next.focus();
    // A head whose numbers are not here waits for Enter: the server is not asked for each one on the way.
    if (this.numbers) this.choose(layer + step[0], head + step[1]);
  }

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

  // The chosen head.
  large() {
    const { words } = this.data;
    this.panel = make("section", "large");
    this.heading = make("h5");
    this.key = make("code");
    this.about = make("p", "note");
    this.bar = make("div", "tools");
    this.tip = make("p", "tip", words.hint);
    this.tip.setAttribute("aria-live", "polite");
    this.place = make("div", "place");
    this.panel.append(this.heading, this.key, this.about, this.bar, this.place, this.tip);
    return this.panel;
  }

  paint() {
    const { data, choice: { layer, head, look } } = this, { words, rows, columns } = data;
    this.thumbs.forEach((line, l) => line.forEach((thumb, h) => {
      const now = l === layer && h === head;
      thumb.classList.toggle("now", now);
      thumb.setAttribute("aria-selected", String(now));
      thumb.tabIndex = now ? 0 : -1;
    }));
    this.told = this.numbersOf(layer, head);
    this.panel.setAttribute("aria-busy", String(!this.told));
    if (!this.told) return;
    const values = /** @type {Float32Array} */ (this.told[data.carried ? "carried" : "weight"]);
    const name = fill(words.one, { layer, head });
    this.heading.textContent = name;
    this.key.textContent = `${data.keys[layer]}[${head}]`;
    this.about.textContent = data.signed && values.every((value) => value === 0 || value === Infinity) ? words.unchanged : this.label(layer, head) || words.no_label;
    this.map = {
      rows, columns, values, words, sides: data.sides, words_of: data.words_of, palette: data.palette, full: data.most,
      reach: data.reach[layer][head], signed: data.signed, label: name,
    };
    if (this.place.firstChild !== this.shown[look]) this.place.replaceChildren(this.shown[look]);
    if (look === "lines") this.views.lines.show(this.map);
    else {
      this.views.heatmap.show(heatmapOf(this.map, coloursOf(this.root), words.map_keys));
      if (!this.views.heatmap.marked) this.views.heatmap.mark({ row: 0, column: 0 });
    }
    this.tip.textContent = words[`${touches ? "tap" : "hint"}_${look}`];
    this.tools();
  }

  get size() { return this.data.rows.length * this.data.columns.length; }

  /** @type {(numbers: import("./head_numbers.js").Numbers, n_heads: number) => {weight?: Float32Array, carried?: Float32Array}} */
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

  tools() {
    const { words } = this.data, { heatmap } = this.views, { look } = this.choice;
    const focused = focusedName(this.root);
    const looks = make("span", "looks");
    looks.setAttribute("role", "group");
    for (const name of /** @type {const} */ (["heatmap", "lines"])) {
      const button = this.button(`look_${name}`, words[name], () => { this.choice.look = name; this.paint(); this.report(); });
      button.setAttribute("aria-pressed", String(name === look));
      looks.append(button);
    }
    this.bar.replaceChildren(looks);
    if (look === "heatmap") {
      const whole = this.button("whole", words.whole, () => showAll(heatmap)), { x, y } = heatmap.seen;
      whole.setAttribute("aria-disabled", String(!heatmap.zoomed));
      this.bar.append(this.button("in", words.in, () => zoomBy(heatmap, "in")), this.button("out", words.out, () => zoomBy(heatmap, "out")), whole);
      const seen = { r0: Math.floor(y[0]), r1: Math.ceil(y[1]) - 1, c0: Math.floor(x[0]), c1: Math.ceil(x[1]) - 1 };
      if (heatmap.zoomed) this.bar.append(make("span", "note", fill(words.cropped, seen)));
    }
    if (focused) named(this.bar, focused)?.focus();
  }

  button(name, text, act) { return pushButton(name, text, act, name); }

  // What is told of a cell stays told, and framed, until another is.
  point(cell) {
    if (!cell) return [];
    this.views.heatmap.mark(cell);
    this.tell(cell.row, cell.column);
    return [];
  }

  number(row, column) {
    return this.views.heatmap.blocked({ row, column }) ? "\u00d7" : exact(this.map.values[row * this.data.columns.length + column]);
  }

  // The number under the mouse, or of a whole row.
  tell(row, column) {
    const { words, rows, columns, carried, signed } = this.data, { values } = this.map, n = columns.length;
    const asks = placed(rows[row], row);
    if (column === null) {
      const best = [...Array(n).keys()].filter((c) => values[row * n + c] !== Infinity).sort((a, b) => Math.abs(values[row * n + b]) - Math.abs(values[row * n + a])).slice(0, 3);
      const list = best.map((c) => `\u201c${placed(columns[c], c)}\u201d ${exact(values[row * n + c])}`).join(" \u00b7 ");
      this.tip.textContent = fill(words.row, { asks, list });
      return;
    }
    const blocked = values[row * n + column] === Infinity, fields = { asks, answers: placed(columns[column], column) };
    const said = signed ? "cell_difference" : carried ? "cell_carried" : "cell";
    this.tip.textContent = fill(words[blocked ? "blocked" : said], { ...fields, ...this.both(row, column) });
  }

  // The number of a cell, and, unless it is a difference, both the weight and what is carried.
  both(row, column) {
    const i = row * this.data.columns.length + column, { weight, carried } = this.told ?? {};
    const said = (/** @type {Float32Array | undefined} */ cells) => (cells ? exact(cells[i]) : "");
    return { value: exact(this.map.values[i]), weight: said(weight), carried: said(carried) };
  }

  open(row, column) {
    clearTimeout(this.telling);
    this.send("open", { ...this.choice, row, column });
  }
}

export default mounted(Heads, import.meta.url);
