// Words by how near they are to what was asked, a bar each; those that were asked with are marked, and may be struck out.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { make } from "../shared/draw/dom.js";
import { decimals } from "../shared/draw/numbers.js";

/** @typedef {{text: string, cosine: number, input: boolean}} NearWord */
/**
 * @typedef {object} NearestData
 * @property {{title: string, told: string, items: NearWord[]}[]} lists
 * @property {boolean} struck whether what was asked with is no answer
 * @property {boolean} picture whether it is what its page is about
 * @property {Record<string, string>} words
 */

const row = (word, rank, struck, asks, words) => {
  const line = make("li", `${word.input ? "input" : ""}${rank === 1 && asks ? " first" : ""}`), bar = make("span", "bar"), track = make("span", "track");
  bar.style.width = `${100 * Math.max(0, word.cosine)}%`;
  track.append(bar);
  const name = make("span", "name");
  name.append(word.input && struck ? make("s", "", word.text) : make("bdi", "", word.text));
  if (word.input) name.append(make("small", "", words.input));
  line.append(make("span", "rank", rank ? String(rank) : ""), name, track, make("span", "cosine", decimals(word.cosine, 2)));
  return line;
};

export default mounted(drawnAnew((root, /** @type {NearestData} */ { lists, struck, picture, words }) => {
  if (picture) root.dataset.picture = "";
  const all = make("div", "lists");
  all.append(...lists.map(({ title, told, items }) => {
    const section = make("section"), list = make("ol");
    let rank = 0;
    const asks = items.some(({ input }) => input);
    list.append(...items.map((word) => row(word, word.input && struck ? 0 : (rank += 1), struck, asks, words)));
    section.append(make("h5", "", title), list, make("p", "", told));
    return section;
  }));
  root.replaceChildren(all);
}), import.meta.url);
