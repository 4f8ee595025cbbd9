// The numbers of a heatmap as they are sent: only those of cells that are allowed, and of many only what is shown of them.
import { bytes } from "../shared/numbers.js";

const NO_CELL = -(2 ** 15);

/**
 * Infinity where a cell is blocked, NaN where there is none.
 *
 * @type {(data: {rows: number, columns: number, cells: string, step?: number, open?: string}) => Float32Array}
 */
export const cellsOf = ({ rows, columns, cells, step, open }) => {
  const { buffer } = bytes(cells), sent = step === undefined ? new Float32Array(buffer) : new Int16Array(buffer);
  const bits = open === undefined ? null : bytes(open), found = new Float32Array(rows * columns).fill(Infinity);
  for (let i = 0, next = 0; i < found.length; i++) {
    if (bits && !((bits[i >> 3] >> (7 - (i & 7))) & 1)) continue;
    const number = sent[next++];
    found[i] = step === undefined ? number : number === NO_CELL ? NaN : number * step;
  }
  return found;
};
