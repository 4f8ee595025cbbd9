// The tree of a beam search. All steps are here at once, so stepping never asks the server; choosing a branch does, for
// what it looked at. Every word keeps its place from the first step to the last.
import { writeQuery } from "../shared/input/address.js";
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, focusIn, make, named, pushButton } from "../shared/draw/dom.js";
import { isFree } from "../shared/input/keys.js";
import { clamp } from "../shared/draw/numbers.js";
import { hearWords, lightIn, wordPointedAt } from "../shared/input/pointing.js";
import { unit } from "../shared/draw/present.js";
import { svg } from "../shared/draw/svg.js";
import { withTerms } from "../shared/draw/terms.js";
import { branchOf, edgeTo } from "./branches.js";
import { EDGE, Layout, START } from "./layout.js";
import { tellBranch, tellRanking } from "./tables.js";

/** @typedef {{text: string, special: boolean}} Word */
/**
 * @typedef {object} BeamData
 * @property {number} width
 * @property {number} penalty
 * @property {string} ended
 * @property {number} n_steps
 * @property {(Word & {p: number})[]} start
 * @property {any[]} branches
 * @property {{branch: number, total: number, score: number}[][]} finished
 * @property {any[]} search
 * @property {number | null} step
 * @property {number | null} chosen
 * @property {"whole" | "words"} look
 * @property {Word[]} source
 * @property {string} reads whose words the source's are; "" if a branch has its own
 * @property {Word} root
 * @property {{number: number, weights: number[]}} attention
 * @property {Record<string, string>} words
 */
/** @typedef {{node: {number: number, nonce: number}, look: {look: string}}} BeamSends */

class Beam {
  /** @type {BeamData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {number} */ last;
  /** @type {number} */ step;
  /** @type {any} */ chosen;
  /** @type {any} */ look;
  /** @type {string} */ search;
  /** @type {any} */ room;
  /** @type {import("./layout.js").Layout} */ layout;
  /** @type {Map<any, any>} */ nodes;
  /** @type {HTMLButtonElement} */ back;
  /** @type {HTMLButtonElement} */ next;
  /** @type {HTMLButtonElement[]} */ looks;
  /** @type {HTMLInputElement} */ slider;
  /** @type {HTMLSpanElement} */ count;
  /** @type {HTMLDivElement} */ scroll;
  /** @type {SVGSVGElement} */ svg;
  /** @type {HTMLParagraphElement} */ ended;
  /** @type {HTMLDivElement} */ about;
  /** @type {HTMLDivElement} */ ranking;
  /** @type {HTMLParagraphElement} */ legend;
  /** @type {string | null | undefined} */ focus;
  /** @type {number} */ writing;
  /** @type {Set<any>} */ best;
  /** @type {Set<any>} */ alive;
  /** @type {any} */ shown;

  /** @type {number} */ unit = 1;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.resized = new ResizeObserver(() => { if (this.data && (root.clientWidth !== this.room || unit() !== this.unit)) this.place(); });
    this.resized.observe(root);
    this.deaf = hearWords((word) => lightIn(root, word));
  }

  close() {
    this.deaf();
    this.resized.disconnect();
    clearTimeout(this.writing); // by now the address is another page's, where it means nothing
    writeQuery("tree", null);
    document.removeEventListener("keydown", this.onKey);
  }

  // The first words: all branches at once are too much to begin with.
  get begins() { return Math.min(1, this.last); }

  // Another search starts over; an answer about a branch, or another language, changes nothing that was chosen.
  /** @type {(data: BeamData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    const search = JSON.stringify(data.search), another = search !== this.search, left = this.scroll?.scrollLeft ?? 0;
    this.data = data;
    this.send = send;
    this.last = data.n_steps - 1;
    if (another) { this.step = data.step ?? this.begins; this.chosen = data.chosen; this.look = data.look; }
    this.search = search;
    this.build();
    this.place();
    if (!another) this.scroll.scrollLeft = left;
  }

  place() {
    this.room = this.root.clientWidth;
    this.unit = unit();
    this.layout = new Layout(this.data, this.look, this.room - 4, getComputedStyle(this.root).fontFamily);
    this.nodes = this.layout.nodes;
    this.nodes.get(START).next = this.data.start;
    this.svg.setAttribute("width", String(this.layout.width));
    this.svg.setAttribute("height", String(this.layout.height));
    this.svg.style.fontSize = `${this.layout.font}px`;
    this.draw();
    this.follow();
  }

  build() {
    const { words } = this.data;
    const focused = focusedName(this.root);
    this.back = pushButton("back", `← ${words.back}`, () => this.go(this.step - 1));
    this.next = pushButton("next", `${words.next} →`, () => this.go(this.step + 1));
    this.looks = ["whole", "words"].map((look) => pushButton(look, words[`look_${look}`], () => this.chooseLook(look)));
    const looks = make("span", "looks");
    looks.setAttribute("role", "group");
    looks.append(...this.looks);
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", min: 0, max: this.last, step: 1 });
    this.slider.dataset.name = "slider";
    this.slider.setAttribute("aria-label", words.step);
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.count = make("span", "count");
    const controls = make("div", "controls");
    controls.append(this.back, this.next, this.slider, this.count, looks);
    this.scroll = make("div", "scroll");
    this.svg = svg("svg", { role: "group", "aria-label": words.tree });
    this.scroll.append(this.svg);
    this.ended = make("p", "ended");
    this.ended.setAttribute("aria-live", "polite");
    this.about = make("div", "about");
    this.ranking = make("div", "tables");
    const below = make("div", "below");
    below.append(this.about, this.ranking);
    this.legend = make("p", "legend");
    this.root.replaceChildren(this.scroll, controls, this.legend, this.ended, below);
    this.focus = focused;
    this.remember();
  }

  // The step goes into the address once the reader rests on it; where every search begins is no choice.
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => writeQuery("tree", this.step === this.begins ? null : this.step), 200);
  }

  go(step) {
    this.step = clamp(step, 0, this.last);
    this.draw();
    this.remember();
    this.follow();
  }

  // The newest step stays in view.
  follow() {
    const spots = this.drawn().filter(({ step }) => step === this.step).map((node) => this.spot(node)), view = this.scroll;
    const left = spots[0].x, right = Math.max(...spots.map(({ x, width }) => x + width)) + EDGE;
    if (left < view.scrollLeft || right > view.scrollLeft + view.clientWidth) view.scrollLeft = (left + right - view.clientWidth) / 2;
  }

  chooseLook(look) {
    this.look = look;
    this.place();
    this.send("look", { look });
  }

  key(event) {
    if (!this.data || !isFree(event)) return;
    const to = { ArrowLeft: this.step - 1, ArrowRight: this.step + 1, Home: 0, End: this.last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.go(to);
  }

  // The best so far: the best score among what is open and what is finished; in the end, only what is finished counts.
  lead() {
    const done = this.data.finished[this.step].map(({ branch, score }) => ({ number: branch, score }));
    if (this.step === this.last && done.length) return done[0].number;
    return [...done, ...this.open()].reduce((a, b) => (b.score > a.score ? b : a)).number;
  }

  drawn() { return [...this.nodes.values()].filter(({ step }) => step <= this.step); }

  open() { return [...this.nodes.values()].filter(({ step, fate }) => step === this.step && fate === "kept"); }

  path(number) {
    const path = [];
    for (let node = this.nodes.get(number); node && node.number !== START; node = this.nodes.get(node.parent)) path.unshift(node);
    return path;
  }

  draw() {
    const { words, finished, ended } = this.data;
    const lead = this.lead();
    this.best = new Set([START, ...this.path(lead).map(({ number }) => number)]);
    this.alive = new Set(this.best);
    for (const number of [...this.open().map((node) => node.number), ...finished[this.step].map(({ branch }) => branch)])
      for (const node of this.path(number)) this.alive.add(node.number);
    const seen = this.chosen !== null && this.nodes.get(this.chosen).step <= this.step;
    this.shown = seen ? this.chosen : lead;
    const drawn = this.drawn();
    const active = focusIn(this.root);
    const focus = this.focus ?? (active && this.svg.contains(active) ? active.dataset.name : null);
    this.svg.replaceChildren(...drawn.filter(({ step }) => step >= 0).map((node) => edgeTo(this, node)), ...drawn.map((node) => branchOf(this, node)));
    this.focus = null;
    // What had the focus may not be drawn any more: then what is told about below gets it.
    const heir = !focus ? null : /** @type {HTMLElement | SVGElement | null} */ (named(this.root, focus) ?? this.svg.querySelector("[tabindex='0']"));
    heir?.focus({ preventScroll: true });
    for (const button of this.looks) button.setAttribute("aria-pressed", String(button.dataset.name === this.look));
    this.legend.replaceChildren(...withTerms([words.legend, ...(this.layout.whole ? [words.dots] : []), words.keys].join(" ")));
    this.slider.value = String(this.step);
    this.count.textContent = fill(words.count, { step: this.step, last: this.last });
    this.back.setAttribute("aria-disabled", String(this.step === 0));
    this.next.setAttribute("aria-disabled", String(this.step === this.last));
    this.ended.textContent = this.step === this.last ? words[`ended_${ended}`] : "";
    tellBranch(this);
    lightIn(this.root, wordPointedAt());
    tellRanking(this);
  }

  spot(node) { return this.layout.spot(node, this.step); }

  walk(event, node) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(node.number);
    }
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const other = [...this.nodes.values()].find(({ step, rank }) => step === node.step && rank === node.rank + by);
    if (other) named(this.root, `node${other.number}`)?.focus();
  }

  choose(number) {
    this.chosen = number;
    this.focus = `node${number}`;
    this.draw();
    if (number !== START) this.send("node", { number, nonce: performance.now() });
  }
}

export default mounted(Beam, import.meta.url);
