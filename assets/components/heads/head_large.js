// The chosen head, large: as a heatmap or as lines, the tools of the heatmap, and what is told of a cell.
import { showAll, zoomBy } from "../heatmap/hands.js";
import { HeatmapView } from "../heatmap/view.js";
import { Lines } from "../lines/lines.js";
import { coloursOf } from "../shared/draw/colours.js";
import { fill, focusedName, make, named, touches } from "../shared/draw/dom.js";
import { exact, headButton, heatmapOf, placed } from "./head_parts.js";

export class LargeHead {
  /** @type {HTMLElement} */ panel;
  /** @type {HTMLHeadingElement} */ heading;
  /** @type {HTMLElement} */ key;
  /** @type {HTMLParagraphElement} */ about;
  /** @type {HTMLDivElement} */ bar;
  /** @type {HTMLParagraphElement} */ tip;
  /** @type {HTMLDivElement} */ place;
  /** @type {any} what is drawn */ map;
  /** @type {import("./heads.js").Told | null} */ told;

  /** @param {import("./heads.js").Heads} owner */
  constructor(owner) {
    this.owner = owner;
    const lines = new Lines({ tell: (row, column) => this.tell(row, column) });
    this.shown = { heatmap: make("div", "heatmap"), lines: lines.element };
    this.views = {
      lines,
      heatmap: new HeatmapView(this.shown.heatmap, {
        point: (cell) => this.point(cell),
        number: (row, column) => this.number(row, column),
        choose: ({ row, column }) => owner.open(row, column),
        twice: () => true,
        drawn: () => this.tools(),
      }),
    };
  }

  close() {
    this.views.heatmap.close();
    this.views.lines.close();
  }

  /** The area of the heatmap, which may have the focus. */
  get area() { return this.views.heatmap.area; }

  /** An empty panel, for `paint` to fill; returns where it stands. */
  draw() {
    const { words } = this.owner.data;
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

  /** @param {import("./heads.js").Told | null} told its numbers; null until the server has sent them */
  paint(told) {
    const { data, choice: { layer, head, look } } = this.owner, { words, rows, columns } = data;
    this.told = told;
    this.panel.setAttribute("aria-busy", String(!told));
    if (!told) return;
    const values = /** @type {Float32Array} */ (told[data.carried ? "carried" : "weight"]);
    const name = fill(words.one, { layer, head });
    this.heading.textContent = name;
    this.key.textContent = `${data.keys[layer]}[${head}]`;
    this.about.textContent = data.signed && values.every((value) => value === 0 || value === Infinity) ? words.unchanged : this.owner.label(layer, head) || words.no_label;
    this.map = {
      rows, columns, values, words, sides: data.sides, words_of: data.words_of, palette: data.palette, full: data.most,
      reach: data.reach[layer][head], signed: data.signed, label: name,
    };
    if (this.place.firstChild !== this.shown[look]) this.place.replaceChildren(this.shown[look]);
    if (look === "lines") this.views.lines.show(this.map);
    else {
      this.views.heatmap.show(heatmapOf(this.map, coloursOf(this.owner.root), words.map_keys));
      if (!this.views.heatmap.marked) this.views.heatmap.mark({ row: 0, column: 0 });
    }
    this.tip.textContent = words[`${touches ? "tap" : "hint"}_${look}`];
    this.tools();
  }

  tools() {
    const { data: { words }, choice: { look } } = this.owner, { heatmap } = this.views;
    const focused = focusedName(this.owner.root);
    const looks = make("span", "looks");
    looks.setAttribute("role", "group");
    for (const name of /** @type {const} */ (["heatmap", "lines"])) {
      const button = headButton(`look_${name}`, words[name], () => this.lookAs(name));
      button.setAttribute("aria-pressed", String(name === look));
      looks.append(button);
    }
    this.bar.replaceChildren(looks);
    if (look === "heatmap") {
      const whole = headButton("whole", words.whole, () => showAll(heatmap)), { x, y } = heatmap.seen;
      whole.setAttribute("aria-disabled", String(!heatmap.zoomed));
      this.bar.append(headButton("in", words.in, () => zoomBy(heatmap, "in")), headButton("out", words.out, () => zoomBy(heatmap, "out")), whole);
      const seen = { r0: Math.floor(y[0]), r1: Math.ceil(y[1]) - 1, c0: Math.floor(x[0]), c1: Math.ceil(x[1]) - 1 };
      if (heatmap.zoomed) this.bar.append(make("span", "note", fill(words.cropped, seen)));
    }
    if (focused) named(this.bar, focused)?.focus();
  }

  lookAs(name) {
    this.owner.choice.look = name;
    this.owner.paint();
    this.owner.report();
  }

  // What is told of a cell stays told, and framed, until another is.
  point(cell) {
    if (!cell) return [];
    this.views.heatmap.mark(cell);
    this.tell(cell.row, cell.column);
    return [];
  }

  number(row, column) {
    return this.views.heatmap.blocked({ row, column }) ? "\u00d7" : exact(this.map.values[row * this.owner.data.columns.length + column]);
  }

  // The number under the mouse, or of a whole row.
  tell(row, column) {
    const { words, rows, columns, carried, signed } = this.owner.data, { values } = this.map, n = columns.length;
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
    const i = row * this.owner.data.columns.length + column, { weight, carried } = this.told ?? {};
    const said = (/** @type {Float32Array | undefined} */ cells) => (cells ? exact(cells[i]) : "");
    return { value: exact(this.map.values[i]), weight: said(weight), carried: said(carried) };
  }
}
