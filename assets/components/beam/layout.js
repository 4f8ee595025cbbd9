// Where the words of the tree stand. "whole": all steps side by side, as far as they fit; where there is no room for every
// word, a branch that led nowhere keeps its word while its step is the newest, and is a dot from then on. "words": every
// word, in a tree as wide as it needs.
// Nothing moves from step to step: the newest words reach into room that later steps will use.
import { make, penOf } from "../shared/draw/dom.js";
import { unit } from "../shared/draw/present.js";

export const START = -1; // the number of the root, which no branch has
export const EDGE = 6, WIDEST = 150; // pixels around the tree, and of a word at most
export const DOT = 22, LOW = 22; // pixels of a dot's place, and of a row without a lasting word
const SMALLEST = 13; // pixels of a letter

export class Layout {
  /** @type {number} */ font;
  /** @type {number} */ beside;
  /** @type {number} */ most;
  /** @type {{x: number, width: number}[]} */ columns;
  /** @type {number} */ width;
  /** @type {any[]} */ rows;
  /** @type {number} */ height;

  constructor({ branches, n_steps, root }, look, room, family) {
    this.whole = false;
    this.family = family;
    this.pen = penOf(make("canvas"));
    const followed = new Set(branches.filter(({ fate }) => fate !== "dropped").map(({ parent }) => parent));
    this.lasts = ({ number, step, fate }) => !this.whole || number === START || fate === "finished" || step === n_steps - 1 || followed.has(number);
    this.nodes = new Map(branches.map((branch, number) => [number, { number, ...branch }]));
    this.nodes.set(START, { number: START, step: -1, rank: 1, ...root, fate: "kept" });
    this.arrange(1, n_steps);
    this.whole = look === "whole" && this.width > room; // a small tree has room for every word
    for (let ease = 1; this.whole && ease >= 0; ease -= 0.1) {
      this.arrange(ease, n_steps);
      if (this.width <= room) break;
    }
    this.stack();
  }

  // `ease` 1 is what is comfortable; towards 0 the gaps shrink first, then letters, and long words at last.
  arrange(ease, n_steps) {
    this.font = Math.round((SMALLEST + 4 * ease) * unit());
    this.beside = 5 + 4 * ease; // a word
    this.most = 58 + (WIDEST - 58) * Math.sqrt(ease);
    const between = 9 + 35 * ease ** 2, widths = Array(n_steps + 1).fill(DOT);
    for (const node of this.nodes.values())
      if (this.lasts(node)) widths[node.step + 1] = Math.max(widths[node.step + 1], Math.min(this.measured(node), node.step === n_steps - 1 ? WIDEST : this.most));
    let x = EDGE;
    this.columns = widths.map((width) => { x += width + between; return { x: x - width - between, width }; });
    this.width = x - between + EDGE;
  }

  // Rows are ranks; one without a lasting word is low.
  stack() {
    const nodes = [...this.nodes.values()], tall = this.font + 16;
    this.rows = [];
    this.height = EDGE;
    for (let rank = 1; rank <= Math.max(...nodes.map((node) => node.rank)); rank++) {
      const height = nodes.some((node) => node.rank === rank && this.lasts(node)) ? tall : LOW;
      this.rows.push({ y: this.height + height / 2, height: height - 4 });
      this.height += height;
    }
    this.height += EDGE;
  }

  measured({ text }) {
    this.pen.font = `700 ${this.font}px ${this.family}`;
    return this.pen.measureText(text).width + 2 * this.beside;
  }

  // A node's place while `newest` is the last step that is drawn; `worded` tells whether its word stands there.
  spot(node, newest) {
    const fresh = node.step === newest, worded = fresh || this.lasts(node);
    const name = Math.min(this.measured(node), fresh || !worded ? WIDEST : this.most);
    return { x: this.columns[node.step + 1].x, ...this.rows[node.rank - 1], name, width: worded ? name : DOT / 2, worded, text: this.shortened(node, name) };
  }

  shortened(node, width) {
    let { text } = node;
    while (text.length > 1 && this.measured({ text }) > width + 1) text = `${text.replace(/\u2026$/, "").slice(0, -1)}\u2026`;
    return text;
  }
}
