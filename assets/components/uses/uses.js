// The uses of a word, the nearest first: a sentence, how near, and in which sense a person saw it there.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { make } from "../shared/draw/dom.js";
import { decimals } from "../shared/draw/numbers.js";

/** @typedef {{before: string, word: string, behind: string, sense: string, group: number, cosine: number}} Use */
/**
 * @typedef {object} UsesData
 * @property {Use} first the reader's; its group is -1 if nobody labelled it
 * @property {Use[]} items
 * @property {Record<string, string>} words
 */

/** @type {(use: Use, told: string) => HTMLLIElement} */
const row = ({ before, word, behind, sense, group, cosine }, told) => {
  const line = make("li", `group${group}`), says = make("span", "says"), track = make("span", "track"), bar = make("span", "bar");
  says.append(before, make("b", "", word), behind);
  says.translate = false;
  bar.style.width = `${100 * Math.max(0, cosine)}%`;
  track.append(bar);
  line.append(says, make("span", "sense", sense), ...(told ? [track, make("span", "cosine", told)] : []));
  return line;
};

export default mounted(drawnAnew((root, /** @type {UsesData} */ { first, items, words }) => {
  root.dataset.picture = "";
  const mine = make("ol", "mine"), list = make("ol", "others");
  mine.append(row(first, ""));
  list.append(...items.map((use) => row(use, decimals(use.cosine, 2))));
  root.replaceChildren(make("h5", "", words.own), mine, make("h5", "", words.others), list);
}), import.meta.url);
