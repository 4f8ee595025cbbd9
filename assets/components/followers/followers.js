// One row of the counts, large: the words that were seen most behind these words, the word that really comes here, and
// how the probability is shared out between all that were ever seen here and all that never were.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { make } from "../shared/draw/dom.js";
import { percent } from "../shared/draw/numbers.js";

/**
 * @typedef {object} FollowersData
 * @property {string} title
 * @property {any[]} rows
 * @property {any[]} shares
 * @property {Record<string, string>} words
 */

const track = (share, kind) => {
  const element = make("span", "track"), bar = make("span", `fill ${kind}`);
  bar.style.width = `${100 * share}%`;
  element.append(bar);
  return element;
};

const line = (name, middle, share, kind, own = false) => {
  const row = make("div", `row${own ? " own" : ""}`);
  row.append(name, make("span", "count", middle), track(share, kind), make("span", "p", percent(share)));
  return row;
};

/** @type {(root: HTMLElement, data: FollowersData) => void} */
const show = (root, { title, rows, shares, words }) => {
  const both = make("div", "both"), seen = make("div", "rows"), mass = make("div", "rows mass");
  seen.append(make("p", "head", words.followers), ...rows.map(({ word, special, count, p, own }) =>
    line(make("bdi", special ? "special" : "word", word), count, p, count === "0" ? "never" : "seen", own)));
  mass.append(make("p", "head", words.mass), ...shares.map(({ name, count, p, never }) =>
    line(make("span", "name", name), count, p, never ? "never" : "seen")));
  both.append(seen, mass);
  root.replaceChildren(make("h5", "", title), both);
};

export default mounted(drawnAnew(show), import.meta.url);
