// What mouse and keyboard do with a heatmap.
import { ARROWS, taken, withModifier, ZOOMS } from "../shared/keys.js";
import { clamp } from "../shared/numbers.js";

const CLOSE = 0.8; // of what is shown, after a step of the zoom
const FACTORS = { in: CLOSE, out: 1 / CLOSE, all: Infinity };

export const listenTo = (map) => {
  const { area } = map;
  let pressed = null;
  const here = ({ clientX, clientY }) => {
    const { left, top } = area.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  area.onpointerdown = (event) => { pressed = { at: here(event), seen: structuredClone(map.seen), moved: false, finger: event.pointerType === "touch" }; };
  area.onpointermove = (event) => {
    const [x, y] = here(event);
    if (pressed && event.buttons && zoomed(map) && (pressed.moved || Math.hypot(x - pressed.at[0], y - pressed.at[1]) > 4)) {
      pressed.moved = true;
      const { width, height } = map.box, { x: [x0, x1], y: [y0, y1] } = pressed.seen;
      map.seen = pressed.seen;
      slide(map, ((pressed.at[0] - x) / width) * (x1 - x0), ((pressed.at[1] - y) / height) * (y1 - y0));
      return;
    }
    map.point(map.cell(x, y));
  };
  // A finger leaves with every tap: what it tapped stays told, and a second tap on it goes where the first would lead away.
  area.onpointerleave = () => { if (pressed?.finger) return; pressed = null; map.point(null); };
  area.onclick = (event) => {
    const cell = map.cell(...here(event)), known = same(map.tapped, cell);
    map.tapped = pressed?.finger ? cell : null;
    if (pressed?.finger) map.point(cell);
    if (!pressed?.moved && (known || !pressed?.finger || !map.data.sends)) map.choose(cell);
    pressed = null;
  };
  area.ondblclick = () => { if (zoomed(map)) { map.all(); map.draw(); } };
  area.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const [x, y] = here(event);
    zoom(map, event.deltaY < 0 ? CLOSE : 1 / CLOSE, x / map.box.width, y / map.box.height);
  }, { passive: false });
  area.onblur = () => { map.cursor = map.tapped = null; map.point(null); map.frame(); };
  area.onkeydown = (event) => {
    if (withModifier(event)) return;
    const step = ARROWS[event.key], closer = FACTORS[ZOOMS[event.key]];
    const known = map.cursor, from = known ?? map.selected ?? { row: 0, column: 0 };
    if (step) move(map, known ? { row: from.row + step[0], column: from.column + step[1] } : from);
    else if (closer) zoom(map, closer, ...map.at(from.row, from.column).map((x, i) => x / (i ? map.box.height : map.box.width)));
    else if (event.key === "Enter" || event.key === " ") map.choose(from);
    else return;
    taken(event);
  };
};

const same = (one, other) => one?.row === other.row && one.column === other.column;

const zoomed = ({ seen: { x, y }, data }) => x[1] - x[0] < data.columns || y[1] - y[0] < data.rows;

// The keyboard's own cell; what lies outside of what is shown comes into it.
const move = (map, { row, column }) => {
  map.cursor = { row: clamp(row, 0, map.data.rows - 1), column: clamp(column, 0, map.data.columns - 1) };
  const over = ([from, to], i) => (i < from ? i - from : i + 1 > to ? i + 1 - to : 0);
  const [right, down] = [over(map.seen.x, map.cursor.column), over(map.seen.y, map.cursor.row)];
  if (right || down) slide(map, right, down);
  map.frame();
  map.said.textContent = map.point(map.cursor).join(", ");
};

const slide = (map, right, down) => {
  const moved = ([from, to], by, most) => {
    const start = clamp(from + by, 0, most - (to - from));
    return [start, start + to - from];
  };
  map.seen = { x: moved(map.seen.x, right, map.data.columns), y: moved(map.seen.y, down, map.data.rows) };
  map.draw();
};

// Both axes come closer around a place, given as shares of what is shown; at least a cell stays in sight.
const zoom = (map, factor, x, y) => {
  const closer = ([from, to], share, most) => {
    const length = clamp((to - from) * factor, Math.min(most, 1), most);
    const start = clamp(from + (to - from) * share - length * share, 0, most - length);
    return [start, start + length];
  };
  map.seen = { x: closer(map.seen.x, x, map.data.columns), y: closer(map.seen.y, y, map.data.rows) };
  map.point(null);
  map.draw();
};
