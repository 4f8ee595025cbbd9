// The map's ribbons: one per word from piece to piece, and from the encoder's output to whoever reads it. Where there is
// something to say, the width of a ribbon is a share; the others are thin, and only lead on.
import { fill, isolated } from "../shared/draw/dom.js";
import { decimals, percent } from "../shared/draw/numbers.js";
import { wordName } from "../shared/input/pointing.js";
import { svg } from "../shared/draw/svg.js";
import { fadeEdge } from "./fit.js";

export const LINE = 14; // pixels of a share of 1: equal shares look equal, wherever on the map, as in the player
const CALM = 1.2, THINNEST = 0.5; // pixels: of a ribbon that says nothing, and of the smallest share
const LOW = 22; // pixels above the lane that reads: below the name of that lane
const APART = 6; // pixels: there the way to K passes above the way to V
const TURN = 5; // pixels in which a line turns into its row
export const BESIDE = 3; // pixels between a piece and what runs down beside it
const FAN = 0.28; // of a row: Q above, K in the middle, V below
const FANNED = { q: -FAN, k: 0, v: FAN };

/** @typedef {{list: string, kind: "looked" | "added", shares: number[] | null}} Said of a flow: whose rows it joins, and what the widths are */

export function drawRibbons(shown) {
  const { map, svg: drawing, flows, memory } = shown;
  if (!map?.isConnected) return;
  for (const side of ["width", "height"]) drawing.setAttribute(side, "0"); // else the last drawing keeps the map wide
  const frame = map.getBoundingClientRect();
  const left = map.scrollLeft;
  const box = (element) => { const b = element.getBoundingClientRect(); return { left: b.left - frame.left + left, right: b.right - frame.left + left, top: b.top - frame.top, bottom: b.bottom - frame.top }; };
  fadeEdge(map);
  map.onscroll = () => fadeEdge(map);
  drawing.setAttribute("width", String(map.scrollWidth));
  drawing.setAttribute("height", String(map.scrollHeight));
  const paths = []; // put in at the end: measuring a page that has changed lays it out again
  for (const flow of flows) {
    if (flow.tone === "none") continue;
    const to = box(flow.to);
    const ways = flow.from !== "memory" ? fromPiece(flow, box(flow.from), to, flow.bend ? box(flow.bend).left : to.left)
      : flow.rows ? fromMemory(flow, box(memory), to, box(flow.to.closest(".lane")).top, shown)
      : [intoFolded(box(memory), to, box(flow.to.closest(".layer")).top, box(flow.to.closest(".lane")).top)];
    ways.forEach((way, row) => paths.push(ribbon(shown, flow, row, way)));
  }
  drawing.replaceChildren(...paths);
  shown.light();
}

/** Pixels of a share; of a difference, on the scale of the colours. */
const pixels = ({ data, unit }, share) => LINE * unit * Math.min(1, Math.abs(share) / data.full);

function ribbon(shown, { tone, said, from }, row, way) {
  const share = said.shares?.[row];
  const path = svg("path", { d: way, fill: "none", stroke: `var(--gf-${tone})` });
  path.setAttribute("stroke-width", String(share === undefined ? CALM : Math.max(pixels(shown, share), THINNEST)));
  if (from === "memory" && share === undefined) return path; // of no word
  path.dataset.word = wordName(said.list, row);
  if (share !== undefined) Object.assign(path.dataset, { share, said: tell(shown.data, said, row) });
  return path;
}

// From the middle of a row to the middle of the next one; into Q, K and V beside each other, before the first of them.
function fromPiece({ rows, tone }, start, end, bend) {
  const half = (start.right + bend) / 2, tall = (end.bottom - end.top) / rows, high = (start.bottom - start.top) / rows;
  return Array.from({ length: rows }, (_, row) => {
    const y1 = start.top + (row + 0.5) * high, y2 = end.top + (row + 0.5 + (FANNED[tone] ?? 0)) * tall;
    return `M${start.right},${y1} C${half},${y1} ${half},${y2} ${bend},${y2} L${end.left},${y2}`;
  });
}

// Side by side, the first word at the right, down into the gap before a piece; there one after the other leaves for its row.
function fromMemory({ rows, tone, said }, start, end, top, shown) {
  const room = LINE * shown.unit, widths = said.shares.map((share) => pixels(shown, share));
  const all = widths.reduce((sum, width) => sum + width, 0), squeezed = Math.min(1, room / (all || 1));
  const side = tone === "k" ? 1 : 3, begin = start.left + (side / 4) * (start.right - start.left) + (all * squeezed) / 2;
  const level = top - LOW + (tone === "k" ? -APART : APART), tall = (end.bottom - end.top) / rows;
  const leftwards = end.left < start.left;
  let gone = 0;
  return widths.map((width, row) => {
    const off = (gone + width / 2) * squeezed;
    gone += width;
    const x1 = begin - off, x2 = end.left - BESIDE - off, y2 = end.top + (row + 0.5) * tall;
    const over = level + (leftwards ? room / 2 - off : off - room / 2), turn = Math.min(TURN, end.left - x2);
    return `M${x1},${start.bottom} C${x1},${over + 14} ${x2},${over} ${x2},${top + LOW} V${y2 - turn} Q${x2},${y2} ${x2 + turn},${y2} L${end.left},${y2}`;
  });
}

// Into a folded layer it goes at its frame: the names in it stay free.
function intoFolded(start, end, frame, top) {
  const x1 = (start.left + start.right) / 2, x2 = (end.left + end.right) / 2;
  return `M${x1},${start.bottom} C${x1},${top - LOW + 14} ${x2},${top - LOW} ${x2},${frame}`;
}

/** What a share says in words. */
function tell({ words, before, lanes }, { kind, list, shares }, row) {
  const [lane] = Object.values(lanes).filter((one) => one.list === list);
  const word = isolated(lane.words[row].text), share = shares[row];
  const points = `${share > 0 ? "+" : ""}${decimals(100 * share, 1)}`;
  return fill(words[before ? `${kind}_difference` : kind], { word, p: percent(share), points });
}

/** Which word is looked at most, or what the edit changed most, for who cannot see a width. */
export function tellMost({ data }, said) {
  const sizes = said.shares.map(Math.abs);
  return tell(data, said, sizes.indexOf(Math.max(...sizes)));
}
