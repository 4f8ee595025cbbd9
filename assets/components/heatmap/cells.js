// The numbers of a heatmap as they are sent: only those of cells that are allowed, and of many only what is told of them.
import { bytes, floats } from "../shared/draw/numbers.js";

/**
 * @typedef {object} Cells
 * @property {string} cells the numbers of those that are allowed, row by row: float32, or counted in parts
 * @property {number} [parts] of 1, in which they are counted
 * @property {boolean} [signed] whether some are below zero
 * @property {string} [open] how many cells are allowed, not allowed, allowed ... in turn, where not all are
 */

/** Whole numbers: how many bytes each has, then the lowest byte of all, the next of all ... @type {(text: string) => Int32Array} */
const whole = (text) => {
  const sent = bytes(text), n = (sent.length - 1) / sent[0], found = new Int32Array(n);
  for (let at = 1, shift = 0; at < sent.length; at += n, shift += 8) {
    for (let i = 0; i < n; i++) found[i] |= sent[at + i] << shift;
  }
  return found;
};

/** Of what is counted only the part is known in which it lies: its middle rounds as the number does. */
const middles = (/** @type {Int32Array} */ counted, /** @type {number} */ parts, signed) => {
  const found = new Float32Array(counted.length);
  for (let i = 0; i < found.length; i++) {
    const n = counted[i] - 2, size = ((signed ? n >> 1 : n) + 0.5) / parts;
    found[i] = n < 0 ? (n + 1 ? NaN : 0) : signed && n & 1 ? -size : size;
  }
  return found;
};

/** Infinity where a cell is blocked, NaN where there is none. @type {(sent: Cells, n: number) => Float32Array} */
export const cellsOf = ({ cells, parts, signed, open }, n) => {
  const numbers = parts === undefined ? floats(cells) : middles(whole(cells), parts, signed);
  if (open === undefined) return numbers;
  const found = new Float32Array(n).fill(Infinity), runs = whole(open);
  for (let i = 0, at = 0, taken = 0; i < runs.length; at += runs[i++]) {
    if (i % 2 === 0) found.set(numbers.subarray(taken, taken += runs[i]), at);
  }
  return found;
};
