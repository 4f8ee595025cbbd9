// One head, large: a heatmap that can be cropped. Rows ask, columns answer; every number comes from 32-bit floats.
import { between, channels } from "../shared/colours.js";
import { make } from "../shared/dom.js";
import { ARROWS, taken, withModifier } from "../shared/keys.js";
import { clamp } from "../shared/numbers.js";
import { exact, placed } from "./head_parts.js";

const CELL = 56, TALLEST = 580; // pixels of a cell at most, and of the whole map
const PRINTED = 12, WIDE = 36, HIGH = 20; // words up to which numbers stand in the cells, and the room that they need
const GAPS = 7, CROSSES = 10, TICK = 15, THIN = 12; // pixels of a cell from which it has a gap or a cross; between two labels, level and slanted
const SHADES = 512; // from no colour to the full one
const LEAST = 4; // words that a crop keeps
const SLANT = 0.9; // radians, of column labels that do not fit side by side
const LONGEST = 130, LETTER = 14, SMALL = 12; // pixels of a label, and of its letters, the small ones between close neighbours

export class Heatmap {
  // `act`: tell(row, column) when a cell is pointed at, cropped() after a crop, open(row, column), if any, when it is chosen.
  constructor(act) {
    Object.assign(this, { act, at: [0, 0], crop: null, from: null });
    this.element = make("div", "heatmap");
    this.canvas = make("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.mark = make("i", "mark");
    this.band = make("i", "band");
    this.element.append(this.canvas, this.band, this.mark);
    this.canvas.onmousemove = (event) => this.hover(event);
    this.canvas.onmouseleave = () => { this.point(...this.at); this.band.hidden = true; };
    this.canvas.onmousedown = (event) => { this.from = this.cell(event); };
    this.canvas.onpointerdown = ({ pointerType }) => { this.finger = pointerType === "touch"; };
    this.canvas.onmouseup = (event) => this.release(event);
    this.canvas.onkeydown = (event) => this.key(event);
    this.canvas.onfocus = () => this.point(...this.at);
    this.resized = new ResizeObserver(() => { if (this.element.clientWidth !== this.drawnFor) this.draw(); });
    this.resized.observe(this.element);
  }

  // `map`: rows and columns (words), sides, values, allowed or null, reach, signed, palette, label.
  show(map) {
    const place = JSON.stringify([map.rows, map.columns]);
    if (this.place !== place) Object.assign(this, { place, crop: [0, map.rows.length, 0, map.columns.length] });
    this.map = map;
    this.at = [clamp(this.at[0], 0, map.rows.length - 1), clamp(this.at[1], 0, map.columns.length - 1)];
    this.canvas.setAttribute("aria-label", map.label);
    this.draw();
  }

  get whole() { return this.crop[1] - this.crop[0] === this.map.rows.length && this.crop[3] - this.crop[2] === this.map.columns.length; }

  blocked(row, column) { return this.map.allowed && !this.map.allowed[row * this.map.columns.length + column]; }

  value(row, column) { return this.map.values[row * this.map.columns.length + column]; }

  draw() {
    if (!this.map || !this.element.isConnected || !this.element.clientWidth) return;
    this.drawnFor = this.element.clientWidth;
    this.style = getComputedStyle(this.element);
    this.colour = (name) => this.style.getPropertyValue(`--gf-${name}`).trim();
    const pen = this.canvas.getContext("2d");
    this.measure(pen);
    const { left, top, across, down, crop: [r0, r1, c0, c1] } = this;
    const width = this.drawnFor, height = Math.ceil(top + down * (r1 - r0)) + 3, dots = window.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * dots, height: height * dots });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    pen.scale(dots, dots);
    pen.imageSmoothingEnabled = Math.min(across, down) < 1;
    pen.drawImage(this.image(), left, top, across * (c1 - c0), down * (r1 - r0));
    this.cuts(pen);
    this.inCells(pen);
    this.labels(pen);
    this.point(...this.at, false);
  }

  // How much room the labels and the cells get.
  measure(pen) {
    const [r0, r1, c0, c1] = this.crop, { rows, columns } = this.map;
    pen.font = this.font({ bold: true });
    const wide = (words, from, to) => Math.max(...words.slice(from, to).map((word, i) => pen.measureText(placed(word, i + from)).width));
    this.left = Math.min(wide(rows, r0, r1), this.drawnFor * 0.4, 1.8 * LONGEST) + 14;
    const longest = Math.min(wide(columns, c0, c1), LONGEST);
    const room = this.drawnFor - this.left - 4;
    this.across = Math.min(CELL, room / (c1 - c0));
    this.slanted = longest > this.across - 4;
    if (this.slanted) this.across = Math.min(CELL, (room - longest * Math.cos(SLANT)) / (c1 - c0));
    this.top = this.slanted ? longest * Math.sin(SLANT) + 18 : 26;
    this.down = Math.min(Math.max(this.across, HIGH), TALLEST / (r1 - r0)); // a row of few stays high enough for its words
  }

  font(word = {}, size = LETTER) { return `${word.special ? "italic " : ""}${word.bold ? "700 " : ""}${size}px ${this.style.fontFamily}`; }

  // The cells as pixels, of which the canvas makes rectangles.
  image() {
    const [r0, r1, c0, c1] = this.crop, { palette, reach, signed } = this.map;
    const scale = palette.map(channels), blocked = channels(this.colour("blocked"));
    const [low, zero, high] = ["negative", "neutral", "positive"].map((name) => channels(this.colour(name)));
    const shade = (p) => { const place = p * (scale.length - 1), i = Math.min(Math.floor(place), scale.length - 2); return between(scale[i], scale[i + 1], place - i); };
    const paint = signed ? (p) => between(zero, p < 0 ? low : high, Math.abs(p)) : (p) => shade(Math.max(p, 0));
    // A table of colours: of a long sentence there are hundreds of thousands of cells.
    const table = Array.from({ length: 2 * SHADES + 1 }, (_, i) => paint(i / SHADES - 1));
    const image = new ImageData(c1 - c0, r1 - r0);
    for (let r = r0, n = 0; r < r1; r++) for (let c = c0; c < c1; c++, n += 4) {
      image.data.set(this.blocked(r, c) ? blocked : table[Math.round((clamp(this.value(r, c) / reach, -1, 1) + 1) * SHADES)], n);
      image.data[n + 3] = 255;
    }
    const sheet = new OffscreenCanvas(c1 - c0, r1 - r0);
    sheet.getContext("2d").putImageData(image, 0, 0);
    return sheet;
  }

  cuts(pen) {
    const { left, top, across, down, crop: [r0, r1, c0, c1] } = this;
    pen.strokeStyle = this.colour("background");
    pen.lineWidth = 1;
    pen.beginPath();
    if (down >= GAPS) for (let r = 1; r < r1 - r0; r++) { pen.moveTo(left, top + r * down); pen.lineTo(left + across * (c1 - c0), top + r * down); }
    if (across >= GAPS) for (let c = 1; c < c1 - c0; c++) { pen.moveTo(left + c * across, top); pen.lineTo(left + c * across, top + down * (r1 - r0)); }
    pen.stroke();
    pen.strokeStyle = this.colour("line");
    pen.strokeRect(left - 0.5, top - 0.5, across * (c1 - c0) + 1, down * (r1 - r0) + 1);
  }

  // Crosses in blocked cells, and the numbers where they can be read.
  inCells(pen) {
    const { left, top, across, down, crop: [r0, r1, c0, c1], map: { reach, signed } } = this;
    if (Math.min(across, down) < CROSSES) return;
    const printed = Math.max(r1 - r0, c1 - c0) <= PRINTED && across >= WIDE && down >= HIGH;
    Object.assign(pen, { textAlign: "center", textBaseline: "middle", font: `13px ${this.style.fontFamily}` });
    for (let r = r0; r < r1; r++) for (let c = c0; c < c1; c++) {
      const x = left + (c - c0 + 0.5) * across, y = top + (r - r0 + 0.5) * down;
      if (this.blocked(r, c)) {
        pen.fillStyle = this.colour("muted");
        pen.fillText("\u00d7", x, y);
      } else if (printed) {
        const value = this.value(r, c);
        pen.fillStyle = this.colour(Math.abs(value) / reach > (signed ? 0.7 : 0.5) ? "background" : "text");
        pen.fillText(exact(value, reach > 9 ? 1 : 2), x, y);
      }
    }
  }

  labels(pen) {
    const { left, top, across, down, crop: [r0, r1, c0, c1], map: { rows, columns, sides } } = this;
    const every = (pitch, tick = TICK) => Math.max(1, Math.ceil(tick / pitch));
    pen.textBaseline = "middle";
    for (let r = r0; r < r1; r += every(down)) this.word(pen, rows[r], r, sides[0], left - 8, top + (r - r0 + 0.5) * down, 0, left - 10);
    const pitch = across * Math.sin(SLANT);
    for (let c = c0; c < c1; c += this.slanted ? every(pitch, THIN) : every(across)) {
      const x = left + (c - c0 + 0.5) * across;
      this.word(pen, columns[c], c, sides[1], x, top - (this.slanted ? 8 : 12), this.slanted ? SLANT : null, LONGEST, this.slanted && pitch < LETTER ? SMALL : LETTER);
    }
  }

  // A position and its word, the written one bold behind an arrow; cut where it would be too long.
  word(pen, word, i, side, x, y, slant, room, size = LETTER) {
    const parts = [{ text: `${i} `, colour: "muted" }, { ...word, colour: word.special ? "special" : side }];
    if (word.writes) parts.push({ text: " \u2192 ", colour: "muted" }, { ...word.writes, bold: true, colour: word.writes.special ? "special" : side });
    const width = (part) => { pen.font = this.font(part, size); return pen.measureText(part.text).width; };
    let total = parts.reduce((sum, part) => sum + width(part), 0);
    for (const part of [...parts].reverse()) while (total > room && part.text.length > 2 && part.text.trim() !== "\u2192") {
      const before = width(part);
      part.text = `${part.text.replace("\u2026", "").slice(0, -1)}\u2026`;
      total += width(part) - before;
      if (part.text.length <= 2) break;
    }
    pen.save();
    pen.translate(x, y);
    if (slant) pen.rotate(-slant);
    pen.textAlign = "left";
    let start = slant === 0 ? -total : slant ? 0 : -total / 2;
    for (const part of parts) {
      const step = width(part);
      pen.fillStyle = this.colour(part.colour);
      pen.fillText(part.text, start, 0);
      start += step;
    }
    pen.restore();
  }

  cell({ offsetX, offsetY }) {
    const { left, top, across, down, crop: [r0, r1, c0, c1] } = this;
    const row = Math.floor((offsetY - top) / down) + r0, column = Math.floor((offsetX - left) / across) + c0;
    return row >= r0 && row < r1 && column >= c0 && column < c1 ? [row, column] : null;
  }

  hover(event) {
    const cell = this.cell(event);
    this.canvas.style.cursor = cell && this.act.open ? "pointer" : "default";
    if (!cell) return;
    if (this.from) return this.frame(this.from, cell);
    this.point(...cell);
  }

  point(row, column, say = true) {
    this.at = [row, column];
    this.frame([row, column], [row, column]);
    if (say) this.act.tell(row, column);
  }

  // The frame around a cell, or around the cells that are about to be cropped.
  frame([r0, c0], [r1, c1]) {
    const { left, top, across, down, crop } = this, [row, column] = [Math.min(r0, r1), Math.min(c0, c1)];
    const there = row >= crop[0] && Math.max(r0, r1) < crop[1] && column >= crop[2] && Math.max(c0, c1) < crop[3];
    this.mark.hidden = this.band.hidden = !there;
    const y = top + (row - crop[0]) * down, height = (Math.abs(r1 - r0) + 1) * down;
    Object.assign(this.mark.style, { left: `${left + (column - crop[2]) * across}px`, top: `${y}px`, width: `${(Math.abs(c1 - c0) + 1) * across}px`, height: `${height}px` });
    Object.assign(this.band.style, { left: 0, top: `${y}px`, width: `${left}px`, height: `${height}px` });
  }

  release(event) {
    const [from, to] = [this.from, this.cell(event)];
    this.from = null;
    if (!from || !to) return;
    if (from[0] === to[0] && from[1] === to[1]) {
      const known = !this.finger || String(this.tapped) === String(to); // a finger's first tap only tells
      this.tapped = to;
      return known ? this.act.open?.(...to) : this.point(...to);
    }
    const [row, column] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    this.cut([row, row + Math.abs(from[0] - to[0]) + 1, column, column + Math.abs(from[1] - to[1]) + 1]);
  }

  cut(crop) {
    this.crop = crop;
    this.act.cropped();
    this.draw();
  }

  // Half as many words (0.5) or twice as many (2) around the cell that is pointed at.
  zoom(factor) {
    const [r0, r1, c0, c1] = this.crop, { rows, columns } = this.map;
    const part = (at, n, all) => {
      const size = clamp(Math.round(n * factor), Math.min(LEAST, all), all), from = clamp(Math.round(at - size / 2), 0, all - size);
      return [from, from + size];
    };
    this.cut([...part(this.at[0], r1 - r0, rows.length), ...part(this.at[1], c1 - c0, columns.length)]);
  }

  all() { this.cut([0, this.map.rows.length, 0, this.map.columns.length]); }

  key(event) {
    if (withModifier(event)) return;
    const acts = { "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), 0: () => this.all(), Enter: () => this.act.open?.(...this.at) };
    const move = ARROWS[event.key], act = acts[event.key];
    if (!move && !act) return;
    taken(event);
    if (act) return act();
    const { rows, columns } = this.map;
    const row = clamp(this.at[0] + move[0], 0, rows.length - 1), column = clamp(this.at[1] + move[1], 0, columns.length - 1);
    const [r0, r1, c0, c1] = this.crop, shift = (at, from, to) => Math.max(0, at - to + 1) - Math.max(0, from - at);
    const down = shift(row, r0, r1), across = shift(column, c0, c1);
    if (down || across) this.cut([r0 + down, r1 + down, c0 + across, c1 + across]);
    this.point(row, column);
  }
}
