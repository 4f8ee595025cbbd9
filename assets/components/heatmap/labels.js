// Where the parts of a heatmap lie, and the words and numbers around and in its cells.
import { make, penOf } from "../shared/draw/dom.js";
import { inkOn } from "../shared/draw/colours.js";
import { clamp, decimals, short } from "../shared/draw/numbers.js";
import { svg } from "../shared/draw/svg.js";

const CELL = 34, TALLEST = 600, FONT = 14, SMALL = 13; // pixels: of a row, of all rows, of labels, of numbers beside
const SHORT = 210; // pixels of all rows that have something around them
const SCREEN = 345; // pixels of all rows of maps that stand below each other on one screen
const WIDE = 56, LOW = 20; // pixels of a square cell at most, and of a row of them at least
const NARROWEST = 30, ROOM = 18; // pixels of a cell that has room for its number, of one that has for a cross
const AIR = 1, LINES = 22; // pixels between labels, across their direction; of a line of labels, with its air
const BARS = 64; // pixels of the bars beside the rows, with the gap before them
const LONGEST = 0.4, HIGHEST = 130; // of the width, for labels of rows; pixels, for those of columns

const KNOWN = 8192; // lengths that are kept

const COLOURS = { i: "special", m: "muted", s: "source", t: "target" }; // of a run of a label; b is bold, i italic, too

/** @typedef {import("./view.js").HeatmapView} View */
/** @typedef {import("./view.js").Label} Label */

/** @type {(runs: Label) => string} */
export const plainText = (runs) => runs.map(([text]) => text).join("");

const ruler = penOf(make("canvas"));
/** @type {Map<string, number>} */
const known = new Map();
document.fonts.addEventListener("loadingdone", () => known.clear());
// What stands at several places, or is drawn again, is measured once: there may be a thousand labels.
const lengths = (view, labels, size) => {
  if (known.size > KNOWN) known.clear();
  return labels.map((label) => {
    const weight = label.some(([, style]) => style.includes("b")) ? 700 : 400, text = plainText(label);
    const font = `${weight} ${size}px ${view.font}`, key = `${font} ${text}`;
    if (!known.has(key)) {
      ruler.font = font;
      known.set(key, ruler.measureText(text).width);
    }
    return known.get(key);
  });
};

/** A position and its word, `3 cat`, as the number and the rest; null where a label says anything else. */
/** @type {(label: Label) => [string, Label] | null} */
export const inTwo = ([first, ...rest]) => {
  const found = first && /^(\d+) (.*)$/.exec(first[0]);
  return found ? [found[1], /** @type {Label} */ (found[2] ? [[found[2], first[1]], ...rest] : rest)] : null;
};
/** @type {(pitch: number, size: number) => number} every which of the standing labels has room */
const stepOf = (pitch, size) => Math.max(1, Math.ceil((size + AIR) / pitch));

// How the labels of columns are written: in one line, the word below its position, or standing, whichever fits first.
// Of those that stand only as many are named as have room.
const columnStyle = (view, labels, size, pitch) => {
  const widest = (all) => Math.max(0, ...lengths(view, all, size));
  if (widest(labels) + 8 <= pitch) return { style: "line", room: LINES };
  const parts = labels.map(inTwo);
  if (parts.every(Boolean) && widest(parts.map(([, word]) => word)) + 4 <= pitch) return { style: "two lines", room: 2 * LINES - 4 };
  const step = stepOf(pitch, size);
  return { style: "standing", room: Math.min(widest(labels.filter((_, i) => i % step === 0)), HIGHEST) + 10 };
};

// Columns with labels have them above, and the title of all below; others are numbered below.
export const layOut = (view) => {
  const { map: data, width, seen } = view;
  const [nth, all] = data.stacked ?? [1, 1];
  const size = width < 420 || all > 1 ? SMALL : FONT;
  const rowLengths = lengths(view, [...data.row_labels, ...(data.beside ?? [])], size);
  const margins = data.around?.(width) ?? { left: 0, top: 0 };
  const left = margins.left + (titled(data) ? 22 : 2) + Math.min(Math.max(0, ...rowLengths) + 8, width * LONGEST);
  const right = data.totals ? BARS + 6 + Math.max(34, ...lengths(view, data.totals.texts.map((said) => [[said, ""]]), SMALL)) : data.bar ? 58 : 10;
  const across = Math.max(40, width - left - right);
  const pitch = data.square ? Math.min(WIDE, across / (seen.x[1] - seen.x[0])) : across / (seen.x[1] - seen.x[0]);
  const labelled = data.column_labels.some((label) => plainText(label));
  const { style, room } = columnStyle(view, data.column_labels, size, pitch);
  const top = margins.top + (labelled ? room : 4);
  const tall = data.around ? clamp(SHORT / data.rows, LOW, CELL) : all > 1 ? clamp(SCREEN / (all * data.rows), size + AIR, CELL) : CELL;
  const n = seen.y[1] - seen.y[0], high = data.square ? Math.min(TALLEST, n * Math.max(LOW, pitch)) : Math.min(TALLEST, tall * data.rows);
  const below = nth < all ? 2 : (labelled ? 8 : 22) + (data.column_title ? 20 : 0);
  return { size, style, margins, box: { left, top, width: data.square ? pitch * (seen.x[1] - seen.x[0]) : across, height: high }, height: top + high + below };
};

// Maps that stand below each other are too low for what is written along their rows; what they share stands below the last.
const titled = ({ row_title, stacked }) => row_title && !stacked;
const isLast = ({ stacked }) => !stacked || stacked[0] === stacked[1];

export const labels = (view) => {
  const { map: data, box, colour, font } = view;
  const text = (x, y, content, more = {}) => svg("text", { x: x.toFixed(1), y: y.toFixed(1), "font-size": view.size, "font-family": font, fill: colour("text"), ...more }, ...content);
  const titles = { fill: colour("muted"), "text-anchor": "middle" };
  const found = [];
  const last = isLast(data);
  if (data.column_title && last) found.push(text(box.left + box.width / 2, view.height - 6, [data.column_title], titles));
  if (titled(data)) {
    const middle = Math.max(box.top + box.height / 2, 60);
    found.push(text(14, middle, [data.row_title], { ...titles, transform: `rotate(-90 14 ${middle.toFixed(1)})` }));
  }
  found.push(...rowLabels(view, text), ...columnLabels(view, text), ...inCells(view, text));
  if (data.totals) found.push(...totalBars(view, text));
  else if (data.bar) found.push(...colourBar(view, text));
  return found;
};

const inked = (view, style) => {
  const [letter] = [...style].filter((one) => COLOURS[one]);
  return letter ? { fill: view.colour(COLOURS[letter]) } : {};
};
const runs = (view, label) => label.map(([words, style]) => svg("tspan", {
  ...(style.includes("b") ? { "font-weight": 700 } : {}), ...(style.includes("i") ? { "font-style": "italic" } : {}), ...inked(view, style),
}, words));

// A label that is longer than its room loses its end.
const cut = (view, label, room) => {
  const whole = lengths(view, [label], view.size)[0];
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

const rowLabels = (view, text) => {
  const { map: data, box, margins, seen, size } = view;
  const right = box.left - margins.left, room = right - (titled(data) ? 24 : 4) - 4;
  return shownOf(seen.y, every(seen.y, box.height, size + AIR)).filter((i) => plainText(data.row_labels[i] ?? [])).map((i) =>
    text(right - 7, box.top + view.at({ row: i, column: 0 })[1] + size * 0.36, runs(view, cut(view, data.row_labels[i], room)), { "text-anchor": "end", "data-row": i }));
};

const columnLabels = (view, text) => {
  const { map: data, box, margins, seen, style, size } = view;
  const x = (i) => box.left + view.at({ row: 0, column: i })[0];
  if (!data.column_labels.some((label) => plainText(label))) {
    if (data.columns === 1 || !isLast(data)) return [];
    const least = every(seen.x, box.width, 34), step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((nice) => nice >= least) ?? least;
    return shownOf(seen.x, step).map((i) => text(x(i), box.top + box.height + 17, [String(i)], { "text-anchor": "middle", "data-column": i }));
  }
  const step = style === "standing" ? stepOf(box.width / (seen.x[1] - seen.x[0]), size) : 1, bottom = box.top - margins.top - 7;
  return shownOf(seen.x, step).map((i) => {
    const lying = { "text-anchor": "middle", "data-column": i };
    const two = style === "two lines" ? inTwo(data.column_labels[i]) : null;
    if (two) return svg("g", { "data-column": i }, text(x(i), bottom - LINES + 4, [`${two[0]} `], { "text-anchor": "middle", "font-size": SMALL, fill: view.colour("muted") }), text(x(i), bottom, runs(view, two[1]), { "text-anchor": "middle" }));
    if (style === "line") return text(x(i), bottom, runs(view, data.column_labels[i]), lying);
    const place = [x(i) + size * 0.36, bottom];
    return text(...place, runs(view, cut(view, data.column_labels[i], HIGHEST)), { transform: `rotate(-90 ${place.map((c) => c.toFixed(1)).join(" ")})`, "data-column": i });
  });
};

const roomOf = ({ box, seen }) => [box.width / (seen.x[1] - seen.x[0]), box.height / (seen.y[1] - seen.y[0])];
export const numbered = (view) => {
  const [wide, tall] = roomOf(view);
  return (view.map.texts || view.map.digits !== null) && wide >= NARROWEST && tall >= ROOM;
};

const inCells = (view, text) => {
  const { map: data, box, seen } = view, { values } = data;
  const [wide, tall] = roomOf(view), numbers = numbered(view), crosses = data.crosses && wide >= ROOM && tall >= ROOM;
  const found = [];
  for (const row of numbers || crosses ? shownOf(seen.y, 1) : []) for (const column of shownOf(seen.x, 1)) {
    const value = values[row * data.columns + column], blocked = value === Infinity;
    if (Number.isNaN(value) || (blocked ? !crosses : !numbers)) continue;
    const [x, y] = view.at({ row, column });
    const fill = blocked ? view.colour("muted") : inkOn(view.inks, view.pixels.tone((value - data.low) / (data.high - data.low))).colour;
    found.push(text(box.left + x, box.top + y + 4.5, [blocked ? "×" : data.texts ? data.texts[row][column] : decimals(value, data.digits)], { "text-anchor": "middle", "font-size": 13, fill, class: blocked ? "cross" : "number" }));
  }
  return found;
};

const colourBar = (view, text) => {
  const { map: data, box } = view;
  const left = box.left + box.width + 12, tall = Math.min(box.height, 320), top = box.top + (box.height - tall) / 2;
  const stops = data.scale.map(([at, hex]) => svg("stop", { offset: at, "stop-color": hex }));
  const id = `bar${data.low}_${data.high}`;
  const [most, least] = data.cut ? ["≥ ", "≤ "] : ["", ""]; // what lies beyond the ends has their colours
  const marks = /** @type {[number, number, string][]} */ ([[data.high, 0, most], [(data.low + data.high) / 2, 0.5, ""], [data.low, 1, least]]);
  return [
    svg("linearGradient", { id, x1: 0, y1: 1, x2: 0, y2: 0 }, ...stops),
    svg("rect", { x: left, y: top, width: 10, height: tall, fill: `url(#${id})` }),
    ...marks.map(([value, share, beyond]) => text(left + 14, top + tall * share + 4, [`${beyond}${short(value)}`], { "font-size": SMALL })),
  ];
};

// A bar per row, from 0 to 1: its total; of another run, where two are compared, an outline.
const totalBars = (view, text) => {
  const { map: { totals }, box, seen, colour } = view;
  const left = box.left + box.width + 12, wide = BARS - 12, tall = box.height / (seen.y[1] - seen.y[0]);
  const shown = shownOf(seen.y, 1), told = tall >= view.size + AIR;
  const outline = (i, y) => svg("rect", { x: left, y: y - tall * 0.35, width: Math.max(1, wide * totals.before[i]), height: tall * 0.7, fill: "none", stroke: colour("text"), "stroke-width": 1.5, class: "before" });
  return [
    text(left, box.top - 8, [totals.title], { "font-size": SMALL, fill: colour("muted") }),
    ...shown.flatMap((i) => {
      const y = box.top + view.at({ row: i, column: 0 })[1];
      const bar = svg("rect", { x: left, y: y - tall * 0.35, width: Math.max(1, wide * totals.shares[i]), height: tall * 0.7, fill: colour("muted") });
      const parts = totals.before ? [bar, outline(i, y)] : [bar];
      return told ? [...parts, text(left + wide + 6, y + 4, [totals.texts[i]], { "font-size": SMALL, class: "total" })] : parts;
    }),
  ];
};
