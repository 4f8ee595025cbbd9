// One sentence through several recurrent cells: words go down, each cell has its gates and states beside them as strips of
// a few units, all gates on one scale and all states on another. A click explains a number, the arrows walk on a strip.
import { along, channels, coloursOf, hexOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { clamp, decimals } from "../shared/draw/numbers.js";
import { handle, hearWords, wordName } from "../shared/input/pointing.js";
import { svg } from "../shared/draw/svg.js";

/** @typedef {{key: string, letter: string, name: string, gate: boolean, values: number[][], means: number[], closed: number[], opened: number[]}} Block */
/** @typedef {{model: string, title: string, here: boolean, units: number[], blocks: Block[], next: {text: string, p: number}[], bits: string}} Lane */
/**
 * @typedef {object} LanesData
 * @property {{text: string, special: boolean}[]} read
 * @property {string} list whose words these are
 * @property {Lane[]} lanes
 * @property {string[]} palette of what is open
 * @property {{key: string, row: number, column: number}} selected what the panel explains, in the lane that is looked at
 * @property {Record<string, string>} words
 */

// A state lies between -1 and 1; a memory may lie beyond, and is drawn as the end of the scale that all share.
const REACH = 1;
const ROW = 26, UNIT = 5, MEAN = 10, GAP = 3; // px

class Lanes {
  /** @type {LanesData} */ data;
  /** @type {(name: "look" | "go", value: any) => void} */ send;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.deaf = hearWords((word) => this.light(word));
  }

  close() { this.deaf(); }

  /** @type {(data: LanesData, send: (name: "look" | "go", value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = (name, value) => send(name, { ...value, nonce: performance.now() });
    const colour = coloursOf(this.root), scale = (names) => names.map((hex, i) => [i / (names.length - 1), channels(hex)]);
    this.open = scale(data.palette);
    this.signed = scale(["negative", "neutral", "positive"].map(colour));
    const kept = focusedName(this.root);
    const all = make("div", "lanes");
    all.append(this.line(), ...data.lanes.map((lane) => this.lane(lane)));
    this.root.replaceChildren(all, this.legend());
    if (kept) named(this.root, kept)?.focus();
  }

  line() {
    const { read, list, words } = this.data, line = make("ol", "line");
    line.setAttribute("aria-label", words.line);
    line.append(make("li", "top", words.time), ...read.map(({ text, special }, row) => {
      const word = make("li", special ? "word special" : "word");
      word.append(make("bdi", "", text));
      word.translate = false;
      handle(word, wordName(list, row));
      return word;
    }), make("li", "then", words.then), make("li", "then bits", words.bits));
    return line;
  }

  light(word) {
    for (const one of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll(".word"))) one.classList.toggle("lit", one.dataset.word === word);
  }

  lane(lane) {
    const section = make("section", lane.here ? "lane here" : "lane"), { words } = this.data;
    const title = pushButton(`lane-${lane.model}`, lane.title, () => { if (!lane.here) this.send("go", { model: lane.model }); }, "title");
    title.replaceChildren(make("bdi", "", lane.title));
    title.setAttribute("aria-pressed", String(lane.here));
    title.title = words.go;
    const blocks = make("div", "blocks");
    blocks.append(...lane.blocks.map((block) => this.block(lane, block)));
    const next = make("p", "next");
    next.title = fill(words.next, { cell: lane.title });
    next.append(...lane.next.slice(0, 1).flatMap(({ text, p }) => [make("bdi", "", text), make("small", "", `${(100 * p).toFixed(0)} %`)]));
    section.append(title, blocks, next, make("p", "bits", lane.bits));
    return section;
  }

  block(lane, block) {
    const { read, words, selected } = this.data, lead = block.gate ? MEAN + GAP : 0;
    const width = lead + lane.units.length * UNIT, height = read.length * ROW;
    const place = make("figure", block.gate ? "gate" : "state"), caption = make("figcaption", "", block.letter);
    caption.title = block.name;
    const strips = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "img", "aria-label": fill(words.block, { name: block.name, cell: lane.title }), "data-name": `${lane.model}-${block.key}` });
    block.values.forEach((row, t) => {
      if (block.gate) strips.append(this.rect(0, t, MEAN, block.means[t], block, fill(words.mean, { name: block.name, word: read[t].text, value: decimals(block.means[t], 2) })));
      row.forEach((value, i) => {
        const told = fill(words.cell, { name: block.name, unit: lane.units[i], word: read[t].text, value: decimals(value, 3) });
        const one = this.rect(lead + i * UNIT, t, UNIT, value, block, told);
        one.addEventListener("click", () => this.send("look", { model: lane.model, key: block.key, row: t, column: lane.units[i] }));
        strips.append(one);
      });
    });
    const byHand = [...block.closed.map((t) => ["closed", t]), ...block.opened.map((t) => ["opened", t])];
    for (const [way, t] of byHand) strips.append(svg("rect", { class: way, x: lead - 1, y: t * ROW + 1, width: width - lead + 1, height: ROW - 2 }));
    const at = { row: selected.row, column: lane.units.indexOf(selected.column) };
    const mine = lane.here && selected.key === block.key && at.column >= 0;
    if (mine) strips.append(svg("rect", { class: "chosen", x: lead + at.column * UNIT - 1, y: at.row * ROW, width: UNIT + 2, height: ROW }));
    strips.addEventListener("keydown", (event) => this.walk(event, lane, block, mine ? at : { row: 0, column: 0 }));
    place.append(caption, strips);
    return place;
  }

  rect(x, t, width, value, block, told) {
    const share = block.gate ? value : 0.5 + value / (2 * REACH);
    return svg("rect", { x: x + 0.5, y: t * ROW + 2, width: width - 1, height: ROW - 4, rx: 1.5, fill: hexOf(along(block.gate ? this.open : this.signed, clamp(share, 0, 1))) }, svg("title", {}, told));
  }

  walk(event, lane, block, at) {
    const way = ARROWS[event.key];
    if (!way || withModifier(event)) return;
    taken(event);
    const row = clamp(at.row + way[0], 0, this.data.read.length - 1), column = clamp(at.column + way[1], 0, lane.units.length - 1);
    this.send("look", { model: lane.model, key: block.key, row, column: lane.units[column] });
  }

  legend() {
    const { words } = this.data, says = make("p", "legend");
    const bar = (scale, className) => {
      const one = make("span", `bar ${className}`);
      one.style.background = `linear-gradient(90deg, ${scale.map(([, parts]) => hexOf(parts)).join(", ")})`;
      return one;
    };
    says.append(make("span", "", words.closed), bar(this.open, "open"), make("span", "", words.open), make("span", "gap", `≤ −${REACH}`), bar(this.signed, "signed"), make("span", "", `≥ ${REACH}`), make("span", "gap", words.units));
    return says;
  }
}

export default mounted(Lanes, import.meta.url);
