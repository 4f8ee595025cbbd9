// The sentence of a window: its words in a line, and arcs between the word in the middle and those that count as near.
import { make, pushButton } from "../shared/draw/dom.js";
import { handle, wordName } from "../shared/input/pointing.js";
import { svg } from "../shared/draw/svg.js";

const HIGH = 46, TIP = 6; // px

/** @typedef {{text: string, row: number}} LineWord row is -1 of a word without a vector */

/**
 * @param {{line: LineWord[], list: string, centre: number, near: number, window: number[], bag: boolean, words: Record<string, string>}} data
 * @param {(name: "centre" | "near", row: number) => void} choose
 */
export const sentenceWithArcs = (data, choose) => {
  const { line, list, centre, near, window: rows, bag, words } = data;
  const place = make("div", "sentence"), chips = make("div", "chips"), arcs = svg("svg", { class: "arcs", height: HIGH, "aria-hidden": "true" });
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", words.line);
  const chipOf = new Map();
  for (const { text, row } of line) {
    if (row < 0) {
      const lost = make("bdi", "lost", text);
      lost.title = words.lost;
      chips.append(lost);
      continue;
    }
    const inside = !bag && rows.includes(row), kind = row === centre ? "centre" : row === near ? "near" : rows.includes(row) ? "inside" : "";
    // A click inside the window chooses the neighbour, one outside moves the window.
    const chip = pushButton(`word${row}`, "", () => choose(inside ? "near" : "centre", row), `chip ${kind}`);
    chip.append(make("bdi", "", text));
    chip.translate = false;
    chip.title = inside ? words.pair : words.centre;
    chip.setAttribute("aria-pressed", String(row === centre || row === near));
    handle(chip, wordName(list, row));
    chip.ondblclick = () => choose("centre", row);
    chipOf.set(row, chip);
    chips.append(chip);
  }
  place.append(arcs, chips);
  const middle = (chip) => chip.offsetLeft + chip.offsetWidth / 2;
  const draw = () => {
    arcs.setAttribute("width", String(chips.scrollWidth));
    const x0 = middle(chipOf.get(centre));
    arcs.replaceChildren(...rows.map((row) => {
      const x1 = middle(chipOf.get(row)), far = Math.abs(x1 - x0), top = HIGH - Math.min(HIGH - 4, 12 + far / 7), shift = Math.sign(x1 - x0) * Math.min(10, far / 6);
      const from = x0 + shift, tone = bag || row === near ? "chosen" : "";
      const path = svg("path", { class: tone, d: `M ${from} ${HIGH - 2} C ${from} ${top}, ${x1} ${top}, ${x1} ${HIGH - 2}` });
      const end = bag ? from : x1;
      return svg("g", {}, path, svg("path", { class: `tip ${tone}`, d: `M ${end - TIP / 1.4} ${HIGH - TIP - 1} L ${end} ${HIGH - 1} L ${end + TIP / 1.4} ${HIGH - TIP - 1}` }));
    }));
  };
  return { element: place, draw };
};
