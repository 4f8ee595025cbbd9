// The sentence and what is written for it, as chips in one strip; a click on it gives the field below the focus.
// Chips: source words in their colour, target words in theirs, typed ones framed where
// the model's own stand beside them, special tokens outlined.
import { drawnAnew, mounted } from "../shared/component.js";
import { make } from "../shared/dom.js";

/**
 * @typedef {object} WordLine
 * @property {string} title
 * @property {string} side
 * @property {string[]} words
 * @property {boolean[]} special
 * @property {boolean[]} unseen
 * @property {string[]} [looks] a side or "typed" for each word
 * @property {string[]} [titles] said of each word when it is pointed at
 * @property {string} [more] said of what is left out behind them
 */
/**
 * @typedef {object} WordsData
 * @property {WordLine[]} lines
 * @property {string} hint stands at the end, and invites to type
 * @property {boolean} large whether the page begins with them
 */

/** @param {WordLine} line */
const wordLine = ({ title, side, words, special, unseen, looks, titles, more }) => {
  const row = make("div", "line");
  row.append(make("span", "title", title), ...words.map((word, i) => {
    const chip = make("bdi", `word ${special[i] ? "special" : (looks?.[i] ?? side)}${unseen[i] ? " unseen" : ""}`, word);
    chip.translate = false; // it is what the model reads or writes, not the page's own text
    if (titles?.[i]) chip.title = titles[i];
    return chip;
  }));
  if (more) row.append(Object.assign(make("span", "rest", "…"), { title: more }));
  return row;
};

/** @type {(root: HTMLElement, data: WordsData) => void} */
const show = (root, { lines, hint, large }) => {
  const strip = make("div", large ? "strip large" : "strip");
  strip.append(...lines.map(wordLine));
  if (hint) strip.append(make("span", "hint", `✎ ${hint}`));
  strip.onclick = () => /** @type {HTMLElement | null} */ (document.querySelector(".st-key-source input"))?.focus();
  root.replaceChildren(strip);
};

export default mounted(drawnAnew(show), import.meta.url);
