// One step of Word2Vec: a window over the sentence, one pair of it, noise words, and what the step does to each of them,
// as arrows on a plane and as numbers.
import { mounted } from "../shared/mount/component.js";
import { focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { decimals } from "../shared/draw/numbers.js";
import { sentenceWithArcs } from "./arcs.js";
import { pairPlane } from "./plane.js";

/** @typedef {import("./arcs.js").LineWord} LineWord */
/** @typedef {import("./plane.js").Point} Point */
/** @typedef {import("./plane.js").Moved} Moved */
/**
 * @typedef {object} PullData
 * @property {LineWord[]} line
 * @property {string} list whose words these are
 * @property {number} centre its row
 * @property {number} near the row of its neighbour
 * @property {number[]} window the rows of all neighbours
 * @property {number} reach how far the window goes
 * @property {number} widest how far it may go
 * @property {boolean} bag whether the neighbours are read, and not the word in the middle
 * @property {string[]} ways that there are models of: "skip", "bag"
 * @property {string} reads what is read, in words
 * @property {Moved[]} moved the neighbour first, then the noise
 * @property {{h: Point, h_after: Point, u: Point[], u_after: Point[]}} plane
 * @property {boolean} explains whether the model's own run holds these very numbers
 * @property {number} seed of the noise
 * @property {string} rate
 * @property {string[]} rates
 * @property {string} chosen what the panel explains: the number of the row, or ""
 * @property {Record<string, string>} words
 */

class Pull {
  /** @type {PullData} */ data;
  /** @type {(name: string, value: any) => void} */ send;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.draw = () => {};
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(root);
  }

  close() { this.sized.disconnect(); }

  /** @type {(data: PullData, send: (name: string, value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = (name, value) => send(name, { ...value, nonce: performance.now() });
    const kept = focusedName(this.root), sentence = sentenceWithArcs(data, (name, row) => this.send("pair", { name, row }));
    const both = make("div", "both");
    both.append(pairPlane(data), this.table());
    this.root.replaceChildren(sentence.element, this.controls(), both);
    this.draw = sentence.draw;
    sentence.draw();
    sentence.element.querySelector(".centre")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (kept) named(this.root, kept)?.focus({ preventScroll: true });
  }

  controls() {
    const { bag, ways: there, reach, widest, seed, rate, rates, words } = this.data, row = make("div", "controls");
    const ways = this.group(words.way, there.map((name) => {
      const button = pushButton(`way-${name}`, words[name], () => this.send("way", { name }), "way");
      button.setAttribute("aria-pressed", String(bag === (name === "bag")));
      return button;
    }));
    const step = (name, sign, to) => {
      const button = pushButton(name, sign, () => this.send("window", { reach: to }), "round");
      button.disabled = to < 1 || to > widest;
      button.setAttribute("aria-label", words[name]);
      return button;
    };
    const wide = this.group(words.window, [step("narrower", "−", reach - 1), make("b", "", String(reach)), step("wider", "+", reach + 1)]);
    const steps = this.group(words.rate, rates.map((one) => {
      const button = pushButton(`rate-${one}`, one, () => this.send("rate", { rate: one }), "way");
      button.setAttribute("aria-pressed", String(one === rate));
      return button;
    }));
    const noise = this.group(words.noise, [make("b", "", String(seed)), pushButton("seed", words.again, () => this.send("seed", { seed: seed + 1 }), "way")]);
    row.append(ways, wide, noise, steps);
    return row;
  }

  group(name, parts) {
    const group = make("div", "group");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", name);
    group.append(make("span", "name", name), ...parts);
    return group;
  }

  table() {
    const { moved, chosen, explains, words } = this.data, table = make("table");
    const top = make("tr");
    top.append(...["word", "dot", "sure", "pull", "after"].map((name) => {
      const cell = make("th", "", words[name]);
      cell.title = words[`${name}_is`] ?? "";
      return cell;
    }));
    table.append(top, ...moved.map((word, number) => {
      const row = make("tr", `${word.near ? "near" : "noise"}${chosen === String(number) ? " chosen" : ""}`), name = make("td");
      const button = explains ? pushButton(`moved${number}`, word.text, () => this.send("look", { number }), "who") : make("b", "who", word.text);
      button.translate = false;
      button.title = explains ? words.look : words.narrow;
      name.append(button, make("small", "", word.near ? words.is_near : word.true ? words.is_true : words.is_noise));
      row.append(name, ...[word.dot, word.sure, word.pull, word.after].map((x, i) => make("td", i === 3 ? "after" : "", decimals(x, 2))));
      return row;
    }));
    return table;
  }
}

export default mounted(Pull, import.meta.url);
