// The steps of a decoding as they were before `figures/decode/unfold_wire.py` made them small.
import { bytes } from "../shared/draw/numbers.js";

const LEVELS = 65535;

function levels(text) {
  const view = new DataView(bytes(text).buffer);
  return Array.from({ length: view.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true));
}

/**
 * @typedef {object} PlayerData base64 is of little-endian 16-bit numbers
 * @property {string[]} source
 * @property {string[]} written
 * @property {string[]} lists names of the word lists that are read and written
 * @property {string} first
 * @property {string[]} special
 * @property {string} own
 * @property {string} cross
 * @property {string} mask
 * @property {[number, string][]} vocabulary
 * @property {string} candidates
 * @property {string} shares
 * @property {[number, number][]} chosen
 * @property {string} chosen_shares
 * @property {number[]} entropy
 * @property {Record<string, any> | null} run
 * @property {number} step
 * @property {Record<string, string>} words
 */
/** @typedef {{pick: {step: number, id: number}, undo: boolean}} PlayerSends */

/** @param {PlayerData} sent */
export function unpacked(sent) {
  const n = sent.written.length, sources = sent.source.length;
  const flagged = (texts) => texts.map((text) => ({ text, special: sent.special.includes(text) }));
  const shares = (text) => levels(text).map((level) => level / LEVELS);
  const own = shares(sent.own), cross = shares(sent.cross), p = shares(sent.shares), places = levels(sent.candidates);
  const chosen = shares(sent.chosen_shares), each = places.length / n, mask = bytes(sent.mask);
  const open = (cell) => Boolean(mask[cell >> 3] & (128 >> (cell & 7)));
  const steps = sent.chosen.map(([id, rank], t) => ({
    own: own.slice((t * (t + 1)) / 2, ((t + 1) * (t + 2)) / 2),
    cross: cross.slice(t * sources, (t + 1) * sources),
    mask: Array.from({ length: n }, (_, i) => open(t * n + i)),
    candidates: places.slice(t * each, (t + 1) * each).map((place, i) => {
      const [word, text] = sent.vocabulary[place];
      return { id: word, word: text, p: p[t * each + i] };
    }),
    entropy: sent.entropy[t],
    chosen: { id, rank, p: chosen[t] },
  }));
  const written = flagged(sent.written), read = [...flagged([sent.first]), ...written.slice(0, -1)];
  return { ...sent, source: flagged(sent.source), read, written, steps, run: sent.run && { ...sent.run, steps: rows(sent.run.steps) } };
}

function rows(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, t) => Object.fromEntries(names.map((name) => [name, columns[name][t]])));
}
