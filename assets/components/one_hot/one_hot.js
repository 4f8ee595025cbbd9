// Words as one-hot strips: each is a row of zeros with a single 1. Times the table, the strip picks one row of it, and
// that row is the word's vector. The strips of a window stand below each other; the chosen one slides to its row.
import { between, channels, hexOf } from "../shared/draw/colours.js";
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, penOf, pushButton } from "../shared/draw/dom.js";
import { decimals, floats } from "../shared/draw/numbers.js";

/**
 * @typedef {object} OneHotData
 * @property {any[]} slots
 * @property {number} chosen
 * @property {number} size
 * @property {any[]} rows
 * @property {string} values
 * @property {number} width
 * @property {number} reach
 * @property {number} column
 * @property {string[]} scale
 * @property {Record<string, string>} words
 */
/** @typedef {{look: {slot: number, column: number, nonce: number}}} OneHotSends */

const HIGH = 22; // of a row of the table

const strip = ({ id, word, special }, n, { chosen, size, words }, choose) => {
  const button = pushButton(`slot${n}`, "", () => choose(n));
  button.setAttribute("aria-pressed", String(n === chosen));
  button.setAttribute("aria-label", fill(words.strip, { word, id, n: size.toLocaleString("en") }));
  const cells = make("span", "cells"), one = make("span", "one");
  one.style.left = `${(100 * id) / size}%`;
  cells.append(make("span", "zeros", words.zeros), one);
  const place = make("span", "place", fill(words.place, { n: n + 1 }));
  button.append(place, make("bdi", special ? "special" : "word", word), cells, make("span", "id", String(id)));
  return button;
};

// A row of the table as coloured cells; `scale` is the lowest, the middle and the highest colour.
const paint = (canvas, values, width, reach, scale) => {
  const pen = penOf(canvas), [low, middle, high] = scale.map(channels);
  canvas.width = width;
  canvas.height = 1;
  values.forEach((value, i) => {
    const size = Math.min(Math.abs(value) / reach, 1);
    pen.fillStyle = hexOf(between(middle, value < 0 ? low : high, size));
    pen.fillRect(i, 0, 1, 1);
  });
};

/** @type {(root: HTMLElement, data: OneHotData, send: (name: string, value: any) => void) => void} */
const show = (root, data, send) => {
  const { slots, chosen, rows, width, reach, column, scale, words } = data;
  const focused = focusedName(root), values = floats(data.values);
  root.dataset.picture = ""; // what its page is about
  const look = (slot, at) => send("look", { slot, column: at, nonce: performance.now() });
  const strips = make("div", "strips"), table = make("div", "table");
  strips.setAttribute("role", "group");
  strips.setAttribute("aria-label", words.strips);
  strips.append(...slots.map((slot, n) => strip(slot, n, data, (slot_) => look(slot_, column))));
  rows.forEach(({ id, word, special, lit }, i) => {
    const line = make("div", `line${lit ? " lit" : ""}`), own = values.subarray(i * width, (i + 1) * width);
    const canvas = make("canvas");
    paint(canvas, own, width, reach, scale);
    canvas.style.height = `${HIGH}px`;
    const cells = make("span", "cells");
    cells.append(canvas);
    if (lit) {
      const mark = make("span", "mark");
      mark.style.left = `${(100 * column) / width}%`;
      mark.style.width = `${100 / width}%`;
      cells.append(mark);
      canvas.onclick = (event) => look(chosen, Math.min(width - 1, Math.floor((event.offsetX / canvas.clientWidth) * width)));
    }
    line.append(make("span", "times", lit ? "1 ×" : "0 ×"), make("bdi", special ? "special" : "word", word), cells, make("span", "id", String(id)));
    table.append(line);
  });
  const sum = make("p", "sum", fill(words.sum, {
    n: (data.size - 1).toLocaleString("en"), value: decimals(values[rows.findIndex(({ lit }) => lit) * width + column], 4), d: column,
  }));
  root.replaceChildren(strips, make("p", "head", fill(words.table, { n: data.size.toLocaleString("en"), d: width })), table, sum);
  if (focused) named(root, focused)?.focus();
};

export default mounted(drawnAnew(show), import.meta.url);
