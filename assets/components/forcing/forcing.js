// Teacher forcing beside the model's own words: a row per position, one slider for both. Rows keep their places from
// the first step to the last; what is not there yet is a frame only.
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, isolated, make, named } from "../shared/draw/dom.js";
import { percent } from "../shared/draw/numbers.js";
import { handle, hearWords, lightIn, wordName, wordPointedAt } from "../shared/input/pointing.js";
import { roomFor, Steps } from "../shared/input/steps.js";
import { makeTold, withTerms } from "../shared/draw/terms.js";

const LEAST = 5; // nats that a full bar stands for, at least: small losses everywhere are to look small
const nats = (loss) => loss.toFixed(2);

// Another page and back: the same sentence goes on where it stood.
const remembered = { sentence: null, step: 0 };

// A word of the text that is forced is the one at that position of the sentence on top of the page, too.
function chip(word, list = "", position = 0) {
  const element = make("bdi", `chip ${word.special ? "special" : "target"}`, word.text);
  element.title = word.text;
  if (list) handle(element, wordName(list, position));
  return element;
}

function cell(row, className, ...parts) {
  const element = make("td", className);
  element.append(...parts);
  row.append(element);
  return element;
}

// A bar whose length is the loss; the same length is the same loss on both sides.
function lossBar(loss, most) {
  const bar = make("div", "loss");
  const filled = make("span", "fill");
  filled.style.width = `${most ? (100 * loss) / most : 0}%`;
  const track = make("span", "track");
  track.append(filled);
  bar.append(track, make("span", "nats", nats(loss)));
  return bar;
}

// What is said at a step: every number is one that stands in its row.
function tell({ words, forced, own, given, words_part, inputs_part }, t) {
  const right = forced[t], mine = own[t];
  if (!right) return fill(words.tell_beyond, { step: t, written: isolated(mine.written.text) });
  const fields = { step: t, right: isolated(right.right.text), forced: nats(right.loss) };
  if (t < given) return fill(words.tell_given, fields);
  if (!mine) return fill(words.tell_ended, fields);
  Object.assign(fields, { read: isolated(right.read.text), written: isolated(mine.written.text) });
  if (inputs_part !== null && t >= inputs_part) return fill(words.tell_parted, { ...fields, own: nats(mine.loss) });
  if (t === words_part) return fill(words.tell_leaves, { ...fields, p: percent(mine.p), rank: right.rank, p_right: percent(right.p) });
  return fill(words.tell_same, fields);
}

/** @typedef {{text: string, special: boolean}} Word */
/**
 * @typedef {object} ForcingData
 * @property {any[]} forced
 * @property {any[]} own
 * @property {number} given
 * @property {number | null} words_part
 * @property {number | null} inputs_part
 * @property {any} both
 * @property {string} list the words on top of the page whose positions are those of the right words
 * @property {number} step
 * @property {Record<string, string>} words
 */

class Runs {
  /** @type {Steps} */ steps;
  /** @type {number} */ most;
  /** @type {HTMLParagraphElement} */ said;
  /** @type {{ panel: HTMLDivElement; rows: HTMLTableRowElement[]; mark: HTMLTableRowElement | null; }} */ forced;
  /** @type {{ panel: HTMLDivElement; rows: HTMLTableRowElement[]; mark: HTMLTableRowElement | null; }} */ own;
  /** @type {HTMLDivElement} */ sides;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.data = this.sentence = null;
    this.deaf = hearWords((word) => lightIn(root, word));
  }

  /** @param {ForcingData} data */
  show(data) {
    const sentence = JSON.stringify([data.forced.map((row) => row.right), data.own.map((row) => row.written)]);
    const same = sentence === this.sentence, last = Math.max(data.forced.length, data.own.length) - 1;
    let step = sentence === remembered.sentence ? remembered.step : data.step;
    if (same) step = this.steps.step;
    const name = same ? focusedName(this.root) : undefined;
    const playing = same && this.steps.playing;
    this.steps?.close();
    Object.assign(this, { data, sentence });
    this.steps = new Steps(data.words, last, Math.min(step, last), (t) => this.draw(t));
    this.build();
    this.steps.show();
    if (playing) this.steps.start();
    else this.steps.remember();
    if (name) named(this.root, name)?.focus();
  }

  build() {
    const { data } = this, { words } = data;
    this.most = Math.max(LEAST, ...[...data.forced, ...data.own].map((row) => row.loss ?? 0));
    this.said = make("p", "says");
    this.said.setAttribute("aria-live", "polite");
    const room = roomFor(this.said, Array.from({ length: this.steps.last + 1 }, (_, t) => tell(data, t)));
    this.forced = this.table("forced", [words.position, words.reads_right, words.right, words.greedy, words.loss]);
    this.own = this.table("own", [words.position, words.reads_own, words.writes, words.own_loss]);
    const sides = make("div", "sides");
    sides.append(this.forced.panel, this.own.panel);
    sides.tabIndex = 0;
    sides.setAttribute("role", "region");
    sides.setAttribute("aria-label", words.table);
    this.sides = sides;
    const below = make("div", "below");
    below.append(this.steps.element, room);
    this.root.replaceChildren(sides, below, makeTold("p", "legend", words.legend));
    lightIn(this.root, wordPointedAt());
  }

  table(side, heads) {
    const { words, inputs_part } = this.data;
    const panel = make("div", `panel ${side}`), table = make("table"), head = make("tr"), body = make("tbody");
    const caption = make("caption", "", words[`title_${side}`]);
    head.append(...heads.map((text) => Object.assign(make("th", "", text), { scope: "col" })));
    const thead = make("thead");
    thead.append(head);
    const rows = [];
    /** @type {HTMLTableRowElement | null} */
    let mark = null;
    for (let t = 0; t <= this.steps.last; t += 1) {
      if (t === inputs_part) {
        mark = make("tr", "mark");
        cell(mark, "", words[`mark_${side}`]).colSpan = heads.length;
        body.append(mark);
      }
      const row = make("tr");
      cell(row, "at", String(t));
      if (this.data[side][t]) this[`${side}Row`](row, t);
      else cell(row, "none", "–").colSpan = heads.length - 1;
      rows.push(row);
      body.append(row);
    }
    table.append(caption, thead, body);
    panel.append(table);
    return { panel, rows, mark };
  }

  forcedRow(row, t) {
    const { words, forced, list } = this.data, { read, right, best, loss, p, rank } = forced[t];
    cell(row, "read", chip(read, list, t));
    cell(row, "", chip(right, list, t + 1));
    cell(row, rank === 1 ? "" : "other", chip(best));
    cell(row, "", lossBar(loss, this.most), make("small", "", fill(words.rank, { rank, p: percent(p) })));
  }

  ownRow(row, t) {
    const { words, forced, own, words_part } = this.data, { read, written, loss } = own[t];
    cell(row, "read", chip(read));
    const writes = cell(row, t === words_part ? "leaves" : "", chip(written));
    if (t < this.data.given) writes.append(make("small", "", words.given));
    if (t === words_part) writes.append(make("small", "", fill(words.instead, { right: isolated(forced[t].right.text) })));
    if (loss !== null) cell(row, "", lossBar(loss, this.most));
    else cell(row, "same", forced[t] ? words.same : "–");
  }

  draw(t) {
    Object.assign(remembered, { sentence: this.sentence, step: t });
    const { inputs_part } = this.data;
    this.said.replaceChildren(...withTerms(tell(this.data, t)));
    for (const { rows, mark } of [this.forced, this.own]) {
      rows.forEach((row, i) => {
        row.classList.toggle("now", i === t);
        row.classList.toggle("later", i > t);
        row.classList.toggle("apart", inputs_part !== null && i >= inputs_part && i <= t);
      });
      mark?.classList.toggle("unseen", t < inputs_part);
    }
    this.own.rows.forEach((row, i) => row.setAttribute("aria-hidden", String(i > t)));
    // Only the tables scroll, never the page.
    const row = this.own.rows[t], { sides } = this;
    const top = row.getBoundingClientRect().top - sides.getBoundingClientRect().top, spare = sides.clientHeight - row.offsetHeight;
    if (top < 2 * row.offsetHeight || top > spare) sides.scrollTop += top - spare / 2;
  }

  close() { this.deaf(); this.steps.close(); }
}

export default mounted(Runs, import.meta.url);
