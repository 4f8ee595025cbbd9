// What the views of a head share: how a number and a word are written, a button, and the colours with the numbers at their ends.
import { make, pushButton } from "../shared/draw/dom.js";
import { decimals } from "../shared/draw/numbers.js";

/** @typedef {{text: string, special: boolean, writes?: {text: string, special: boolean}}} Word */

export const exact = (x, digits = 4) => decimals(x, digits);

/** @type {(word: Word, i: number) => string} */
export const placed = (word, i) => `${i} ${word.text}${word.writes ? ` \u2192 ${word.writes.text}` : ""}`;

/** @type {(name: string, text: string, act: () => void) => HTMLButtonElement} */
export const headButton = (name, text, act) => pushButton(name, text, act, name);

export const legendOf = (low, signed, palette, high) => {
  const legend = make("div", "scale"), bar = make("span", "bar");
  const colours = signed ? ["negative", "neutral", "positive"].map((name) => `var(--gf-${name})`) : palette;
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  legend.append(make("span", "", low), bar, make("span", "", high));
  return legend;
};

/** @typedef {[string, string][]} Label */

// A position and its word, the written one bold behind an arrow, as the runs of a heatmap's label.
/** @type {(word: Word, i: number, side: string) => Label} */
const headLabel = (word, i, side) => {
  const look = ({ special }) => (special ? "i" : side[0]);
  return [[`${i} `, "m"], [word.text, look(word)], ...(word.writes ? /** @type {Label} */ ([[" \u2192 ", "m"], [word.writes.text, `${look(word.writes)}b`]]) : [])];
};

/**
 * A head as a heatmap: its weights, from none to `reach`, or differences around zero.
 *
 * @param {object} head
 * @param {Word[]} head.rows
 * @param {Word[]} head.columns
 * @param {string[]} head.sides
 * @param {Float32Array} head.values
 * @param {number} head.reach
 * @param {boolean} head.signed
 * @param {string[]} head.palette
 * @param {string} head.label
 * @param {[import("../shared/input/pointing.js").Handles, import("../shared/input/pointing.js").Handles]} [head.words_of]
 * @param {(name: string) => string} colour
 * @param {string} keys
 * @returns {import("../heatmap/view.js").HeatMap}
 */
export const heatmapOf = ({ rows, columns, sides, values, reach, signed, palette, label, words_of }, colour, keys) => {
  const colours = signed ? ["negative", "neutral", "positive"].map(colour) : palette;
  return {
    name: JSON.stringify([rows, columns]), alt: label, keys, rows: rows.length, columns: columns.length, square: true,
    values,
    scale: colours.map((one, i) => [i / (colours.length - 1), one]), low: signed ? -reach : 0, high: reach,
    digits: reach > 9 ? 1 : 2, crosses: true, bar: false, totals: null, texts: null,
    row_labels: rows.map((word, i) => headLabel(word, i, sides[0])), column_labels: columns.map((word, i) => headLabel(word, i, sides[1])),
    row_title: "", column_title: "", words_of,
  };
};
