// Where the parts of a heatmap lie, and the words and numbers around and in its cells.
import { inkOn } from "../shared/colours.js";
import { decimals, short } from "../shared/numbers.js";
import { svg } from "../shared/svg.js";

const CELL = 34, TALLEST = 600, FONT = 14, SMALL = 12; // pixels: of a row, of all rows, of labels, of numbers beside
const NARROWEST = 30, ROOM = 18; // pixels of a cell that has room for its number, of one that has for a cross
const LINE = 15; // pixels of a label across its direction
const BARS = 64; // pixels of the bars beside the rows, with the gap before them
const LONGEST = 0.4, HIGHEST = 130; // of the width, for labels of rows; pixels, for those of columns

export const plainText = (runs) => runs.map(([text]) => text).join("");

const ruler = document.createElement("canvas").getContext("2d");
const lengths = (map, labels, size) => labels.map((label) => {
  ruler.font = `${label.some(([, style]) => style.includes("b")) ? 700 : 400} ${size}px ${map.font}`;
  return ruler.measureText(plainText(label)).width;
});

// Columns with labels have them above, lying where they fit and standing where they do not; others are numbered below.
export const layOut = (map) => {
  const { data, width, seen } = map;
  const size = width < 420 ? SMALL : FONT;
  const rowLengths = lengths(map, data.row_labels, size), columnLengths = lengths(map, data.column_labels, size);
  const left = (data.row_title ? 22 : 2) + Math.min(Math.max(0, ...rowLengths) + 8, width * LONGEST);
  const right = data.totals ? BARS + 6 + Math.max(34, ...lengths(map, data.totals.texts.map((said) => [[said, ""]]), SMALL)) : data.bar ? 58 : 10;
  const across = Math.max(40, width - left - right);
  const longest = Math.max(0, ...columnLengths), lying = longest + 8 <= across / (seen.x[1] - seen.x[0]);
  const labelled = data.column_labels.length > 0;
  const top = labelled ? (data.column_title ? 22 : 4) + (lying ? 22 : Math.min(longest, HIGHEST) + 10) : 8;
  const high = Math.min(TALLEST, CELL * data.rows);
  const below = labelled ? 8 : 22 + (data.column_title ? 22 : 0);
  return { size, lying, box: { left, top, width: across, height: high }, height: top + high + below };
};

export const labels = (map) => {
  const { data, box, colour, font } = map;
  const text = (x, y, content, more = {}) => svg("text", { x: x.toFixed(1), y: y.toFixed(1), "font-size": map.size, "font-family": font, fill: colour("text"), ...more }, ...content);
  const titles = { fill: colour("muted"), "text-anchor": "middle" };
  const found = [];
  if (data.column_title) found.push(text(box.left + box.width / 2, data.column_labels.length ? 14 : map.height - 6, [data.column_title], titles));
  if (data.row_title) {
    const middle = Math.max(box.top + box.height / 2, 60);
    found.push(text(14, middle, [data.row_title], { ...titles, transform: `rotate(-90 14 ${middle.toFixed(1)})` }));
  }
  found.push(...rowLabels(map, text), ...columnLabels(map, text), ...inCells(map, text));
  if (data.totals) found.push(...bars(map, text));
  else if (data.bar) found.push(...colourBar(map, text));
  return found;
};

const runs = (map, label) => label.map(([words, style]) => svg("tspan", {
  ...(style.includes("b") ? { "font-weight": 700 } : {}), ...(style.includes("i") ? { "font-style": "italic", fill: map.colour("special") } : {}),
}, words));

// A label that is longer than its room loses its end.
const cut = (map, label, room) => {
  const whole = lengths(map, [label], map.size)[0];
  if (whole <= room) return label;
  let left = Math.max(1, Math.floor((plainText(label).length * room) / whole) - 1);
  return label.flatMap(([words, style]) => {
    const kept = words.slice(0, left);
    left -= kept.length;
    return kept ? [[kept.length < words.length || !left ? `${kept}…` : kept, style]] : [];
  });
};

const every = ([from, to], room, line) => Math.max(1, Math.ceil((line * (to - from)) / room));
const shownOf = ([from, to], step) => {
  const found = [];
  for (let i = Math.ceil(from - 0.5); i + 0.5 <= to; i++) if (i % step === 0) found.push(i);
  return found;
};

const rowLabels = (map, text) => {
  const { data, box, seen, size } = map;
  const room = box.left - (data.row_title ? 24 : 4) - 4;
  return shownOf(seen.y, every(seen.y, box.height, LINE)).filter((i) => plainText(data.row_labels[i] ?? [])).map((i) =>
    text(box.left - 7, box.top + map.at(i, 0)[1] + size * 0.36, runs(map, cut(map, data.row_labels[i], room)), { "text-anchor": "end", "data-row": i }));
};

const columnLabels = (map, text) => {
  const { data, box, seen, lying, size } = map;
  const x = (i) => box.left + map.at(0, i)[0];
  if (!data.column_labels.length) {
    const least = every(seen.x, box.width, 34), step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((nice) => nice >= least) ?? least;
    return shownOf(seen.x, step).map((i) => text(x(i), box.top + box.height + 17, [String(i)], { "text-anchor": "middle", "data-column": i }));
  }
  const step = lying ? 1 : every(seen.x, box.width, LINE), bottom = box.top - 7;
  return shownOf(seen.x, step).map((i) => {
    if (lying) return text(x(i), bottom, runs(map, data.column_labels[i]), { "text-anchor": "middle", "data-column": i });
    const place = [x(i) + size * 0.36, bottom];
    return text(...place, runs(map, cut(map, data.column_labels[i], HIGHEST)), { transform: `rotate(-90 ${place.map((c) => c.toFixed(1)).join(" ")})`, "data-column": i });
  });
};

const roomOf = ({ box, seen }) => [box.width / (seen.x[1] - seen.x[0]), box.height / (seen.y[1] - seen.y[0])];
export const numbered = (map) => {
  const [wide, tall] = roomOf(map);
  return (map.data.texts || map.data.digits !== null) && wide >= NARROWEST && tall >= ROOM;
};

const inCells = (map, text) => {
  const { data, box, seen, values } = map;
  const [wide, tall] = roomOf(map), numbers = numbered(map), crosses = data.crosses && wide >= ROOM && tall >= ROOM;
  const found = [];
  for (const row of numbers || crosses ? shownOf(seen.y, 1) : []) for (const column of shownOf(seen.x, 1)) {
    const value = values[row * data.columns + column], blocked = value === Infinity;
    if (Number.isNaN(value) || (blocked ? !crosses : !numbers)) continue;
    const [x, y] = map.at(row, column);
    const fill = blocked ? map.colour("muted") : inkOn(map.inks, map.tone((value - data.low) / (data.high - data.low))).colour;
    found.push(text(box.left + x, box.top + y + 4.5, [blocked ? "×" : data.texts ? data.texts[row][column] : decimals(value, data.digits)], { "text-anchor": "middle", "font-size": 13, fill, class: blocked ? "cross" : "number" }));
  }
  return found;
};

const colourBar = (map, text) => {
  const { data, box } = map;
  const left = box.left + box.width + 12, tall = Math.min(box.height, 320), top = box.top + (box.height - tall) / 2;
  const stops = data.scale.map(([at, hex]) => svg("stop", { offset: at, "stop-color": hex }));
  const id = `bar${data.low}_${data.high}`;
  const marks = [[data.high, 0], [(data.low + data.high) / 2, 0.5], [data.low, 1]];
  return [
    svg("linearGradient", { id, x1: 0, y1: 1, x2: 0, y2: 0 }, ...stops),
    svg("rect", { x: left, y: top, width: 10, height: tall, fill: `url(#${id})` }),
    ...marks.map(([value, share]) => text(left + 14, top + tall * share + 4, [short(value)], { "font-size": SMALL })),
  ];
};

// A bar per row, from 0 to 1: its total; of another run, where two are compared, an outline.
const bars = (map, text) => {
  const { data: { totals }, box, seen, colour } = map;
  const left = box.left + box.width + 12, wide = BARS - 12, tall = box.height / (seen.y[1] - seen.y[0]);
  const shown = shownOf(seen.y, 1), told = tall >= LINE;
  const outline = (i, y) => svg("rect", { x: left, y: y - tall * 0.35, width: Math.max(1, wide * totals.before[i]), height: tall * 0.7, fill: "none", stroke: colour("text"), "stroke-width": 1.5, class: "before" });
  return [
    text(left, box.top - 8, [totals.title], { "font-size": SMALL, fill: colour("muted") }),
    ...shown.flatMap((i) => {
      const y = box.top + map.at(i, 0)[1];
      const bar = svg("rect", { x: left, y: y - tall * 0.35, width: Math.max(1, wide * totals.shares[i]), height: tall * 0.7, fill: colour("muted") });
      const parts = totals.before ? [bar, outline(i, y)] : [bar];
      return told ? [...parts, text(left + wide + 6, y + 4, [totals.texts[i]], { "font-size": SMALL, class: "total" })] : parts;
    }),
  ];
};
