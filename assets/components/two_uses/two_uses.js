// One word in two sentences: the words on either side of it, and below, layer by layer, what the chain from the left and the
// chain from the right make of it, a strip of numbers for each sentence. A click explains a number, the arrows walk on a strip.
import { along, channels, coloursOf, hexOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { clamp, decimals } from "../shared/draw/numbers.js";
import { handle, hearWords, lightIn, wordName } from "../shared/input/pointing.js";
import { withSigns } from "../shared/draw/signs.js";
import { svg } from "../shared/draw/svg.js";

/** @typedef {{list: string, read: {text: string, special: boolean, goes_on: boolean}[], first: number, last: number}} Sentence */
/** @typedef {{key: string, first: number[], second: number[], apart: number}} Half */
/** @typedef {{name: string, share: string, apart: number, told: string, same: boolean, most: number, halves: Half[]}} Row */
/**
 * @typedef {object} TwoUsesData
 * @property {Sentence[]} sentences
 * @property {Record<string, string>} shared words of the first sentence that can be looked at, by their position
 * @property {Row[]} rows
 * @property {{key: string, row: number, column: number}} selected what the panel explains
 * @property {Record<string, number>} at the position of the word, for each half
 * @property {string} gamma
 * @property {Record<string, string>} words
 */

const HALVES = ["ahead", "back"];
const STRIP = 17, GAP = 2; // px; a number is one wide
const REACH = 1; // what lies beyond is drawn as the end of the scale that all share
const FAR = 1; // at a right angle

class TwoUses {
  /** @type {TwoUsesData} */ data;
  /** @type {(name: "look" | "word" | "swap", value: any) => void} */ send;
  /** @type {[number, number[]][]} */ scale = [];

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.deaf = hearWords((word) => lightIn(this.root, word));
  }

  close() { this.deaf(); }

  /** @type {(data: TwoUsesData, send: (name: "look" | "word" | "swap", value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = (name, value) => send(name, { ...value, nonce: performance.now() });
    const colour = coloursOf(this.root);
    this.scale = ["negative", "neutral", "positive"].map((name, i) => /** @type {[number, number[]]} */ ([i / 2, channels(colour(name))]));
    const kept = focusedName(this.root);
    this.root.replaceChildren(this.lines(), this.layers(), this.legend());
    if (kept) named(this.root, kept)?.focus();
  }

  lines() {
    const { sentences, shared, words } = this.data, all = make("div", "lines");
    sentences.forEach(({ list, read, first, last }, n) => {
      const line = make("p", "line"), mark = make("span", "mark", String(n + 1));
      const parts = read.map(({ text, special, goes_on: goesOn }, row) => {
        const here = row >= first && row <= last, side = here ? "here" : row < first ? HALVES[0] : HALVES[1];
        const choosable = !n && !here && shared[row] !== undefined;
        const one = choosable ? pushButton(`word${row}`, "", () => this.send("word", { word: shared[row] })) : make("span");
        one.className = `word ${side}${special ? " special" : ""}${goesOn ? " joined" : ""}`;
        if (choosable) one.title = words.choose;
        one.append(make("bdi", "", text));
        one.translate = false;
        if (list) handle(one, wordName(list, row));
        return one;
      });
      line.append(mark, ...withSigns(read.map(({ text }) => text), parts));
      if (n) line.append(pushButton("swap", words.swap, () => this.send("swap", {}), "swap"));
      all.append(line);
    });
    return all;
  }

  layers() {
    const { rows, words } = this.data, all = make("div", "layers");
    const head = make("div", "layer head");
    head.append(make("span", "name"), ...HALVES.map((half) => make("span", `half ${half}`, words[half])));
    all.append(head, ...rows.map((row, n) => this.layer(row, n)));
    return all;
  }

  layer(row, n) {
    const { words, selected, gamma } = this.data, one = make("div", row.share ? "layer" : "layer mix"), name = make("div", "name");
    name.append(make("b", "", row.name));
    if (row.share) {
      const share = pushButton(`share${n}`, row.share, () => this.send("look", { key: "mix.shares", half: 0, column: n }), "share");
      share.title = words.share;
      if (selected.key === "mix.shares" && selected.column === n) share.classList.add("chosen");
      name.append(share);
    } else name.append(make("small", "", `γ = ${gamma}`));
    name.append(make("span", "apart", row.same ? words.same : fill(words.apart, { told: row.told })));
    one.append(name, ...row.halves.map((half, h) => this.half(row, half, h)));
    return one;
  }

  half(row, half, h) {
    const { words, at, selected } = this.data, width = half.first.length, height = 2 * STRIP + GAP, side = HALVES[h];
    const place = make("figure", `half ${side}`), label = fill(words.strip, { name: row.name, side: words[side] });
    const strips = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", tabindex: 0, role: "img", "aria-label": label, "data-name": `${side}-${half.key}` });
    const chosen = selected.key === half.key && selected.row === at[side] && (half.key !== "embed.out" || !h || at.ahead !== at.back) ? selected.column : -1;
    const values = [half.first, half.second], title = svg("title"); // one for all cells, written where it is pointed at
    strips.append(title, ...values.flatMap((numbers, n) => numbers.map((value, column) => {
      const fills = hexOf(along(this.scale, 0.5 + clamp(value / REACH, -1, 1) / 2));
      const cell = svg("rect", { x: column, y: n * (STRIP + GAP), width: 1.03, height: STRIP, fill: fills });
      cell.onpointerenter = () => { title.textContent = fill(words.cell, { name: row.name, sentence: n + 1, column, value: decimals(value, 3) }); };
      if (!n) cell.onclick = () => this.look(half.key, h, column);
      return cell;
    })));
    strips.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way || withModifier(event)) return;
      taken(event);
      this.look(half.key, h, clamp(Math.max(chosen, 0) + way[1], 0, width - 1));
    });
    const frame = make("div", "strips");
    frame.append(strips);
    if (chosen >= 0) {
      const ring = make("span", "ring");
      ring.style.left = `${(100 * chosen) / width}%`;
      ring.style.width = `${100 / width}%`;
      frame.append(ring);
    }
    const track = make("span", "track"), bar = make("span", "bar");
    bar.style.width = `${100 * clamp(half.apart / FAR, 0, 1)}%`;
    track.append(bar);
    const told = make("span", "told", decimals(half.apart, 2));
    const under = make("div", "under");
    under.append(track, told);
    place.append(frame, under);
    return place;
  }

  look(key, half, column) { this.send("look", { key, half, column }); }

  legend() {
    const { words } = this.data, says = make("p", "legend"), bar = make("span", "scale");
    bar.style.background = `linear-gradient(90deg, ${this.scale.map(([, parts]) => hexOf(parts)).join(", ")})`;
    says.append(make("span", "", `≤ −${REACH}`), bar, make("span", "", `≥ ${REACH}`), make("span", "", words.legend));
    return says;
  }
}

export default mounted(TwoUses, import.meta.url);
