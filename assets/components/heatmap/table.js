// The numbers of a heatmap as a table, for a screen reader.
import { make } from "../shared/draw/dom.js";
import { plainText } from "./labels.js";

const MOST = 50; // rows, and columns: who wants more zooms to them

/** @typedef {import("./view.js").HeatMap} HeatMap */

const inSight = ([from, to], n) => {
  const first = Math.max(0, Math.floor(from)), last = Math.min(n, Math.ceil(to), first + MOST);
  return Array.from({ length: last - first }, (_, i) => first + i);
};

/** @type {(labels: HeatMap["row_labels"], i: number) => string} */
const nameOf = (labels, i) => (labels.length ? plainText(labels[i]) : String(i));

const title = (text, scope) => Object.assign(make("th", "", text), { scope });

/**
 * @param {HeatMap} map
 * @param {{x: [number, number], y: [number, number]}} seen
 * @param {(row: number, column: number) => string} number
 */
export const tableOf = (map, seen, number) => {
  const rows = inSight(seen.y, map.rows), columns = inSight(seen.x, map.columns);
  const table = make("table"), head = make("tr");
  head.append(title([map.row_title, map.column_title].filter(Boolean).join(" / "), "col"), ...columns.map((column) => title(nameOf(map.column_labels, column), "col")));
  table.append(make("caption", "", map.alt), make("thead"), make("tbody"));
  table.createTHead().append(head);
  table.tBodies[0].append(...rows.map((row) => {
    const line = make("tr");
    line.append(title(nameOf(map.row_labels, row), "row"), ...columns.map((column) => make("td", "", number(row, column))));
    return line;
  }));
  return table;
};
