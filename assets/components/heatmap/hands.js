// What mouse, finger and keyboard do with a heatmap: the same on every page. Pointing tells, a click or Enter chooses; a
// drag over cells crops, and moves what is cropped already; the wheel with Ctrl, or + and -, zoom; 0 shows everything.
import { ARROWS, taken, withModifier, ZOOMS } from "../shared/input/keys.js";
import { clamp } from "../shared/draw/numbers.js";

const CLOSE = 0.8; // of what is shown, after a step of the zoom
const FACTORS = { in: CLOSE, out: 1 / CLOSE, all: Infinity };
const SLACK = 4; // pixels that a hand may shake in a click

/** @typedef {import("./view.js").HeatmapView} View */
/** @typedef {import("./view.js").Cell} Cell */

/** @param {View} view */
export const listenTo = (view) => {
  const { area } = view;
  /** @type {{at: number[], from: Cell, seen: View["seen"], moved: boolean, finger: boolean} | null} */
  let pressed = null;
  /** @type {Cell | null} */
  let tapped = null;
  const here = ({ clientX, clientY }) => {
    const { left, top } = area.getBoundingClientRect();
    return [(clientX - left) / view.unit, (clientY - top) / view.unit];
  };
  area.onpointerdown = (event) => {
    const at = here(event);
    pressed = { at, from: view.cell(at[0], at[1]), seen: structuredClone(view.seen), moved: false, finger: event.pointerType === "touch" };
  };
  area.onpointermove = (event) => {
    const [x, y] = here(event), cell = view.cell(x, y);
    if (pressed && event.buttons && !pressed.finger && (pressed.moved || Math.hypot(x - pressed.at[0], y - pressed.at[1]) > SLACK)) {
      if (view.zoomed) return pan(view, pressed, x, y);
      view.span = same(pressed.from, cell) ? null : [pressed.from, cell];
      pressed.moved ||= view.span !== null;
      if (view.span) area.setPointerCapture(event.pointerId);
      view.frame();
      if (pressed.moved) return;
    }
    view.point(cell);
  };
  area.onpointerup = () => {
    const { span } = view;
    view.span = null;
    if (span) crop(view, ...span);
  };
  // A finger leaves with every tap: what it tapped stays told, and a second tap on it goes where the first would lead away.
  area.onpointerleave = () => {
    if (pressed?.finger || view.span) return;
    pressed = null;
    view.point(null);
  };
  area.onclick = (event) => {
    const [x, y] = here(event), cell = view.cell(x, y), known = same(tapped, cell);
    tapped = pressed?.finger ? cell : null;
    if (pressed?.finger) view.point(cell);
    if (!pressed?.moved && (known || !pressed?.finger || !view.act.twice?.())) view.choose(cell);
    pressed = null;
  };
  area.ondblclick = () => { if (view.zoomed) showAll(view); };
  area.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const [x, y] = here(event);
    zoom(view, event.deltaY < 0 ? CLOSE : 1 / CLOSE, x / view.box.width, y / view.box.height);
  }, { passive: false });
  area.onfocus = () => view.tabulate();
  area.onblur = () => { view.cursor = tapped = null; view.point(null); view.frame(); };
  area.onkeydown = (event) => {
    if (withModifier(event)) return;
    const step = ARROWS[event.key], closer = ZOOMS[event.key];
    const known = view.cursor ?? view.marked, from = known ?? view.selected ?? { row: 0, column: 0 };
    if (step) move(view, known ? { row: from.row + step[0], column: from.column + step[1] } : from);
    else if (closer) zoomBy(view, closer);
    else if (event.key === "Enter" || event.key === " ") view.choose(from);
    else return;
    taken(event);
  };
};

/** @type {(one: Cell | null, other: Cell) => boolean} */
const same = (one, other) => one?.row === other.row && one.column === other.column;

// The keyboard's own cell; what lies outside of what is shown comes into it.
const move = (view, { row, column }) => {
  view.cursor = { row: clamp(row, 0, view.map.rows - 1), column: clamp(column, 0, view.map.columns - 1) };
  const over = ([from, to], i) => (i < from ? i - from : i + 1 > to ? i + 1 - to : 0);
  const [right, down] = [over(view.seen.x, view.cursor.column), over(view.seen.y, view.cursor.row)];
  if (right || down) slide(view, right, down);
  view.frame();
  view.said.textContent = view.point(view.cursor).join(", ");
};

const pan = (view, pressed, x, y) => {
  const { x: [x0, x1], y: [y0, y1] } = pressed.seen;
  pressed.moved = true;
  view.seen = pressed.seen;
  slide(view, ((pressed.at[0] - x) / view.box.width) * (x1 - x0), ((pressed.at[1] - y) / view.box.height) * (y1 - y0));
};

const slide = (view, right, down) => {
  const moved = ([from, to], by, most) => {
    const start = clamp(from + by, 0, most - (to - from));
    return [start, start + to - from];
  };
  view.seen = { x: moved(view.seen.x, right, view.map.columns), y: moved(view.seen.y, down, view.map.rows) };
  view.draw();
};

// Both axes come closer around a place, given as shares of what is shown; at least a cell stays in sight.
const zoom = (view, factor, x, y) => {
  const closer = ([from, to], share, most) => {
    const length = clamp((to - from) * factor, Math.min(most, 1), most);
    const start = clamp(from + (to - from) * share - length * share, 0, most - length);
    return [start, start + length];
  };
  view.seen = { x: closer(view.seen.x, x, view.map.columns), y: closer(view.seen.y, y, view.map.rows) };
  view.point(null);
  view.draw();
};

/** @type {(view: View, first: Cell, last: Cell) => void} */
const crop = (view, first, last) => {
  const range = (a, b) => /** @type {[number, number]} */ ([Math.min(a, b), Math.max(a, b) + 1]);
  view.seen = { x: range(first.column, last.column), y: range(first.row, last.row) };
  view.point(null);
  view.draw();
};

/**
 * A step of the zoom around the cell where the keys, or the mouse, were last.
 *
 * @type {(view: View, how: "in" | "out" | "all") => void}
 */
export const zoomBy = (view, how) => {
  const { cursor, marked, selected, box } = view, [x, y] = view.at(cursor ?? marked ?? selected ?? { row: 0, column: 0 });
  zoom(view, FACTORS[how], clamp(x / box.width, 0, 1), clamp(y / box.height, 0, 1));
};

/** @type {(view: View) => void} */
export const showAll = (view) => { view.whole(); view.draw(); };
