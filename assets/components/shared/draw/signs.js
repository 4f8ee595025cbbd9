// A character that a vocabulary does not have, in a line of words: one sign, which opens to the bytes that the model reads.
import { make } from "./dom.js";

const BYTE = /^<0x[0-9A-F]{2}>$/;
const INNER = /^<0x[89AB]/; // a byte with which no character begins (UTF-8)

/** @type {(words: string[], chips: HTMLElement[]) => HTMLElement[]} the chips, those of an unknown character's bytes behind one sign that opens */
export const withSigns = (words, chips) => {
  const shown = [];
  let sign = /** @type {HTMLElement | null} */ (null);
  for (const [i, chip] of chips.entries()) {
    if (!BYTE.test(words[i])) sign = null;
    else if (!sign || !INNER.test(words[i])) shown.push(sign = unknownSign(chip));
    if (sign) sign.append(chip);
    else shown.push(chip);
  }
  return shown;
};

/** @param {HTMLElement} chip of the first byte */
const unknownSign = (chip) => {
  const sign = make("details", "unknown");
  const face = make("summary", chip.className, "\ufffd");
  face.onclick = (event) => event.stopPropagation(); // it opens, and nobody types
  sign.append(face);
  return sign;
};
