// Where the player's lines run, so that none crosses a word, however the rows wrap: down between two rows, then through a
// gap between two words, or beside them, to the next row; and at last to the word that is being written.

const HALF = 4; // pixels: half of the gap between two words, and how far beside a row a line passes
const FLATTEST = 14, DEEPEST = 46, STEEP = 0.22; // pixels below the words, and how much deeper a longer arc hangs
const FULL = 1.2; // of the room below a row: so deep are the handles of an arc that just fits into it

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */
/** @typedef {Box & {x: number, row: number}} Place of a word: its middle, and in which row it stands */
/** @typedef {Box & {gaps: number[]}} Row the places through which a line passes it */

/**
 * The places of words that stand in rows, and the rows.
 *
 * @param {Box[]} boxes one per word, in the order of reading
 * @returns {{words: Place[], rows: Row[]}}
 */
export function inRows(boxes) {
  /** @type {Row[]} */
  const rows = [];
  const words = boxes.map((box) => {
    const last = rows.at(-1);
    if (last && box.top < last.bottom) {
      last.gaps.splice(-1, 1, (last.right + box.left) / 2, box.right + HALF);
      Object.assign(last, { right: box.right, top: Math.min(last.top, box.top), bottom: Math.max(last.bottom, box.bottom) });
    } else rows.push({ ...box, gaps: [box.left - HALF, box.right + HALF] });
    return { ...box, x: (box.left + box.right) / 2, row: rows.length - 1 };
  });
  return { words, rows };
}

/** @type {(from: [number, number], to: [number, number]) => string} from height to height, upright at both ends */
const curve = ([x1, y1], [x2, y2]) => ` C${x1},${(y1 + y2) / 2} ${x2},${(y1 + y2) / 2} ${x2},${y2}`;

/** The nearest way past a row; behind its last word there is room everywhere. */
const nearest = ({ gaps, right }, x) => (x > right + HALF ? x : gaps.reduce((best, gap) => (Math.abs(gap - x) < Math.abs(best - x) ? gap : best)));

/** @type {(from: Place, rows: Row[], to: [number, number]) => {way: string, at: [number, number]}} the way past some rows */
function past(from, rows, [x, y]) {
  let way = `M${from.x},${from.bottom}`, at = /** @type {[number, number]} */ ([from.x, from.bottom]);
  for (const row of rows) {
    const share = (row.top - at[1]) / (y - at[1] || 1);
    const gap = nearest(row, at[0] + share * (x - at[0]));
    way += `${curve(at, [gap, row.top])} V${row.bottom}`;
    at = [gap, row.bottom];
  }
  return { way, at };
}

/**
 * From a word of the source down to the word that is being written.
 *
 * @param {{source: ReturnType<typeof inRows>, target: ReturnType<typeof inRows>}} places
 * @param {number} i of the word
 * @param {number} now the other's
 */
export function wayFromSource({ source, target }, i, now) {
  const from = source.words[i], word = target.words[now], to = /** @type {[number, number]} */ ([word.x, word.top]);
  const { way, at } = past(from, [...source.rows.slice(from.row + 1), ...target.rows.slice(0, word.row)], to);
  return way + curve(at, to);
}

/**
 * From a word that is written already to the one that is being written: an arc below its row.
 *
 * @param {{target: ReturnType<typeof inRows>}} places
 * @param {number} i of the one
 * @param {number} now of the other
 */
export function wayFromBefore({ target: { words, rows } }, i, now) {
  const from = words[i], word = words[now];
  const { way, at: [x, y] } = past(from, rows.slice(from.row + 1, word.row + 1), [word.x, word.bottom]);
  const room = word.row + 1 < rows.length ? FULL * (rows[word.row + 1].top - word.bottom) : DEEPEST;
  const deep = y + Math.min(room, DEEPEST, FLATTEST + Math.abs(word.x - x) * STEEP);
  return `${way} C${x},${deep} ${word.x},${deep} ${word.x},${word.bottom}`;
}
