// The sentence and what is written for it, as chips in one strip; a click on it gives the field below the focus.
// Chips: source words in their colour, target words in theirs, typed ones framed where
// the model's own stand beside them, special tokens outlined.
import { mounted } from "../shared/mount/component.js";
import { make } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { handle, hearWords, lightIn, wordName, wordPointedAt } from "../shared/input/pointing.js";
import { withSigns } from "../shared/draw/signs.js";

/**
 * @typedef {object} WordLine
 * @property {string} title
 * @property {string} side
 * @property {string[]} words
 * @property {boolean[]} special
 * @property {boolean[]} unseen
 * @property {string[]} [looks] a side or "typed" for each word
 * @property {string[]} [titles] said of each word when it is pointed at
 * @property {boolean[]} [doubted] of each word whether the model is not sure of it
 * @property {[string, number]} [of] the list in which they stand, and the position of the first
 * @property {string} [more] said of what is left out behind them
 */
/**
 * @typedef {object} WordsData
 * @property {WordLine[]} lines
 * @property {string} hint stands at the end, and invites to type
 * @property {boolean} large whether the page begins with them
 */

const CONTINUES = /^##./; // a piece that continues a word

/** @param {WordLine} line */
const wordLine = ({ title, side, words, special, unseen, looks, titles, doubted, more, of }) => {
  const row = make("div", "line");
  const chips = words.map((word, i) => {
    const classes = ["word", special[i] ? "special" : (looks?.[i] ?? side), ...(unseen[i] ? ["unseen"] : [])];
    if (doubted?.[i]) classes.push("doubted");
    if (CONTINUES.test(word)) classes.push("tail");
    const chip = make("bdi", classes.join(" "));
    chip.append(...(CONTINUES.test(word) ? [make("span", "mark", "##"), word.slice(2)] : [word]));
    chip.translate = false; // it is what the model reads or writes, not the page's own text
    if (titles?.[i]) chip.title = chip.ariaDescription = titles[i];
    if (of) handle(chip, wordName(of[0], of[1] + i));
    return chip;
  });
  row.append(make("span", doubted ? "title doubt" : "title", title), ...withSigns(words, chips));
  if (more) row.append(Object.assign(make("span", "rest", "…"), { title: more }));
  return row;
};

const invitation = (hint) => {
  const element = make("span", "hint", "✎");
  element.append(make("span", "", ` ${hint}`));
  element.title = hint;
  return element;
};

/** A sign at the end of what is in sight, which shows a translation that the model is not sure of. */
const signpost = (strip, doubt) => {
  const sign = make("button", "hint unsure", "?");
  sign.title = sign.ariaLabel = doubt.textContent ?? "";
  sign.onclick = (event) => {
    event.stopPropagation();
    strip.scrollLeft += doubt.getBoundingClientRect().left - strip.getBoundingClientRect().left;
  };
  return sign;
};

class Sentence {
  constructor(root) {
    this.root = root;
    this.deaf = hearWords((word) => lightIn(root, word));
  }

  close() { this.deaf(); }

  /** @param {WordsData} data */
  show({ lines, hint, large }) {
    const strip = make("div", large ? "strip large" : "strip");
    strip.append(...lines.map(wordLine));
    if (hint) strip.append(invitation(hint));
    // All of it is selected: what is typed takes its place, and a second click goes to a word of it.
    strip.onclick = () => /** @type {HTMLInputElement | null} */ (document.querySelector(".st-key-source input"))?.select();
    // One of the chips is reached by Tab, and the arrow keys go on to the others.
    const chips = [.../** @type {NodeListOf<HTMLElement>} */ (strip.querySelectorAll("[data-word]"))];
    for (const [i, chip] of chips.entries()) {
      chip.tabIndex = i ? -1 : 0;
      chip.onkeydown = (event) => this.move(event, chips, i);
    }
    this.root.replaceChildren(strip);
    // Where there is no room for all words, the pencil alone invites, and a sign leads to a doubt that is out of sight.
    if (strip.scrollWidth > strip.clientWidth) {
      strip.querySelector(".hint")?.classList.add("short");
      const doubt = /** @type {HTMLElement | null} */ (strip.querySelector(".doubt"));
      if (doubt) strip.append(signpost(strip, doubt));
    }
    lightIn(this.root, wordPointedAt());
  }

  move(event, chips, i) {
    if (withModifier(event) || !ARROWS[event.key]) return;
    taken(event);
    const next = chips[i + ARROWS[event.key][0] + ARROWS[event.key][1]];
    if (!next) return;
    chips[i].tabIndex = -1;
    next.tabIndex = 0;
    next.closest("details")?.setAttribute("open", "");
    next.focus();
  }
}

export default mounted(Sentence, import.meta.url);
