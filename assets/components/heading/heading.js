// What a map shows: its name, what to look at, its shape, and its key, which a click copies.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { make, pushButton } from "../shared/draw/dom.js";
import { makeTold } from "../shared/draw/terms.js";

const COPIED = 1200; // milliseconds in which it is told

/**
 * @typedef {object} HeadingData
 * @property {{look: string, shape: string, key: string}[]} lines
 * @property {Record<string, string>} words
 */

const headingLine = ({ look, shape, key }, words) => {
  const line = make("div", "heading"), facts = make("p", "facts");
  const copy = pushButton("", key, async () => {
    await navigator.clipboard.writeText(key);
    copy.textContent = words.copied;
    setTimeout(() => { copy.textContent = key; }, COPIED);
  }, "key");
  copy.title = words.copy;
  facts.append(make("span", "", shape), copy);
  line.append(...(look ? [makeTold("p", "look", look)] : []), facts);
  return line;
};

/** @type {(root: HTMLElement, data: HeadingData) => void} */
const show = (root, { lines, words }) => root.replaceChildren(...lines.map((line) => headingLine(line, words)));

export default mounted(drawnAnew(show), import.meta.url);
