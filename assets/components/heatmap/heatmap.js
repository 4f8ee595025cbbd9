// A heatmap of true values: the cells on a canvas, words, numbers and frames above them. Pointing at a cell tells it, a
// click or Enter chooses it; the wheel with Ctrl, or the keys + - 0, zoom. New values are drawn into the same place.
import { along, channels, coloursOf, inksOf } from "../shared/colours.js";
import { mounted } from "../shared/component.js";
import { make, touches } from "../shared/dom.js";
import { clamp, decimals, floats } from "../shared/numbers.js";
import { svg } from "../shared/svg.js";
import { listenTo } from "./hands.js";
import { labels, layOut, numbered, plainText } from "./labels.js";

const FEW = 64, MANY = 8192; // rows or columns between which there is a gap; cells that are drawn one by one

class Heatmap {
  constructor(root) {
    this.root = root;
    this.host = root.getRootNode().host;
    this.host.gfPicture = () => this.picture();
    this.chosen = ({ detail }) => this.mark(detail);
    document.addEventListener("gf-chosen", this.chosen);
    this.resized = new ResizeObserver(() => { if (root.clientWidth !== this.width) this.draw(); });
    this.resized.observe(root);
    this.cursor = null;
    this.selected = null;
    this.build();
  }

  close() {
    document.removeEventListener("gf-chosen", this.chosen);
    this.resized.disconnect();
  }

  // Only what changes is made anew: the place of the cells keeps its focus and its zoom.
  build() {
    this.heat = make("div", "heat");
    this.svg = svg("svg", { "aria-hidden": true });
    this.area = make("div", "cells");
    Object.assign(this.area, { tabIndex: 0, role: "application" });
    this.canvas = make("canvas");
    this.frames = make("div", "frames");
    this.area.append(this.canvas);
    this.tip = make("div", "tip");
    this.said = make("div", "said");
    this.said.setAttribute("aria-live", "polite");
    this.heat.append(this.area, this.svg, this.frames, this.tip, this.said);
    this.hint = make("p", "hint");
    this.root.replaceChildren(this.heat, this.hint);
    listenTo(this);
  }

  show(data, send) {
    const { data: known } = this;
    this.data = data;
    this.send = send;
    this.values = floats(data.cells);
    if (known?.name !== data.name || known.rows !== data.rows || known.columns !== data.columns) this.all();
    this.area.setAttribute("aria-label", data.alt);
    this.area.setAttribute("aria-description", data.words.keys);
    Object.assign(this.area.dataset, { rows: data.rows, columns: data.columns });
    if (data.selected) this.selected = data.selected;
    this.paint();
    this.draw();
    this.root.dispatchEvent(new CustomEvent("gf-drawn", { bubbles: true, composed: true }));
  }

  all() {
    this.seen = { x: [0, this.data.columns], y: [0, this.data.rows] };
    this.cursor = null;
  }

  // One pixel per cell; what stands on the page is this picture, stretched.
  paint() {
    const { rows, columns, scale, low, high } = this.data;
    this.colour = coloursOf(this.root);
    this.font = getComputedStyle(this.root).fontFamily;
    this.inks = inksOf(this.colour);
    this.steps = scale.map(([at, hex]) => [at, channels(hex)]);
    const blocked = [...channels(this.colour("blocked")), 255];
    this.pixels = make("canvas");
    Object.assign(this.pixels, { width: columns, height: rows });
    const image = this.image = new ImageData(columns, rows);
    this.values.forEach((value, i) => {
      if (value === Infinity) image.data.set(blocked, 4 * i);
      else if (!Number.isNaN(value)) image.data.set([...this.tone((value - low) / (high - low)), 255], 4 * i);
    });
    this.pixels.getContext("2d").putImageData(image, 0, 0);
  }

  tone(share) { return along(this.steps, share); }

  draw() {
    this.width = this.root.clientWidth;
    if (!this.data || !this.width) return;
    Object.assign(this, layOut(this));
    const { box } = this;
    Object.assign(this.heat.style, { height: `${this.height}px` });
    for (const [name, value] of Object.entries({ width: this.width, height: this.height })) this.svg.setAttribute(name, value);
    for (const element of [this.area, this.frames]) Object.assign(element.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` });
    this.area.dataset.seen = [...this.seen.x, ...this.seen.y].join(",");
    this.stretch();
    this.svg.replaceChildren(...labels(this));
    const { words, sends } = this.data;
    this.hint.textContent = !touches ? "" : sends ? words.tap_twice : numbered(this) ? "" : words.tap;
    this.frame();
  }

  // A gap of one pixel between few cells; of many, only the picture as it is.
  stretch() {
    const { x, y } = this.seen, { width, height } = this.box, scale = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    const context = this.canvas.getContext("2d"), { canvas, pixels, image } = this;
    const cells = ([from, to], length) => {
      const edge = (i) => Math.round(clamp((i - from) / (to - from), 0, 1) * length), gap = to - from > FEW ? 0 : 1;
      const first = Math.floor(from), n = Math.ceil(to) - first;
      return Array.from({ length: n }, (_, k) => [first + k, edge(first + k), edge(first + k + 1) - gap]);
    };
    const rows = cells(y, canvas.height), columns = cells(x, canvas.width);
    if (rows.length * columns.length > MANY) {
      context.imageSmoothingEnabled = false;
      context.drawImage(pixels, x[0], y[0], x[1] - x[0], y[1] - y[0], 0, 0, canvas.width, canvas.height);
      return;
    }
    for (const [row, top, bottom] of rows) for (const [column, left, right] of columns) {
      const [r, g, b, a] = image.data.subarray(4 * (row * this.data.columns + column));
      if (!a) continue;
      context.fillStyle = `#${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
      context.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
    }
  }

  // The middle of a cell, on the cells' own place.
  at(row, column) {
    const { x, y } = this.seen, { width, height } = this.box;
    return [((column + 0.5 - x[0]) / (x[1] - x[0])) * width, ((row + 0.5 - y[0]) / (y[1] - y[0])) * height];
  }

  cell(x, y) {
    const { seen, box, data } = this;
    const column = Math.floor(seen.x[0] + (x / box.width) * (seen.x[1] - seen.x[0]));
    const row = Math.floor(seen.y[0] + (y / box.height) * (seen.y[1] - seen.y[0]));
    return { row: clamp(row, 0, data.rows - 1), column: clamp(column, 0, data.columns - 1) };
  }

  choose({ row, column }) {
    if (Number.isNaN(this.values[row * this.data.columns + column])) return;
    this.root.dispatchEvent(new CustomEvent("gf-cell", { bubbles: true, composed: true, detail: { row, column } }));
    if (this.data.sends) this.send("cell", { row, column, nonce: performance.now() });
  }

  // What the panel explains is framed; it names the maps of the page by the classes that their keys give them.
  mark({ maps, selected }) {
    const number = maps.findIndex((map) => this.host.closest(`.${map}`));
    if (number < 0) return;
    this.selected = selected?.map === number ? selected : null;
    if (this.box) this.frame();
  }

  frame() {
    const around = ({ row, column }, kind) => {
      const [x, y] = this.at(row, column), { width, height } = this.box;
      if (x < 0 || x > width || y < 0 || y > height) return [];
      const wide = Math.max(width / (this.seen.x[1] - this.seen.x[0]), 5), tall = Math.max(height / (this.seen.y[1] - this.seen.y[0]), 5);
      const frame = make("div", kind);
      Object.assign(frame.style, { left: `${x - wide / 2}px`, top: `${y - tall / 2}px`, width: `${wide}px`, height: `${tall}px` });
      return [frame];
    };
    this.frames.replaceChildren(
      ...(this.selected ? around(this.selected, "gf-frame") : []), ...(this.cursor ? around(this.cursor, "cursor") : []));
  }

  tell({ row, column }) {
    const { data } = this, value = this.values[row * data.columns + column];
    if (Number.isNaN(value)) return [];
    const said = value === Infinity ? [data.blocked] : data.says ? data.says[row][column].split("<br>") : [`${data.value} = ${decimals(value, data.digits === 0 ? 0 : 4)}`];
    const name = (title, labels, i) => [title, labels.length ? plainText(labels[i]) : i].filter((text) => text !== "").join(": ");
    return [name(data.row_title, data.row_labels, row), name(data.column_title, data.column_labels, column), ...said].filter(Boolean);
  }

  point(cell) {
    const lines = cell ? this.tell(cell) : [];
    this.tip.hidden = !lines.length;
    this.tip.replaceChildren(...lines.map((line) => make("div", "", line)));
    if (!lines.length) return lines;
    const [x, y] = this.at(cell.row, cell.column), { box } = this, { offsetWidth: wide, offsetHeight: tall } = this.tip;
    const left = box.left + x + 14 + wide > this.width ? box.left + x - wide - 14 : box.left + x + 14;
    const above = box.top + y - tall - 12;
    Object.assign(this.tip.style, { left: `${Math.max(0, left)}px`, top: `${above < 0 ? box.top + y + 16 : above}px` });
    return lines;
  }

  picture() {
    const picture = this.svg.cloneNode(true), { left, top, width, height } = this.box;
    picture.prepend(svg("image", { x: left, y: top, width, height, preserveAspectRatio: "none", href: this.canvas.toDataURL() }));
    return { nodes: [...picture.childNodes], width: this.width, height: this.height };
  }
}

export default mounted(Heatmap, import.meta.url);
