// The plane of one step: across lies how far a word goes along the vector that is read, which is all that the step sees of
// it; arrows show where the step carries each word.
import { make } from "../shared/draw/dom.js";
import { svg } from "../shared/draw/svg.js";

const WIDE = 400, HIGH = 270, ROOM = 30, LETTERS = 21, TIP = 5, CLOSE = 32; // px

/** @typedef {[number, number]} Point */
/** @typedef {{text: string, near: boolean, true: boolean, dot: number, sure: number, pull: number, after: number}} Moved */

const arrow = (from, to, className) => {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]], length = Math.hypot(dx, dy);
  const group = svg("g", { class: className });
  if (length < 0.4) return group;
  const [ux, uy] = [dx / length, dy / length], tip = Math.min(TIP, length);
  const back = [to[0] - ux * tip, to[1] - uy * tip];
  group.append(
    svg("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }),
    svg("path", { d: `M ${back[0] - uy * tip * 0.6} ${back[1] + ux * tip * 0.6} L ${to[0]} ${to[1]} L ${back[0] + uy * tip * 0.6} ${back[1] - ux * tip * 0.6}` }),
  );
  return group;
};

// Labels that would lie upon each other, or upon the vector that is read with its word above it, are moved apart; those
// that stand close below each other begin in one column, behind all their arrows, so that no arrow runs through a word.
/** @type {(wanted: Point[], taken: {from: number, to: number}) => Point[]} */
const spread = (wanted, taken) => {
  const order = wanted.map(([, y], i) => ({ y, i })).sort((a, b) => a.y - b.y), middle = (taken.from + taken.to) / 2;
  const most = (room) => Math.max(0, Math.floor(room / LETTERS)), last = HIGH - 8, first = LETTERS;
  const above = Math.max(order.length - most(last + LETTERS - taken.to), Math.min(order.filter(({ y }) => y < middle).length, most(taken.from + LETTERS - first)));
  stack(order.slice(0, above), first, taken.from);
  stack(order.slice(above), taken.to, last);
  /** @type {Point[]} */
  const found = [];
  let column = 0;
  order.forEach(({ y, i }, n) => {
    if (n === 0 || y - order[n - 1].y > CLOSE) {
      const behind = order.findIndex((one, m) => m > n && one.y - order[m - 1].y > CLOSE);
      column = Math.max(...order.slice(n, behind < 0 ? undefined : behind).map((one) => wanted[one.i][0]));
    }
    found[i] = [column, y];
  });
  return found;
};

// Baselines, from the uppermost on, get a line's distance, and lie between two heights as far as there is room.
/** @type {(lines: {y: number}[], from: number, to: number) => void} */
const stack = (lines, from, to) => {
  let least = from, most = to;
  for (const line of lines) least = (line.y = Math.max(line.y, least)) + LETTERS;
  for (const line of [...lines].reverse()) most = (line.y = Math.min(line.y, most)) - LETTERS;
};

/** @param {{moved: Moved[], plane: {h: Point, h_after: Point, u: Point[], u_after: Point[]}, reads: string, words: Record<string, string>}} data */
export const pairPlane = ({ moved, plane, reads, words }) => {
  const { h, h_after: hAfter, u, u_after: uAfter } = plane, all = [[0, 0], h, hAfter, ...u, ...uAfter];
  const [low, high] = [Math.min, Math.max].map((most) => [0, 1].map((axis) => most(...all.map((p) => p[axis]))));
  const scale = Math.min((WIDE - 2 * ROOM - 60) / Math.max(high[0] - low[0], 1e-9), (HIGH - 2 * ROOM) / Math.max(high[1] - low[1], 1e-9));
  const [cx, cy] = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  /** @type {(p: number[]) => Point} */
  const at = ([x, y]) => [WIDE / 2 - 20 + (x - cx) * scale, HIGH / 2 - (y - cy) * scale];
  const zero = at([0, 0]);
  const picture = svg("svg", { class: "plane", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": words.plane });
  picture.append(
    svg("rect", { class: "yes", x: zero[0], y: 0, width: WIDE - zero[0], height: HIGH }),
    svg("line", { class: "half", x1: zero[0], y1: 0, x2: zero[0], y2: HIGH }),
    svg("text", { class: "side", x: zero[0] + 6, y: HIGH - 8 }, words.yes),
    svg("text", { class: "side", x: zero[0] - 6, y: HIGH - 8, "text-anchor": "end" }, words.no),
    arrow(zero, at(h), "read"), arrow(at(h), at(hAfter), "read moved"),
  );
  const [hx, hy] = at(h), above = Math.min(zero[1], hy) - 8; // the baseline of the word that is read
  const taken = { from: above - LETTERS, to: Math.max(zero[1], hy) + LETTERS };
  const labels = spread(u.map((p, i) => [Math.max(at(p)[0], at(uAfter[i])[0]) + 10, at(p)[1] + 4]), taken);
  moved.forEach((word, i) => {
    const from = at(u[i]), to = at(uAfter[i]), tone = word.near ? "near" : "noise";
    const [right, down] = labels[i];
    picture.append(svg("line", { class: "lead", x1: from[0], y1: from[1], x2: right - 2, y2: down - 4 }), svg("circle", { class: tone, cx: from[0], cy: from[1], r: 4 }), arrow(from, to, tone), svg("text", { class: tone, x: right, y: down }, word.text));
  });
  picture.append(svg("text", { class: "read", x: (zero[0] + hx) / 2, y: above, "text-anchor": "middle" }, reads));
  const place = make("div", "plane-place");
  place.append(picture);
  return place;
};
