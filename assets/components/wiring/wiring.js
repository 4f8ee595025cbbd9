// Which rows Q, K and V of every layer are made of: wires from the layer's own rows, at the left, and from a memory that
// all layers share, at the right.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { svg } from "../shared/draw/svg.js";

/**
 * @typedef {object} WiringData
 * @property {number} height pixels; places down are pixels, too, those across hundredths of the width
 * @property {[number, number, number, number, string, boolean][]} lines from, to, the value's name, whether it is thick
 * @property {[number, number, string, string, boolean][]} origins across, down, key, side, whether it is shared
 * @property {[number, number, string, number, string, string][]} values across, down, name, layer, key, origin
 * @property {string} title
 */

const LOWERED = "₀₁₂₃₄₅₆₇₈₉"; // as large as a letter: a smaller one cannot be read
const lowered = (number) => [...String(number)].map((digit) => LOWERED[Number(digit)]).join("");

const line = ([x1, y1, x2, y2, name, thick]) =>
  svg("line", { x1: `${x1}%`, y1, x2: `${x2}%`, y2, class: thick ? `${name} thick` : name });

// Above its wire, so that a phone has room for it; the shared one has many wires, and stands beside them.
const origin = ([x, y, key, side, shared]) => svg("g", { class: side },
  svg("circle", { cx: `${x}%`, cy: y, r: 5.5 }),
  svg("text", { x: `${x}%`, y, dx: shared ? 10 : 8, dy: shared ? 4.5 : -6 }, key));

const value = ([x, y, name, layer, key, of]) => svg("g", { class: `value ${name}` },
  svg("title", {}, `${key} ← ${of}`),
  svg("circle", { cx: `${x}%`, cy: y, r: 13 }),
  svg("text", { x: `${x}%`, y, dy: 4.5 }, `${name.toUpperCase()}${lowered(layer)}`));

export default mounted(drawnAnew((root, /** @type {WiringData} */ { height, lines, origins, values, title }) => {
  const marks = [...lines.map(line), ...origins.map(origin), ...values.map(value)];
  root.replaceChildren(svg("svg", { role: "img", "aria-label": title, width: "100%", height }, ...marks));
}), import.meta.url);
