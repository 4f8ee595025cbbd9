// The products of one cell, side by side: what is multiplied, the products as bars, and how they add up. Pointing at one,
// or the arrow keys, add them up as far as there.
import { fill, make } from "../shared/draw/dom.js";
import { taken, withModifier } from "../shared/input/keys.js";
import { clamp, decimals } from "../shared/draw/numbers.js";
import { unit } from "../shared/draw/present.js";
import { svg } from "../shared/draw/svg.js";

const NAMES = 108, NUMBERS = 92; // pixels at the left and at the right
const STRIP = 15, BARS = 46, GAP = 5, BAR = 30; // pixels of a row of entries, of the bars, between rows; of a bar at most
const SIZE = 13, WORD = 60; // pixels of letters; of a term from which its name fits

/**
 * @typedef {object} Shown
 * @property {number[]} left
 * @property {number[]} top
 * @property {boolean} exact whether these are the very numbers, and no colours
 * @property {number} sum
 * @property {((d: number) => string)[]} tones
 * @property {string[]} symbols
 * @property {{text: string, value: number} | null} quotient
 * @property {Record<string, string>} words
 * @property {string[]} terms
 * @property {Record<string, string>} colours
 * @property {string} font
 * @property {number} width
 */

export class Sums {
  /** @type {Shown} */ shown;
  /** @type {number[]} */ products;
  /** @type {number[]} */ totals;

  constructor() {
    this.height = 0;
    /** @type {number | null} the last term that is added up; null for all */
    this.upto = null;
    this.element = make("div", "sums");
    this.drawing = svg("svg", { "aria-hidden": true });
    this.said = make("div", "heard");
    this.said.setAttribute("aria-live", "polite");
    this.element.append(this.drawing, this.said);
    Object.assign(this.element, { tabIndex: 0, role: "application" });
    this.element.onpointermove = (event) => this.point((event.clientX - this.element.getBoundingClientRect().left) / unit());
    this.element.onpointerleave = this.element.onblur = () => this.stop(null);
    this.element.onkeydown = (event) => this.key(event);
  }

  /** @param {Shown | null} shown */
  show(shown) {
    this.element.hidden = !shown;
    if (!shown?.exact) this.upto = null;
    if (!shown) return;
    this.shown = shown;
    const products = shown.left.map((x, d) => x * shown.top[d]);
    let total = 0;
    this.products = products;
    this.totals = products.map((product) => (total += product));
    this.element.setAttribute("aria-label", fill(shown.words.hint, { n: products.length }));
    this.draw();
  }

  stop(upto) {
    if (upto === this.upto || (upto !== null && !this.shown?.exact)) return;
    this.upto = upto;
    this.draw();
    this.said.textContent = upto === null ? "" : this.tell(upto);
  }

  point(x) {
    if (!this.shown) return;
    const { pitch } = this, at = Math.floor((x - NAMES) / pitch);
    this.stop(x < NAMES || at >= this.products.length ? null : at);
  }

  key(event) {
    if (withModifier(event) || !this.shown) return;
    const last = this.products.length - 1, at = this.upto;
    const to = { ArrowRight: at === null ? 0 : at + 1, ArrowLeft: at === null ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    taken(event);
    this.stop(clamp(to, 0, last));
  }

  get pitch() { return Math.max(1, (this.shown.width - NAMES - NUMBERS) / this.products.length); }

  tell(d) {
    const { left, top, words, terms } = this.shown, product = this.products[d];
    const signed = (x) => (x < 0 ? `(${decimals(x, 3)})` : decimals(x, 3)), term = terms[d] ?? fill(words.term, { d });
    return `${term}: ${decimals(left[d], 3)} · ${signed(top[d])} = ${decimals(product, 3)}; Σ ${decimals(this.totals[d], 3)}`;
  }

  draw() {
    if (!this.shown) return;
    const { shown, products, totals, pitch, upto } = this, { colours, symbols, tones, words, width } = shown;
    const x = (d) => NAMES + d * pitch, wide = Math.min(BAR, Math.max(1, pitch - 1)), inset = (Math.max(1, pitch - 1) - wide) / 2;
    const named = shown.terms.length && pitch >= WORD, first = named ? STRIP + GAP : 0;
    const tops = [0, STRIP + GAP, 2 * (STRIP + GAP), 2 * (STRIP + GAP) + BARS + GAP].map((at) => first + at), tall = tops[3] + BARS;
    this.height = tall + 4;
    const text = (x, y, content, more = {}) => svg("text", { x, y, "font-size": SIZE, "font-family": shown.font, fill: colours.text, ...more }, content);
    const names = [...symbols, words.products, words.total].map((name, i) => {
      const at = tops[i] + (i < 2 ? STRIP : BARS) / 2 + SIZE * 0.36, label = text(NAMES - 8, at, name, { "text-anchor": "end" });
      label.dataset.room = String(NAMES - 10);
      return label;
    });
    const heads = named ? shown.terms.map((term, d) => text(x(d) + pitch / 2, SIZE, term, { "text-anchor": "middle", fill: colours.muted })) : [];
    const end = upto ?? products.length - 1, later = (d) => (d > end ? 0.2 : 1);
    const entries = tones.flatMap((tone, row) => products.map((_, d) =>
      svg("rect", { x: x(d), y: tops[row], width: Math.max(1, pitch - 1), height: STRIP, fill: tone(d), opacity: later(d) })));
    const reach = Math.max(1e-9, ...products.map(Math.abs)), middle = tops[2] + BARS / 2;
    const bars = products.map((product, d) => {
      const high = (Math.abs(product) / reach) * (BARS / 2);
      return svg("rect", { class: "product", x: x(d) + inset, y: product < 0 ? middle : middle - high, width: wide, height: Math.max(0.5, high), fill: product < 0 ? colours.negative : colours.positive, opacity: later(d) });
    });
    const low = Math.min(0, ...totals), high = Math.max(0, ...totals), span = Math.max(1e-9, high - low);
    const y = (total) => tops[3] + BARS - 3 - ((total - low) / span) * (BARS - 6);
    const steps = totals.slice(0, end + 1).map((total, d) => `${d ? "L" : `M${x(0)} ${y(0)}L`}${x(d)} ${y(total)}L${x(d) + pitch} ${y(total)}`).join("");
    const line = (at) => svg("line", { x1: NAMES, x2: x(products.length), y1: at, y2: at, stroke: colours.line });
    const right = x(products.length) + 8, now = upto === null ? shown.sum : totals[end];
    const strong = { "font-weight": 700, "font-size": SIZE + 4, class: "sum" };
    const numbers = [text(right, clamp(y(totals[end] ?? 0) + 6, tops[3] + 10, tall - (shown.quotient ? 18 : 2)), decimals(now, 3), strong)];
    if (shown.quotient && upto === null) {
      numbers[0].setAttribute("y", String(tops[3] + 2));
      numbers.push(text(right, tops[3] + 22, shown.quotient.text, { fill: colours.muted }), text(right, tops[3] + 43, `= ${decimals(shown.quotient.value, 3)}`, { ...strong, class: "value" }));
    }
    if (upto !== null) numbers.push(text(right, middle + 5, decimals(products[end], 3)), text(right, tops[0] + 12, decimals(shown.left[end], 3)), text(right, tops[1] + 12, decimals(shown.top[end], 3)));
    Object.assign(this.drawing.style, { width: `${width * unit()}px`, height: `${this.height * unit()}px` });
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    const run = svg("path", { d: steps, fill: "none", stroke: colours.positive, "stroke-width": 2.5, class: "run" });
    this.drawing.replaceChildren(...names, ...heads, ...entries, line(middle), ...bars, line(y(0)), run, ...numbers);
    for (const label of names) {
      const room = Number(label.dataset.room), long = label.getComputedTextLength?.() ?? 0;
      if (long > room) Object.entries({ textLength: room, lengthAdjust: "spacingAndGlyphs" }).forEach(([name, value]) => label.setAttribute(name, String(value)));
    }
  }
}
