// The map of the whole model. One row per word, the same height in every strip and matrix, so that a word's row can be
// followed from the left edge to the right; soft ribbons carry it between the pieces.
import { between, channels, coloursOf } from "../shared/colours.js";
import { mounted } from "../shared/component.js";
import { fill, focusedName, make, named, penOf, pushButton, touches } from "../shared/dom.js";
import { bytes, clamp, percent } from "../shared/numbers.js";
import { handle, hearWords, lightIn, placeOf, wordName, wordPointedAt } from "../shared/pointing.js";
import { unit } from "../shared/present.js";
import { svg } from "../shared/svg.js";
import { makeTold, termLink } from "../shared/terms.js";
import { drawRibbons } from "./ribbons.js";

const ZERO = 127, BLOCKED = 255;
const WIDEST = 230, NARROWEST = 54; // pixels of a matrix; a tall one may be half as wide as it is tall
const ROOM = 900; // pixels from which the whole map is to fit
const LOWEST = 15, HIGHEST = 26; // pixels of a row: a word can be read in it, however many there are
const SMALLEST = 13; // pixels of letters
const WORDLESS = 7; // pixels of a row that no word stands beside
const TALL = 360; // pixels of a lane, as long as its words can be read
const CROWD = 6; // layers from which a folded one is as narrow as can be
const SLIVER = 20, THINNEST = 10; // pixels of a matrix in it, and where there is no more room
const NAMED = 66; // pixels of an open one among them, whose name in two lines does not reach its neighbour's
const CORNER = 300, CORNER_GAP = 44; // pixels that the words of the first visit need beside a lane, and what lies between
const LABEL = 118; // pixels from which a matrix has room for its name in one line, and for what it shows below

// What the labels of pieces are called in the glossary.
const TERMS = { embedding: "embedding", self_attn: "self_attention", masked_self_attn: "mask", cross_attn: "cross_attention", ffn: "feed_forward", norm: "layer_norm", add: "residual_sum", add_norm: "layer_norm", q: "query", k: "key", v: "value", writes: "probability" };
const level = (name) => name.replace("-\n", "-").replace("\n", " ");

/** @typedef {{text: string, special: boolean}} Word */
/** @typedef {{rows: number, columns: number, data: string, key: string, shape: string, low: string, high: string, signed?: boolean}} Picture bytes of a matrix, or of a strip */
/** @typedef {{list: string, words: Word[], causal: boolean, embedding: Picture, layers: any[][], out: Picture}} Lane */
/**
 * @typedef {object} MapData
 * @property {Record<string, any>} facts
 * @property {Word[]} written
 * @property {boolean[]} typed
 * @property {number[]} probs
 * @property {number[] | null} before
 * @property {Record<string, Lane>} lanes
 * @property {number} full
 * @property {Record<string, string>} words
 */
/** @typedef {{open: string}} MapSends the key of a site */

class ModelMap {
  /** @type {MapData} */ data;
  /** @type {(name: "open", value: string) => void} */ send;
  /** @type {(name: string) => import("../shared/colours.js").Channels} */ colour;
  /** @type {string[]} */ sides;
  /** @type {Record<string, number>} */ heights;
  /** @type {HTMLDivElement} */ tip;
  /** @type {any[]} */ flows;
  /** @type {ChildNode | null} */ memory;
  /** @type {Record<string, number>} the layer of each side that is unfolded, -1 if none is */ open;
  /** @type {HTMLDivElement} */ map;
  /** @type {SVGSVGElement} */ svg;
  /** @type {number} */ height;
  /** @type {number} */ folded;
  /** @type {number} pixels for one that was meant for a reader in front of the screen */ unit;
  /** @type {import("../shared/pointing.js").Handles} */ own;
  /** @type {HTMLElement} */ front;
  /** @type {Set<string>} the terms that are dotted already */ told;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.resized = new ResizeObserver(() => {
      if (this.unit !== unit()) return this.show(this.data, this.send);
      this.fit();
      drawRibbons(this);
    });
    this.deaf = hearWords(() => this.light());
  }

  close() {
    this.resized.disconnect();
    this.deaf();
  }

  /** @type {(data: MapData, send: (name: "open", value: string) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = send;
    const colour = coloursOf(this.root);
    this.colour = (name) => channels(colour(name));
    this.sides = Object.keys(data.lanes); // in the order in which they read; the last one says something, if any does
    this.open ??= Object.fromEntries(this.sides.map((side) => [side, data.lanes[side].causal ? data.lanes[side].layers.length - 1 : 0]));
    this.unit = unit();
    const tall = (words) => Math.max(LOWEST * this.unit, Math.min(HIGHEST * this.unit, Math.floor(TALL / words.length)));
    this.heights = Object.fromEntries(this.sides.map((side) => [side, tall(data.lanes[side].words)]));
    this.build();
  }

  build() {
    const focused = focusedName(this.root);
    const { words } = this.data;
    this.front = make("div", "front");
    this.front.append(make("p", "what", words.what), make("p", "how", words.how));
    this.tip = make("div", "tip", touches ? words.tap : words.hint);
    this.assemble();
    if (focused) named(this.root, focused)?.focus();
    this.light();
    this.resized.disconnect();
    // The words, too: a font that arrives late makes them wider. Observing draws for the first time.
    for (const element of [this.map, ...this.map.querySelectorAll(".words, .written")]) this.resized.observe(element);
  }

  assemble() {
    this.told = new Set();
    this.flows = [];
    this.memory = null;
    this.map = make("div", "map");
    this.svg = svg("svg", { "aria-hidden": true });
    this.map.append(this.svg, ...this.sides.map((side) => this.lane(side)));
    this.root.replaceChildren(this.map, this.front, this.tip);
  }

  // On a wide screen everything fits, to the last word: a lane's matrices give way, at last those of a crowd of folded
  // layers. A phone scrolls along the lanes.
  fit() {
    if (!this.map.isConnected) return;
    const { paddingLeft, paddingRight } = getComputedStyle(this.map);
    const room = this.map.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    for (const lane of /** @type {NodeListOf<HTMLElement>} */ (this.map.querySelectorAll(".lane"))) {
      const matrices = [.../** @type {NodeListOf<HTMLElement>} */ (lane.querySelectorAll(".wide canvas"))].map((canvas) => ({ canvas, width: Number(canvas.dataset.width) }));
      const slivers = [.../** @type {NodeListOf<HTMLElement>} */ (lane.querySelectorAll(".crowded canvas"))];
      for (const { canvas, width } of matrices) canvas.style.width = `${width}px`;
      for (const sliver of slivers) sliver.style.width = `${SLIVER}px`;
      const roomy = this.root.clientWidth > ROOM;
      const over = roomy ? lane.offsetWidth - room : 0;
      const saved = (most) => matrices.reduce((sum, { width }) => sum + Math.max(0, width - most), 0);
      let most = roomy ? Math.max(WIDEST, ...matrices.map(({ width }) => width)) : WIDEST;
      while (most > (slivers.length ? NAMED : NARROWEST) && saved(most) < over) most--;
      const thinner = Math.max(0, over - saved(most)) / slivers.length;
      for (const sliver of slivers) sliver.style.width = `${Math.max(THINNEST, SLIVER - thinner)}px`;
      for (const { canvas, width } of matrices) {
        canvas.style.width = `${Math.min(width, most)}px`;
        const roomy = Math.min(width, most) >= LABEL, label = /** @type {HTMLElement} */ (canvas.closest(".piece")?.firstElementChild);
        /** @type {ChildNode} */ (label.firstChild).textContent = roomy ? level(label.dataset.title) : label.dataset.title;
        /** @type {HTMLElement} */ (label.lastElementChild).hidden = !roomy;
      }
    }
    this.place();
  }

  // What this is stands beside a first lane that leaves room, else below the map.
  place() {
    const first = /** @type {HTMLElement} */ (this.map.querySelector(".lane")), last = /** @type {HTMLElement} */ (first.lastElementChild);
    const from = last.offsetLeft + last.offsetWidth + CORNER_GAP, room = this.root.clientWidth - from;
    const beside = this.sides.length > 1 && room >= CORNER && first.offsetWidth <= this.map.clientWidth;
    this.front.classList.toggle("beside", beside);
    this.front.style.left = beside ? `${from}px` : "";
  }

  lane(side) {
    const { words, lanes } = this.data;
    this.height = this.heights[side];
    const data = lanes[side];
    /** @type {import("../shared/pointing.js").Handles} */
    this.own = [data.list, 0];
    const tokens = data.words, colour = data.causal ? "target" : "source";
    const lane = make("div", `lane ${colour} ${side}`);
    lane.append(makeTold("div", "name", words[side]));
    const column = this.piece(words.reads);
    const list = make("div", "words");
    for (const [i, token] of tokens.entries()) {
      const word = make("span", token.special ? "special" : "");
      handle(word, wordName(data.list, i));
      word.append(make("bdi", "", token.text));
      word.style.height = `${this.height}px`;
      word.style.fontSize = `${clamp(this.height * 0.8, SMALLEST * this.unit, 19 * this.unit)}px`;
      list.append(word);
    }
    column.append(list);
    lane.append(column);
    let last = { element: list, rows: tokens.length };
    const flow = (element, rows, tone = colour) => {
      this.flows.push({ from: last.element, to: element, rows, tone });
      last = { element, rows };
    };
    const embedding = this.piece(words.embedding, this.picture(data.embedding, "stream", words.embedding), "embedding");
    embedding.classList.toggle("beside", this.sides.length === 1 && this.open[side] !== 0 && data.layers.length <= CROWD);
    lane.append(embedding);
    flow(embedding.lastChild, tokens.length);
    data.layers.forEach((parts, index) => {
      const layer = make("div", "layer");
      const open = this.open[side] === index;
      const turn = () => { this.open[side] = open ? -1 : index; this.build(); };
      const name = fill(words.layer, { i: index }), crowded = !open && data.layers.length > CROWD;
      const fold = pushButton(`${side}.${index}`, crowded ? `${index}` : `${open ? "▾" : "▸"} ${name}`, turn, "fold");
      fold.setAttribute("aria-expanded", String(open));
      if (crowded) fold.setAttribute("aria-label", name);
      layer.classList.toggle("crowded", crowded);
      this.folded = crowded ? SLIVER : NARROWEST;
      layer.append(fold);
      lane.append(layer);
      for (const part of open ? parts : parts.filter((p) => p.matrix).slice(-1)) this.part(layer, part, data.causal, flow, () => last, open);
    });
    const out = this.piece(words.out, this.picture(data.out, "stream", words.out));
    lane.append(out);
    flow(out.lastChild, tokens.length);
    if (side !== this.sides.at(-1)) this.memory = out.lastChild;
    else if (this.data.written.length) lane.append(this.written(flow, data.causal));
    return lane;
  }

  part(layer, part, causal, flow, last, open) {
    const { words } = this.data;
    const rows = part.matrix ? part.matrix.rows : part.strip.rows;
    if (part.matrix) {
      // Of a folded layer the name has to be short; that it is masked can be seen.
      const kind = part.kind === "self_attn" && causal && open ? "masked_self_attn" : part.kind, name = words[kind];
      const cross = part.kind === "cross_attn";
      const matrix = this.picture(part.matrix, "matrix", name, open);
      /** @type {import("../shared/pointing.js").Handles} */
      const foreignWords = cross ? [this.data.lanes[this.sides[0]].list, 0] : this.own;
      this.rowsOf(matrix, this.own, foreignWords);
      if (open) {
        const from = last().element;
        const strips = make("div", "qkv");
        for (const letter of ["q", "k", "v"]) {
          const foreign = cross && letter !== "q"; // made of the encoder's words, one row each
          const height = foreign ? this.foreign(part[letter].rows, rows) : this.height;
          const strip = this.picture(part[letter], letter, `${name}: ${letter.toUpperCase()}`, true, height);
          this.rowsOf(strip, foreign ? foreignWords : this.own);
          strips.append(this.piece(letter.toUpperCase(), strip, letter));
          if (!foreign) this.flows.push({ from, to: strip, rows, tone: letter });
          else this.flows.push({ from: "memory", to: strip, rows: part[letter].rows, tone: letter });
        }
        layer.append(strips);
        flow(strips.lastChild?.lastChild, rows, "none");
      }
      const piece = this.piece(name, matrix, kind);
      if (open) {
        const label = /** @type {HTMLElement} */ (piece.firstElementChild);
        label.dataset.title = name;
        label.append(make("span", "mean", words.mean));
      }
      layer.append(piece);
      if (!open && cross) this.flows.push({ from: "memory", to: matrix, rows: 0, tone: "source" });
      flow(matrix, rows, open ? "weights" : undefined);
      return;
    }
    layer.append(this.piece(words[part.kind], this.picture(part.strip, "stream", words[part.kind]), part.kind));
    flow(layer.lastChild.lastChild, rows);
  }

  // Rows of the first lane's words among those of another: as high as theirs, unless many of them would outgrow the lane.
  foreign(rows, own) {
    const room = Math.max(TALL, own * this.height);
    return Math.min(this.heights[this.sides[0]], Math.max(WORDLESS, Math.floor(room / rows)));
  }

  written(flow, causal) {
    const { words, written, typed, probs, before } = this.data;
    const list = make("div", "written");
    written.forEach((word, i) => {
      const name = make("b", word.special ? "special" : typed[i] ? "typed" : "");
      name.append(make("bdi", "", word.text));
      handle(name, wordName(this.own[0], i + Number(causal)));
      if (!word.special) name.title = typed[i] ? words.typed : words.own;
      const track = make("span", "track"), bar = make("span", "fill");
      bar.style.width = `${100 * probs[i]}%`;
      track.append(bar);
      if (before) { // of the run without edits
        const edge = make("span", "before");
        edge.style.width = `${100 * before[i]}%`;
        track.append(edge);
        track.title = `${percent(before[i])} → ${percent(probs[i])}`;
      }
      const row = [name, track, make("span", "", percent(probs[i]))];
      for (const cell of row) Object.assign(cell.style, { height: cell === track ? `${this.height * 0.5}px` : `${this.height}px`, lineHeight: `${this.height}px`, fontSize: `${clamp(this.height * 0.75, SMALLEST * this.unit, 17 * this.unit)}px` });
      list.append(...row);
    });
    const piece = this.piece(words.writes, list, "writes");
    flow(list, written.length);
    return piece;
  }

  /** @param {string} label @param {HTMLElement} [content] @param {string} [kind] what the label names */
  piece(label, content, kind) {
    const piece = make("div", "piece"), name = make("div", "label");
    name.append(kind ? this.term(kind, label) : label);
    piece.append(name);
    if (content) piece.append(content);
    return piece;
  }

  // Each term is dotted once, where it stands first.
  term(kind, label) {
    if (!TERMS[kind] || this.told.has(TERMS[kind])) return label;
    this.told.add(TERMS[kind]);
    return termLink(TERMS[kind], label);
  }

  // A picture of true values, and a way to the page that opens it.
  picture(data, tone, name, open = true, height = this.height) {
    const picture = make("button", `picture ${tone}`);
    const facts = fill(this.data.words.facts, { name: level(name), ...data });
    picture.setAttribute("aria-label", facts);
    picture.dataset.name = data.key;
    picture.type = "button";
    picture.onclick = () => this.send("open", data.key);
    // Not mouseenter: what scrolls under a resting mouse would talk over what the keyboard has reached.
    picture.onmousemove = picture.onfocus = () => { this.tip.textContent = `${facts} ${this.data.words.open}`; };
    picture.classList.toggle("wide", open && tone === "matrix");
    if (tone === "matrix") [9, 6, 3].forEach((shift) => {
      const card = make("i");
      card.style.transform = `translate(${shift}px, ${-shift}px)`;
      picture.append(card);
    });
    picture.append(this.canvas(data, tone, open, height));
    return this.rowsOf(picture, this.own);
  }

  // Whose words the rows of a picture are, and the columns of a matrix.
  /** @type {<Picture extends Element>(picture: Picture, rows: import("../shared/pointing.js").Handles, columns?: import("../shared/pointing.js").Handles | null) => Picture} */
  rowsOf(picture, rows, columns = null) {
    picture.gfHandles = [rows, columns];
    return picture;
  }

  // The rows and columns of the word that is pointed at.
  light() {
    if (!this.map) return;
    const word = wordPointedAt();
    lightIn(this.map, word);
    for (const old of this.map.querySelectorAll(".lit-row, .lit-column")) old.remove();
    for (const picture of this.map.querySelectorAll(".picture")) {
      const canvas = picture.querySelector("canvas"), [rows, columns] = picture.gfHandles ?? [];
      if (!canvas) continue;
      const places = [placeOf(rows, canvas.height, word), placeOf(columns, canvas.width, word)];
      const kinds = /** @type {[string, string, string, number][]} */ ([["lit-row", "top", "height", canvas.height], ["lit-column", "left", "width", canvas.width]]);
      for (const [axis, [kind, start, size, n]] of kinds.entries()) if (places[axis] !== null) {
        const band = make("span", kind);
        Object.assign(band.style, { [start]: `${(100 * Number(places[axis])) / n}%`, [size]: `${100 / n}%` });
        picture.append(band);
      }
    }
  }

  canvas({ rows, columns, data, signed }, tone, open, height) {
    const canvas = make("canvas");
    Object.assign(canvas, { width: columns, height: rows });
    const width = tone !== "matrix" ? (columns > 24 ? 62 : 31)
      : open ? Math.max(NARROWEST, Math.min(columns * height * 0.7, Math.max(WIDEST, rows * height * 0.5))) : this.folded;
    canvas.dataset.width = String(width);
    Object.assign(canvas.style, { width: `${width}px`, height: `${rows * height}px` });
    const cells = bytes(data);
    const image = new ImageData(columns, rows);
    const zero = this.colour("neutral"), blocked = this.colour("blocked");
    const high = this.colour(["q", "k", "v"].includes(tone) ? tone : "positive");
    const low = this.colour(["q", "k", "v"].includes(tone) ? "opposite" : "negative");
    const about = (c) => (c >= ZERO ? between(zero, high, (c - ZERO) / ZERO) : between(zero, low, (ZERO - c) / ZERO));
    const share = tone === "matrix" && !signed ? (c) => between(zero, high, c / (BLOCKED - 1)) : about;
    const paint = (c) => (tone === "matrix" && c === BLOCKED ? blocked : share(c));
    cells.forEach((cell, i) => image.data.set([...paint(cell), 255], 4 * i));
    penOf(canvas).putImageData(image, 0, 0);
    return canvas;
  }
}

export default mounted(ModelMap, import.meta.url);
