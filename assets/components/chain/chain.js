// A sentence as a product: a factor for each word, from the words in front of it. A factor that was never counted is
// outlined: by counts alone the whole product would be 0. A click asks how the number came to be.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { handle, wordName } from "../shared/input/pointing.js";

/**
 * @typedef {object} ChainData
 * @property {any[]} factors
 * @property {number} chosen
 * @property {string} total
 * @property {string} side
 * @property {Record<string, string>} words
 */
/** @typedef {{factor: {row: number, nonce: number}}} ChainSends */

const factorOf = ({ word, special, counted, p, never, size }, i, { chosen, side, words }, choose) => {
  const button = pushButton(`factor${i}`, "", () => choose(i), never ? "never" : "");
  button.setAttribute("aria-pressed", String(i === chosen));
  button.setAttribute("aria-label", fill(never ? words.never_factor : words.factor, { word, counted, p }));
  const bar = make("span", "track"), filled = make("span", "fill");
  filled.style.height = `${100 * size}%`;
  bar.append(filled);
  handle(button, wordName(side, i + 1));
  button.append(make("bdi", special ? "special" : "word", word), make("span", "counted", counted), make("span", "p", p), bar);
  return button;
};

/** @type {(root: HTMLElement, data: ChainData, send: (name: string, value: any) => void) => void} */
const show = (root, data, send) => {
  const { factors, words, total } = data, focused = focusedName(root);
  root.dataset.picture = ""; // what its page is about
  const line = make("div", "line");
  line.setAttribute("role", "group");
  line.setAttribute("aria-label", words.name);
  const choose = (row) => send("factor", { row, nonce: performance.now() });
  factors.forEach((factor, i) => {
    if (i) line.append(make("span", "times", "×"));
    line.append(factorOf(factor, i, data, choose));
  });
  root.replaceChildren(line, make("p", "total", total));
  if (focused) named(root, focused)?.focus();
};

export default mounted(drawnAnew(show), import.meta.url);
