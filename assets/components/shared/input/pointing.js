// A word is a handle: who points at it, in the sentence or at a label of a picture, lights it in every picture of the page,
// without a trip to the server. A word is named by its list and its position there, as it is read: "source:3".

/** @typedef {[string, number]} Handles a word list, and how many positions behind its own stands the word of a row or column */

const NAME = "gf-word";
/** @type {string | null} the word under the mouse or the focus */
let pointed = null;
/** @type {string | null} the one that a finger chose */
let tapped = null;

export const wordPointedAt = () => pointed ?? tapped;

const say = () => window.dispatchEvent(new CustomEvent(NAME, { detail: wordPointedAt() }));

/** @type {(list: string, position: number) => string} */
export const wordName = (list, position) => `${list}:${position}`;

/** @param {string | null} word that is pointed at, or none any more */
export const pointAt = (word) => {
  if (word === pointed) return;
  pointed = word;
  say();
};

/** A finger lights a word until it taps it again, or another one. */
export const tap = (word) => {
  tapped = tapped === word ? null : word;
  pointed = null;
  say();
};

/**
 * Hear, from now on, which word is pointed at; returns what ends it.
 *
 * @param {(word: string | null) => void} hear
 */
export const hearWords = (hear) => {
  const heard = () => hear(wordPointedAt());
  window.addEventListener(NAME, heard);
  return () => window.removeEventListener(NAME, heard);
};

/**
 * Make an element the handle of a word.
 *
 * @param {HTMLElement} element
 * @param {string} word
 */
export const handle = (element, word) => {
  element.dataset.word = word;
  element.addEventListener("pointerenter", ({ pointerType }) => { if (pointerType !== "touch") pointAt(word); });
  element.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType !== "touch") pointAt(null); });
  element.addEventListener("focus", () => pointAt(word));
  element.addEventListener("blur", () => pointAt(null));
  element.addEventListener("click", (event) => {
    if (/** @type {PointerEvent} */ (event).pointerType !== "touch") return;
    event.stopPropagation();
    tap(word);
  });
};

/**
 * Which row or column belongs to a word.
 *
 * @type {(of: Handles | null | undefined, n: number, word: string | null) => number | null}
 */
export const placeOf = (of, n, word) => {
  const [list, position] = word?.split(":") ?? [];
  const at = of && list === of[0] ? Number(position) - of[1] : -1;
  return at >= 0 && at < n ? at : null;
};

/** Light, within an element, all handles of a word. */
export const lightIn = (root, word) => {
  for (const element of root.querySelectorAll("[data-word]")) element.classList.toggle("lit", element.dataset.word === word);
};
