// The labels of a heatmap's rows and columns are handles of their words.
import { pointAt, placeOf, tap, wordName } from "../shared/input/pointing.js";

/** @typedef {import("./view.js").HeatmapView} View */
/** @typedef {import("../shared/input/pointing.js").Handles} Handles */

/** @type {(view: View, x: number, y: number) => string | null} the word of the label, or of the strip, at a place */
const wordAt = (view, x, y) => {
  const { box, map, seen } = view, [rows, columns] = map?.words_of ?? [];
  const across = (x - box.left) / box.width, down = (y - box.top) / box.height;
  const named = (/** @type {Handles} */ of, [from, to], share, n) => {
    const at = Math.floor(from + share * (to - from));
    return at >= 0 && at < n ? wordName(of[0], at + of[1]) : null;
  };
  if (rows && across < 0 && down >= 0 && down < 1) return named(rows, seen.y, down, map.rows);
  if (columns && down < 0 && across >= 0 && across < 1) return named(columns, seen.x, across, map.columns);
  return null;
};

/** @param {View} view */
export const listenToLabels = (view) => {
  let own = null; // what is lit from here
  const here = ({ clientX, clientY }) => {
    const { left, top } = view.heat.getBoundingClientRect();
    return wordAt(view, (clientX - left) / view.unit, (clientY - top) / view.unit);
  };
  const point = (word) => {
    if (word === own) return;
    own = word;
    pointAt(word);
  };
  view.heat.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") point(here(event)); });
  view.heat.addEventListener("pointerleave", () => point(null));
  view.heat.addEventListener("click", (event) => {
    const word = here(event);
    if (word && /** @type {PointerEvent} */ (event).pointerType === "touch") tap(word);
  });
};

/**
 * Which rows and columns of a heatmap belong to a word.
 *
 * @type {(view: View, word: string | null) => {row: number | null, column: number | null}}
 */
export const placesOf = ({ map }, word) => {
  const [rows, columns] = map?.words_of ?? [];
  return { row: placeOf(rows, map?.rows ?? 0, word), column: placeOf(columns, map?.columns ?? 0, word) };
};
