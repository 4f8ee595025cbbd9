// The numbers of the open head, where those of all heads are too many for one message: they come by themselves, and what asks
// for another head is told from here, so that nothing else is sent again.
import { told } from "../shared/mount/told.js";

/** @typedef {import("../heatmap/cells.js").Cells} Cells */
/**
 * What is told of each cell: the weight, and what is carried; of a difference only the one that is shown.
 *
 * @typedef {{weight?: Cells, carried?: Cells}} Numbers
 */
/**
 * @typedef {object} HeadNumbersData
 * @property {(Numbers & {of: string, only: [number, number]}) | null} numbers of which picture and head
 */
/** @typedef {(event: string, value: any) => void} Send */

/** @type {{numbers: HeadNumbersData["numbers"], send: Send | null}} */
export const openHead = { numbers: null, send: null };
/** @type {Set<() => void>} */
const hearers = new Set();

/** Hear, from now on, of new numbers; returns what ends it. @type {(hear: () => void) => () => void} */
export const hearNumbers = (hear) => {
  hearers.add(hear);
  return () => hearers.delete(hear);
};

export default told((/** @type {HeadNumbersData} */ data, send) => {
  Object.assign(openHead, { numbers: data.numbers, send });
  for (const hear of hearers) hear();
});
