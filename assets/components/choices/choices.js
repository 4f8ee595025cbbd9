// Temperature, top-k and top-p at one position. The whole vocabulary is here: turning a dial never asks
// the server; letting it go does, for the sentences that are drawn with it.
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { decimals, percent } from "../shared/draw/numbers.js";
import { Spread } from "../shared/draw/spread.js";
import { makeTold, withTerms } from "../shared/draw/terms.js";

const STEP = 0.05;
const KS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, null]; // null leaves all words
const LATER = 250; // milliseconds of rest before sentences are asked for: a held arrow key lets go at every step

/** @typedef {{text: string, special: boolean}} Word */
/**
 * @typedef {object} ChoicesData
 * @property {number} position
 * @property {{read: Word, written: Word | null}[]} places
 * @property {{logits: string, counts: string | null}} spread
 * @property {{logits: string, counts: string | null} | null} original
 * @property {any[]} candidates
 * @property {any} written
 * @property {Record<string, number | null>} settings
 * @property {Record<string, [number, number]>} limits
 * @property {any[]} sentences
 * @property {Record<string, string>} words
 */
/** @typedef {{position: {position: number, nonce: number}, settings: any}} ChoicesSends */

class Choices {
  /** @type {ChoicesData} */ data;
  /** @type {(name: string, value: any) => void} */ send;
  /** @type {import("../shared/draw/spread.js").Spread} */ spread;
  /** @type {HTMLDivElement} */ bars;
  /** @type {HTMLParagraphElement} */ told;
  /** @type {any[]} */ shown;
  /** @type {number} */ timer;

  constructor(root) {
    this.root = root;
    this.settings = null;
  }

  close() { clearTimeout(this.timer); }

  /** @type {(data: ChoicesData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = send;
    this.settings ??= { ...data.settings };
    this.spread = new Spread(data.spread);
    this.build();
    this.draw();
  }

  build() {
    const { words, places, position } = this.data;
    const focused = focusedName(this.root);
    const row = make("div", "places");
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", words.places);
    row.append(...places.map(({ read, written }, i) => {
      const button = pushButton(`place${i}`, "", () => { if (i !== position) this.send("position", { position: i, nonce: performance.now() }); });
      button.setAttribute("aria-pressed", String(i === position));
      button.append(make("span", "at", `${i} `), wordOf(read), ...(written ? [make("span", "at", " → "), wordOf(written)] : []));
      return button;
    }));
    this.bars = make("div", "bars");
    this.told = make("p", "told");
    this.told.setAttribute("aria-live", "polite");
    this.root.replaceChildren(row, this.dials(), this.bars, this.told, ...this.sentences());
    const chosen = /** @type {HTMLElement} */ (row.children[position]);
    row.scrollTop = chosen.offsetTop - row.offsetTop - (row.clientHeight - chosen.offsetHeight) / 2;
    if (focused) named(this.root, focused)?.focus();
  }

  dials() {
    const { words, limits } = this.data, all = KS.length - 1;
    const dials = make("div", "dials");
    this.shown = [];
    const dial = (name, [min, max], step, read, write, say) => {
      const label = make("label", "", words[name]), input = make("input"), output = make("output");
      Object.assign(input, { type: "range", min, max, step, value: read() });
      input.dataset.name = name;
      input.oninput = () => { write(Number(input.value)); this.draw(); };
      input.onchange = () => this.ask();
      this.shown.push(() => { input.value = read(); output.textContent = say(); input.setAttribute("aria-valuetext", say()); });
      label.append(input, output);
      return label;
    };
    const { settings } = this, place = () => (settings.top_k === null ? all : KS.findIndex((k) => k === null || k >= settings.top_k));
    dials.append(
      dial("temperature", limits.temperature, STEP, () => settings.temperature, (x) => { settings.temperature = x; }, () => `T = ${settings.temperature.toFixed(2)}`),
      dial("top_k", [0, all], 1, place, (i) => { settings.top_k = KS[i]; }, () => (settings.top_k === null ? words.all : `k = ${settings.top_k}`)),
      dial("top_p", limits.top_p, STEP, () => settings.top_p, (x) => { settings.top_p = x; }, () => `p = ${settings.top_p.toFixed(2)}`),
      pushButton("reset", words.reset, () => { Object.assign(settings, { temperature: 1, top_k: null, top_p: 1 }); this.draw(); this.ask(); }),
    );
    return dials;
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send("settings", { ...this.settings, nonce: performance.now() }), LATER);
  }

  // As `filter_logits` in the core: top-p counts within what top-k leaves, scaled to sum to 1.
  filter() {
    const { spread, settings } = this;
    const before = spread.softmax(1).share, tempered = spread.softmax(settings.temperature).share;
    const nK = Math.min(settings.top_k ?? spread.words, spread.words), mass = spread.sum(nK, tempered);
    const nP = settings.top_p < 1 ? spread.reach(settings.top_p, nK, (logit) => tempered(logit) / mass) : nK;
    return { before, tempered, nK, nP, left: spread.sum(nP, tempered) };
  }

  draw() {
    const { words, candidates, written } = this.data;
    const { before, tempered, nK, nP, left } = this.filter();
    for (const show of this.shown) show();
    const head = make("div", "bar head");
    head.append(make("span", "name", words.word), make("span", "", words.before), make("span"), make("span", "", words.after), make("span"));
    const rows = [head];
    candidates.forEach(({ id, logit, text, special }, rank) => {
      if (rank === nP && nP < nK) rows.push(make("div", "cut", fill(words.cut_p, { n: nP })));
      if (rank === nK) rows.push(make("div", "cut", fill(words.cut_k, { n: nK })));
      const after = rank < nP ? tempered(logit) / left : 0, share = before(logit);
      const row = make("div", `bar${id === written?.id ? " written" : ""}${rank < nP ? "" : " gone"}`);
      Object.assign(row.dataset, { before: share, after });
      const name = make("bdi", `name ${special ? "special" : "target"}`, text);
      name.title = text;
      row.append(name, track(share), make("span", "", percent(share)), track(after), make("span", "", after ? percent(after) : "0"));
      rows.push(row);
    });
    this.bars.replaceChildren(...rows);
    const [best] = candidates;
    this.told.replaceChildren(...withTerms(fill(words.told, {
      n: nP, all: this.spread.words, mass: percent(left), word: best.text, before: percent(before(best.logit)), after: percent(tempered(best.logit) / left),
    })));
  }

  sentences() {
    const { words, sentences } = this.data;
    const list = make("div", "sentences");
    list.append(...sentences.flatMap(({ seed, words: said, log_prob }) => {
      const line = make("p", "sentence");
      line.append(...said.flatMap((word) => {
        const element = wordOf(word);
        const told = seed === null ? words.chance_greedy : words.chance;
        element.title = fill(told, { p: percent(word.p), after: percent(word.after), rank: word.rank });
        if (word.rank > 1) element.classList.add("other");
        return [element, " "];
      }));
      const name = seed === null ? words.greedy : fill(words.seed, { n: seed });
      return [make("span", "who", name), line, make("span", "sum", fill(words.log_prob, { x: decimals(log_prob, 2) }))];
    }));
    const more = pushButton("more", words.more, () => { this.settings.first_seed += sentences.length - 1; this.ask(); });
    return [make("h5", "", words.sentences), makeTold("p", "legend", words.sentences_look), list, more];
  }
}

function wordOf({ text, special }) {
  return make("bdi", special ? "special" : "target", text);
}

function track(p) {
  const element = make("span", "track"), bar = make("span", "fill");
  bar.style.width = `${100 * p}%`;
  element.append(bar);
  return element;
}

export default mounted(Choices, import.meta.url);
