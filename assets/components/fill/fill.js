// Words that a click hides and shows again; for each gap what could stand there, whom it looks at and who looks at it;
// and what becomes of several gaps, told all at once and in turn.
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { percent } from "../shared/draw/numbers.js";
import { hearWords, pointAt, tap, wordName, wordPointedAt } from "../shared/input/pointing.js";

/** @typedef {{id: number, text: string, special: boolean, p: number, was: number | null}} Candidate */
/** @typedef {{text: string, places: number[], number: number, gaps: number[], known: boolean}} LineWord */
/** @typedef {{place: number, candidates: Candidate[], hidden: (Candidate & {rank: number}) | null, from: number[], to: number[]}} Gap */
/** @typedef {{name: string, pieces: string[], turns: number[], log_probs: number[]}} Way */
/**
 * @typedef {object} FillData
 * @property {LineWord[]} line
 * @property {string} word_list of the line
 * @property {Gap[]} gaps
 * @property {Way[]} ways
 * @property {string} compared what outlines are of; "" where there are none
 * @property {Record<string, string>} words
 */

const TALL = 44; // px, of a bar of attention whose weight is 1

class Filling {
  /** @type {FillData} */ data;
  /** @type {(name: "toggle" | "put" | "cell", value: any) => void} */ send;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.place = -1; // of the gap that is looked at
    this.deaf = hearWords(() => this.light());
  }

  close() { this.deaf(); }

  /** @type {(data: FillData, send: (name: "toggle" | "put" | "cell", value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = (name, value) => send(name, { ...value, nonce: performance.now() });
    if (!data.gaps.some(({ place }) => place === this.place)) this.place = data.gaps[0]?.place ?? -1;
    this.draw();
  }

  draw() {
    const { data } = this, kept = focusedName(this.root);
    this.root.replaceChildren(this.line(), ...(data.gaps.length ? [this.legend(), this.columns()] : [make("p", "hint", data.words.hint)]), ...this.ways());
    if (kept) named(this.root, kept)?.focus();
    this.light();
  }

  get gap() { return this.data.gaps.find(({ place }) => place === this.place); }

  line() {
    const line = make("div", "line"), { words } = this.data;
    line.setAttribute("role", "group");
    line.setAttribute("aria-label", words.line);
    const most = this.gap ? Math.max(...this.gap.from, ...this.gap.to, 1e-9) : 1;
    line.append(...this.data.line.map((word) => {
      const slot = make("div", "slot");
      slot.append(this.bar(word, "from", most), this.chip(word), this.bar(word, "to", most));
      this.handle(slot, word.places);
      return slot;
    }));
    return line;
  }

  // A word is the handle of its first piece, and is lit by any of them.
  handle(slot, places) {
    const name = wordName(this.data.word_list, places[0]);
    slot.dataset.words = places.map((place) => wordName(this.data.word_list, place)).join(" ");
    slot.addEventListener("pointerenter", ({ pointerType }) => { if (pointerType !== "touch") pointAt(name); });
    slot.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType !== "touch") pointAt(null); });
    slot.addEventListener("click", ({ pointerType }) => { if (pointerType === "touch") tap(name); });
  }

  light() {
    const word = wordPointedAt();
    for (const slot of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll(".slot"))) {
      slot.classList.toggle("lit", word !== null && (slot.dataset.words ?? "").split(" ").includes(word));
    }
  }

  // The pieces of a word together: what they get, and what they give.
  bar(word, way, most) {
    const { words } = this.data, track = make("span", `look ${way}`);
    const { gap } = this;
    if (!gap) return track;
    const weights = word.places.map((place) => gap[way][place]);
    const sum = weights.reduce((all, w) => all + w, 0), weight = way === "from" ? sum : sum / weights.length;
    const bar = make("span", "stick");
    bar.style.height = `${Math.max(1, (TALL * weight) / Math.max(most, 0.2))}px`;
    track.append(bar);
    track.title = fill(words[way], { word: word.text, p: percent(weight) });
    return track;
  }

  chip(word) {
    const { words, gaps } = this.data;
    if (word.number < 0) return make("bdi", "sign", word.text);
    const hides = word.gaps.length > 0;
    const button = pushButton(`word${word.number}`, "", () => (hides ? this.look(word) : this.send("toggle", { number: word.number })), hides ? "word gap" : "word");
    button.translate = false;
    if (!hides) {
      button.append(make("bdi", "", word.text));
      button.title = words.hide;
      return button;
    }
    const best = word.gaps.map((number) => gaps[number].candidates[0]);
    button.append(make("bdi", "", best.map(({ text }) => text.replace(/^##/, "")).join("")), make("small", "", percent(best[0].p)));
    button.setAttribute("aria-pressed", String(word.gaps.some((number) => gaps[number].place === this.place)));
    button.title = words.look;
    if (!word.known) return button;
    const both = make("span", "both");
    both.append(button, pushButton(`show${word.number}`, "↺", () => this.send("toggle", { number: word.number }), "again"));
    both.lastElementChild?.setAttribute("aria-label", fill(words.show, { word: word.text }));
    both.lastElementChild?.setAttribute("title", fill(words.show, { word: word.text }));
    return both;
  }

  look(word) {
    const places = word.gaps.map((number) => this.data.gaps[number].place);
    this.place = places[(places.indexOf(this.place) + 1) % places.length];
    this.draw();
  }

  legend() {
    const { words, compared } = this.data, says = make("p", "legend");
    says.append(make("span", "key from"), words.key_from, make("span", "key to"), words.key_to, ...(compared ? [make("span", "key was"), compared] : []));
    return says;
  }

  columns() {
    const all = make("div", "gaps");
    all.append(...this.data.gaps.map((gap, number) => this.column(gap, number)));
    return all;
  }

  column(gap, number) {
    const { words } = this.data, column = make("section", gap.place === this.place ? "chosen" : "");
    const all = gap.hidden ? [...gap.candidates, gap.hidden] : gap.candidates, most = Math.max(...all.flatMap(({ p, was }) => [p, was ?? 0]));
    const title = pushButton(`gap${gap.place}`, fill(words.gap, { n: number + 1 }), () => { this.place = gap.place; this.draw(); }, "title");
    title.setAttribute("aria-pressed", String(gap.place === this.place));
    column.append(title, ...gap.candidates.map((one, rank) => this.candidate(gap, one, rank + 1, most)));
    const { hidden } = gap;
    if (hidden && !gap.candidates.some(({ id }) => id === hidden.id)) {
      column.append(make("p", "far", fill(words.far, { rank: hidden.rank })), this.candidate(gap, hidden, hidden.rank, most));
    }
    return column;
  }

  candidate(gap, { id, text, special, p, was }, rank, most) {
    const { words } = this.data, right = gap.hidden?.id === id;
    const row = make("div", right ? "row right" : "row");
    const word = pushButton(`put${gap.place}.${id}`, "", () => this.send("put", { place: gap.place, id }), "put");
    word.append(make("bdi", special ? "special" : "", text));
    word.title = fill(words.put, { word: text, rank });
    word.translate = false;
    if (right) word.append(make("span", "tick", ` ✓`));
    const track = pushButton(`cell${gap.place}.${id}`, "", () => this.send("cell", { place: gap.place, id }), "track");
    track.title = words.cell;
    track.setAttribute("aria-label", `${text}: ${percent(p)}. ${words.cell}`);
    const bar = make("span", "fill");
    bar.style.width = `${(100 * p) / most}%`;
    track.append(bar);
    if (was !== null) {
      const before = make("span", "before");
      before.style.width = `${(100 * was) / most}%`;
      track.append(before);
      track.title = `${fill(words.was, { p: percent(was) })} ${words.cell}`;
    }
    row.append(word, track, make("span", "p", percent(p)));
    return row;
  }

  ways() {
    const { ways, words } = this.data;
    if (!ways.length) return [];
    const table = make("div", "ways"), [one, other] = ways;
    const parts = one.pieces.map((piece, i) => piece !== other.pieces[i]);
    table.append(...ways.flatMap((way) => {
      const said = make("p", "said");
      said.append(...way.pieces.flatMap((piece, i) => {
        const space = i && !piece.startsWith("##") && !/^[.,;:!?')\]]/.test(piece) ? [" "] : [];
        const mark = make("bdi", way.turns[i] ? (parts[i] ? "found other" : "found") : "", piece.replace(/^##/, ""));
        if (!way.turns[i]) return [...space, mark];
        mark.title = percent(Math.exp(way.log_probs[i]));
        return [...space, mark, ...(way.name === "in_turn" ? [make("sub", "", String(way.turns[i]))] : [])];
      }));
      const sum = Math.exp(way.log_probs.reduce((total, x) => total + x, 0));
      return [make("span", "who", words[way.name]), said, make("span", "sum", fill(words.together, { p: percent(sum) }))];
    }));
    return [make("h5", "", words.ways), table, make("p", "legend", parts.some(Boolean) ? words.part : words.same)];
  }
}

export default mounted(Filling, import.meta.url);
