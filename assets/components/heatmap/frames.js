// The frames of a heatmap: around cells that are chosen, told or about to be cropped, and around the row and the column
// of the word that is pointed at.
import { make } from "../shared/draw/dom.js";

/** @typedef {import("./view.js").HeatmapView} View */
/** @typedef {import("./view.js").Cell} Cell */
/** @typedef {import("./view.js").Range} Range */

const TITLE = 24, EDGE = 2; // pixels that the title of the rows takes, or the edge where there is none

/** @type {(low: number, high: number, range: Range, length: number) => number[]} where in a length a part of what is seen lies */
const part = (low, high, [from, to], length) => [((low - from) / (to - from)) * length, ((high - from) / (to - from)) * length];

/** @type {(view: View, first: Cell, last: Cell, kind: string) => HTMLElement[]} nothing where its middle is out of sight */
const around = ({ seen: { x, y }, box }, first, last, kind) => {
  const columns = [first.column, last.column].sort((a, b) => a - b), rows = [first.row, last.row].sort((a, b) => a - b);
  const [left, right] = part(columns[0], columns[1] + 1, x, box.width), [top, bottom] = part(rows[0], rows[1] + 1, y, box.height);
  const [across, down] = [(left + right) / 2, (top + bottom) / 2];
  if (across < 0 || across > box.width || down < 0 || down > box.height) return [];
  const wide = Math.max(right - left, 5), tall = Math.max(bottom - top, 5), frame = make("div", kind);
  Object.assign(frame.style, { left: `${across - wide / 2}px`, top: `${down - tall / 2}px`, width: `${wide}px`, height: `${tall}px` });
  return [frame];
};

// The row and the column of a word, with their names.
/** @type {(view: View) => HTMLElement[]} */
const wordFrames = ({ seen: { x, y }, box, map, lit: { row, column } }) => {
  const one = (kind, i, range, length, style) => {
    if (i === null) return [];
    const [start, end] = part(i, i + 1, range, length);
    if ((start + end) / 2 < 0 || (start + end) / 2 > length) return [];
    const frame = make("div", kind);
    Object.assign(frame.style, style(`${start}px`, `${end - start}px`));
    return [frame];
  };
  const title = map.row_title ? TITLE : EDGE;
  return [
    ...one("word row", row, y, box.height, (top, height) => ({ top, height, left: `${title - box.left}px`, width: `${box.left - title + box.width}px` })),
    ...one("word column", column, x, box.width, (left, width) => ({ left, width, top: `${-box.top}px`, height: `${box.top + box.height}px` })),
  ];
};

// Of what is told elsewhere the row's name is marked, too.
/** @type {(view: View, frame: HTMLElement) => HTMLElement} */
const band = ({ box }, { style: { top, height } }) => {
  const marked = make("div", "band");
  Object.assign(marked.style, { left: `${-box.left}px`, width: `${box.left}px`, top, height });
  return marked;
};

/** @type {(view: View) => HTMLElement[]} */
export const framesOf = (view) => {
  const { selected, marked, cursor, span } = view;
  const told = [...(marked && !span ? around(view, marked, marked, "mark") : []), ...(span ? around(view, span[0], span[1], "span") : [])];
  const others = [...(selected ? around(view, selected, selected, "gf-frame") : []), ...(cursor && !marked ? around(view, cursor, cursor, "cursor") : [])];
  return [...others, ...told, ...wordFrames(view), ...told.map((frame) => band(view, frame))];
};
