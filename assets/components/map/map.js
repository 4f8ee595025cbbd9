// The map of the whole model. One row per word, the same height in every strip and matrix, so that a word's row can be
// followed from the left edge to the right; soft ribbons carry it between the pieces.
import { channels, coloursOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton, touches } from "../shared/draw/dom.js";
import { hearWords, pointAt } from "../shared/input/pointing.js";
import { unit } from "../shared/draw/present.js";
import { svg } from "../shared/draw/svg.js";
import { makeTold } from "../shared/draw/terms.js";
import { fitMap, level, NARROWEST, SLIVER } from "./fit.js";
import { labelled } from "./labels.js";
import { lightWord, painted, rowsOf } from "./picture.js";
import { BESIDE, drawRibbons, LINE, tellMost } from "./ribbons.js";
import { readWords, writtenWords } from "./words.js";

const LOWEST = 15, HIGHEST = 26; // pixels of a row: a word can be read in it, however many there are
const WORDLESS = 7; // pixels of a row that no word stands beside
const TALL = 360; // pixels of a lane, as long as its words can be read
const CROWD = 6, CLASS_CROWD = 2; // layers from which a folded one is as narrow as can be; in front of a class names need the room

/** @typedef {{text: string, special: boolean}} Word */
/** @typedef {import("./picture.js").Picture} Picture */
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
  /** @type {(name: string) => import("../shared/draw/colours.js").Channels} */ colour;
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
  /** @type {import("../shared/input/pointing.js").Handles} */ own;
  /** @type {HTMLElement} */ front;
  /** @type {Set<string>} the terms that are dotted already */ told;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.resized = new ResizeObserver(() => {
      if (this.unit !== unit()) return this.show(this.data, this.send);
      fitMap(this);
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
    this.front.append(make("p", "what", words.what), make("p", "how", words.how), make("p", "widths", this.data.before ? words.widths_difference : words.widths));
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
    this.svg.onpointerover = this.svg.onpointerout = (event) => this.hear(event);
    this.map.append(this.svg, ...this.sides.map((side) => this.lane(side)));
    this.root.replaceChildren(this.map, this.front, this.tip);
  }

  lane(side) {
    const { words, lanes } = this.data;
    this.height = this.heights[side];
    const data = lanes[side];
    /** @type {import("../shared/input/pointing.js").Handles} */
    this.own = [data.list, 0];
    const tokens = data.words, colour = data.causal ? "target" : "source";
    const lane = make("div", `lane ${colour} ${side}`);
    lane.append(makeTold("div", "name", words[side]));
    const column = this.piece(words.reads);
    const list = readWords(this, data.list, tokens);
    column.append(list);
    lane.append(column);
    let last = { element: list, rows: tokens.length };
    const flow = (element, rows, tone = colour, added = null) => {
      this.flows.push({ from: last.element, to: element, rows, tone, said: { list: data.list, kind: "added", shares: added } });
      last = { element, rows };
    };
    const embedding = this.piece(words.embedding, this.picture(data.embedding, "stream", words.embedding), "embedding");
    embedding.classList.toggle("beside", this.sides.length === 1 && this.open[side] !== 0 && data.layers.length <= CROWD);
    lane.append(embedding);
    flow(embedding.lastChild, tokens.length);
    const crowd = this.unit > 1 ? CLASS_CROWD : CROWD;
    data.layers.forEach((parts, index) => {
      const layer = make("div", "layer");
      const open = this.open[side] === index;
      const turn = () => { this.open[side] = open ? -1 : index; this.build(); };
      const name = fill(words.layer, { i: index }), crowded = !open && data.layers.length > crowd;
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
    else if (this.data.written.length) {
      const written = writtenWords(this, data.causal);
      lane.append(this.piece(words.writes, written, "writes"));
      flow(written, this.data.written.length);
    }
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
      /** @type {import("../shared/input/pointing.js").Handles} */
      const foreignWords = cross ? [this.data.lanes[this.sides[0]].list, 0] : this.own;
      rowsOf(matrix, this.own, foreignWords);
      if (open) {
        const from = last().element;
        const strips = make("div", "qkv");
        for (const letter of ["q", "k", "v"]) {
          const foreign = cross && letter !== "q"; // made of the encoder's words, one row each
          const height = foreign ? this.foreign(part[letter].rows, rows) : this.height;
          const list = foreign ? foreignWords : this.own;
          const said = { list: list[0], kind: "looked", shares: letter === "q" ? null : part.looked };
          const strip = this.picture(part[letter], letter, `${name}: ${letter.toUpperCase()}`, true, height, said.shares ? tellMost(this, said) : "");
          rowsOf(strip, list);
          const piece = this.piece(letter.toUpperCase(), strip, letter);
          if (foreign) piece.style.marginLeft = `${LINE * this.unit + BESIDE}px`; // what comes from the encoder runs down there
          strips.append(piece);
          this.flows.push({ from: foreign ? "memory" : from, to: strip, rows: part[letter].rows, tone: letter, said, bend: foreign ? null : strips });
        }
        layer.append(strips);
      }
      const piece = this.piece(name, matrix, kind);
      if (open) {
        const label = /** @type {HTMLElement} */ (piece.firstElementChild);
        label.dataset.title = name;
        label.append(make("span", "mean", words.mean));
      }
      layer.append(piece);
      if (!open && cross) this.flows.push({ from: "memory", to: matrix, rows: 0, tone: "source", said: {} });
      flow(matrix, rows, open ? "none" : undefined); // its rows ask, its columns answer: no row of Q, K or V goes on alone
      return;
    }
    const piece = this.piece(words[part.kind], this.picture(part.strip, "stream", words[part.kind]), part.kind);
    piece.classList.toggle("sum", Boolean(part.added));
    layer.append(piece);
    flow(layer.lastChild.lastChild, rows, undefined, part.added);
  }

  // Rows of the first lane's words among those of another: as high as theirs, unless many of them would outgrow the lane.
  foreign(rows, own) {
    const room = Math.max(TALL, own * this.height);
    return Math.min(this.heights[this.sides[0]], Math.max(WORDLESS, Math.floor(room / rows)));
  }

  /** @type {(label: string, content?: HTMLElement, kind?: string) => HTMLElement} */
  piece(label, content, kind) {
    return labelled(this.told, label, content, kind);
  }

  // A picture of true values, and a way to the page that opens it.
  picture(data, tone, name, open = true, height = this.height, also = "") {
    const picture = make("button", `picture ${tone}`);
    const facts = `${fill(this.data.words.facts, { name: level(name), ...data })} ${also}`.trim();
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
    picture.append(painted(data, { tone, open, height, folded: this.folded }, this.colour));
    return rowsOf(picture, this.own);
  }

  // A ribbon is a handle of its word, too, and says what its width means.
  hear({ type, target }) {
    const { word, said } = target.dataset, over = type === "pointerover";
    pointAt((over && word) || null);
    if (over && said) this.tip.textContent = said;
  }

  light() {
    if (this.map) lightWord(this.map);
  }
}

export default mounted(ModelMap, import.meta.url);
