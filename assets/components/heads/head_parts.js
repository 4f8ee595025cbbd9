// What the views of a head share: how a number and a word are written, and the colours with the numbers at their ends.
import { make } from "../shared/dom.js";
import { decimals } from "../shared/numbers.js";

/** @typedef {{text: string, special: boolean, writes?: {text: string, special: boolean}}} Word */

export const exact = (x, digits = 4) => decimals(x, digits);

/** @type {(word: Word, i: number) => string} */
export const placed = (word, i) => `${i} ${word.text}${word.writes ? ` \u2192 ${word.writes.text}` : ""}`;

export const legendOf = (low, signed, palette, high) => {
  const legend = make("div", "scale"), bar = make("span", "bar");
  const colours = signed ? ["negative", "neutral", "positive"].map((name) => `var(--gf-${name})`) : palette;
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  legend.append(make("span", "", low), bar, make("span", "", high));
  return legend;
};
