// Softmax at any temperature. The whole vocabulary is here, so that every share is a share of all of it; turning the dial
// never asks the server, choosing another position does.
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { decimals, percent } from "../shared/draw/numbers.js";
import { Spread } from "../shared/draw/spread.js";

const STEP = 0.05;
// Milliseconds: the panel that explains the cell sends the same click, and of two events in one message Streamlit draws
// only one's part of the page anew.
const LATER = 100;

/** @typedef {{text: string, special: boolean}} Word */
/**
 * @typedef {object} TemperatureData
 * @property {number} position
 * @property {{read: Word, written: Word | null}[]} places
 * @property {{logits: string, counts: string | null}} spread
 * @property {{logits: string, counts: string | null} | null} original
 * @property {any[]} candidates
 * @property {any} written
 * @property {string} side
 * @property {number} degree
 * @property {number} hottest
 * @property {number} coldest
 * @property {string} chart
 * @property {Record<string, string>} words
 */
/** @typedef {{position: {position: number, nonce: number}, degree: {degree: number, nonce: number}}} TemperatureSends */

class Temperature {
  /** @type {number} */ degree;
  /** @type {TemperatureData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {import("../shared/draw/spread.js").Spread} */ spread;
  /** @type {import("../shared/draw/spread.js").Spread | null} */ original;
  /** @type {HTMLDivElement} */ bars;
  /** @type {HTMLParagraphElement} */ told;
  /** @type {HTMLInputElement} */ input;
  /** @type {HTMLOutputElement} */ output;

  constructor(root) {
    this.root = root;
    this.sent = new Set(); // degrees that the server has not answered yet
    this.doc = root.ownerDocument;
    this.clicked = (event) => this.follow(event);
    this.doc.addEventListener("gf-cell", this.clicked);
  }

  close() {
    this.doc.removeEventListener("gf-cell", this.clicked);
  }

  /** @type {(data: TemperatureData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    // What the reader turned to stays, until the link or another visit says otherwise: an answer to an older turn does not.
    const answer = this.sent.delete(data.degree);
    if (!answer && this.data?.degree !== data.degree) this.degree = data.degree;
    if (data.degree === this.degree) this.sent.clear();
    this.data = data;
    this.send = send;
    this.spread = new Spread(data.spread);
    this.original = data.original && new Spread(data.original);
    this.build();
    this.draw();
  }

  // A click on a row of the page's map chooses its position, too.
  follow({ target, detail }) {
    if (target.closest(`.${this.data.chart}`)) setTimeout(() => this.choose(detail.row), LATER);
  }

  choose(position) {
    if (position !== this.data.position) this.send("position", { position, nonce: performance.now() });
  }

  build() {
    const { words, places, side, position } = this.data;
    const focused = focusedName(this.root);
    const row = make("div", "places");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", words.places);
    const word = ({ text, special }) => make("bdi", special ? "special" : side, text);
    row.append(...places.map(({ read, written }, i) => {
      const button = pushButton(`place${i}`, "", () => this.choose(i));
      button.setAttribute("aria-pressed", String(i === position));
      button.append(make("span", "at", `${i} `), word(read), ...(written ? [make("span", "at", " → "), word(written)] : []));
      return button;
    }));
    this.bars = make("div", this.original ? "bars two" : "bars");
    this.told = make("p", "told");
    this.told.setAttribute("aria-live", "polite");
    this.root.replaceChildren(row, this.dial(), this.bars, this.told);
    const chosen = /** @type {HTMLElement} */ (row.children[position]);
    row.scrollTop = chosen.offsetTop - row.offsetTop - (row.clientHeight - chosen.offsetHeight) / 2;
    if (focused) named(this.root, focused)?.focus();
  }

  // The link says how warm it is.
  keep() {
    this.sent.add(this.degree);
    this.send("degree", { degree: this.degree, nonce: performance.now() });
  }

  dial() {
    const { words } = this.data;
    const dial = make("div", "dial"), label = make("label", "", words.temperature);
    this.input = make("input");
    Object.assign(this.input, { type: "range", min: this.data.coldest, max: this.data.hottest, step: STEP, value: this.degree });
    this.input.dataset.name = "temperature";
    this.input.oninput = () => { this.degree = Number(this.input.value); this.draw(); };
    this.input.onchange = () => this.keep();
    this.output = make("output");
    label.append(this.input);
    const reset = () => { this.degree = 1; this.input.value = "1"; this.draw(); this.keep(); };
    dial.append(label, this.output, pushButton("reset", words.reset, reset));
    return dial;
  }

  draw() {
    const { words, candidates, written } = this.data;
    const { share, entropy } = this.spread.softmax(this.degree);
    const before = this.original && this.original.softmax(this.degree).share; // of the run without edits, where both are shown
    const among = !written || candidates.some(({ id }) => id === written.id);
    const head = make("div", "bar head");
    head.append(make("span", "name", words.word), make("span", "score", words.score), make("span"), make("span", "", words.share));
    this.bars.replaceChildren(head, ...[...candidates, ...(among ? [] : [written])].map((candidate) => {
      const p = share(candidate.logit);
      const row = make("div", `bar${candidate.id === written?.id ? " written" : ""}`);
      row.dataset.p = String(p);
      const name = make("bdi", `name${candidate.special ? " special" : ""}`, candidate.text);
      name.title = candidate.text;
      const track = make("span", "track"), bar = make("span", "fill");
      bar.style.width = `${100 * p}%`;
      track.append(bar);
      const shares = make("span");
      if (before) {
        const edge = make("span", "before");
        edge.style.width = `${100 * before(candidate.was)}%`;
        track.append(edge);
        shares.append(make("span", "was", `${percent(before(candidate.was))} → `));
      }
      shares.append(percent(p));
      row.append(name, make("span", "score", decimals(candidate.logit / this.degree, 2)), track, shares);
      return row;
    }));
    const degree = this.degree.toFixed(2);
    this.output.textContent = `T = ${degree}`;
    this.input.setAttribute("aria-valuetext", `T = ${degree}`);
    const told = { t: degree, word: candidates[0].text, p: percent(share(candidates[0].logit)), n: Math.exp(entropy).toFixed(1) };
    this.told.textContent = fill(words.told, told);
  }
}

export default mounted(Temperature, import.meta.url);
