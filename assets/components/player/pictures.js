// The player's lines, bars and mask, drawn anew at each step. They find their places in the player, and change nothing else.
import { fill, focusIn, penOf } from "../shared/draw/dom.js";
import { svg } from "../shared/draw/svg.js";
import { makeTold } from "../shared/draw/terms.js";
import { candidateRow, pickNotes } from "./run.js";
import { inRows, wayFromBefore, wayFromSource } from "./ways.js";

const LINE = 14; // pixels of a weight of 1: equal weights look equal, whatever else is shown
const THINNEST = 0.005; // a line of a smaller weight could not be seen

const amongCandidates = ({ candidates, chosen }) => candidates.some(({ id }) => id === chosen.id);

// Where the words stand. No step moves them, so they are asked only when something has changed its size: to ask between
// two strokes would make the browser lay the page out again for every line.
export function findPlaces({ stage, sourceChips, targetChips }) {
  const frame = stage.getBoundingClientRect();
  const box = (chip) => { const { left, right, top, bottom } = chip.getBoundingClientRect(); return { left: left - frame.left, right: right - frame.left, top: top - frame.top, bottom: bottom - frame.top }; };
  return { source: inRows(sourceChips.map(box)), target: inRows(targetChips.map(box)) };
}

// One line for each word that can be read; a step only bends them, and shows those that weigh enough.
export function buildLines(player) {
  const lines = (kind, chips) => chips.map(() => svg("path", { "data-kind": kind }));
  player.lines = { cross: lines("cross", player.sourceChips), own: lines("own", player.targetChips) };
  player.svg.append(...player.lines.cross, ...player.lines.own);
}

export function drawLines({ data, step, lines, places }) {
  if (!places) return;
  const { cross, own } = data.steps[step];
  lines.cross.forEach((line, i) => drawLine(line, cross[i], () => wayFromSource(places, i, step + 1)));
  lines.own.forEach((line, i) => drawLine(line, own[i] ?? 0, () => wayFromBefore(places, i, step + 1)));
}

function drawLine(line, weight, path) {
  if (weight < THINNEST) return void line.removeAttribute("d");
  line.setAttribute("d", path());
  line.setAttribute("stroke-width", String(Math.max(LINE * weight, 0.4)));
  line.dataset.weight = weight;
}

// The rows stand from the first step on, as many as any step needs.
export function buildBars(player) {
  const { data, bars } = player;
  const most = Math.max(...data.steps.map((one) => one.candidates.length + !amongCandidates(one)));
  player.rows = Array.from({ length: most }, () => candidateRow(player));
  bars.replaceChildren(makeTold("div", "side", data.words.candidates), ...player.rows.map(({ row }) => row), ...pickNotes(player));
}

export function drawBars({ data, step, rows, bars }) {
  const { candidates, chosen } = data.steps[step];
  const written = { id: chosen.id, word: data.written[step].text, p: chosen.p };
  const shown = amongCandidates(data.steps[step]) ? candidates : [...candidates, written];
  const focused = focusIn(bars)?.closest("button.bar");
  rows.forEach((row, i) => row.show(shown[i], shown[i]?.id === chosen.id));
  if (focused) bars.querySelector("button.chosen").focus();
}

// A row of the mask changes only when the reader steps over it; the others stay as they are drawn.
export function drawMask(player) {
  const { data, step, canvas, colours } = player;
  const n = data.steps.length, scale = window.devicePixelRatio || 1;
  const size = Math.max(4, Math.min(26, Math.floor(300 / n)));
  let [from, to] = [0, n - 1];
  if (canvas.width === Math.floor(n * size * scale) && player.masked !== undefined)
    [from, to] = [Math.min(step, player.masked), Math.max(step, player.masked)];
  else {
    Object.assign(canvas, { width: n * size * scale, height: n * size * scale });
    canvas.style.width = `${n * size}px`;
  }
  player.masked = step;
  const pen = penOf(canvas);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, from * size, n * size, (to - from + 1) * size);
  for (let row = from; row <= to; row++) maskRow(pen, data.steps[row].mask, row, step, size, colours);
  const open = data.steps[step].mask.filter(Boolean).length;
  canvas.setAttribute("aria-label", fill(data.words.mask_alt, { step, open, n }));
}

function maskRow(pen, mask, row, step, size, colours) {
  const y = row * size;
  pen.lineWidth = 1;
  mask.forEach((open, column) => {
    const x = column * size;
    if (row > step) {
      pen.strokeStyle = colours.line;
      pen.strokeRect(x + 1, y + 1, size - 2, size - 2);
      return;
    }
    pen.fillStyle = open ? colours.target : colours.blocked;
    pen.globalAlpha = open && row < step ? 0.45 : 1;
    pen.fillRect(x + 1, y + 1, size - 2, size - 2);
    pen.globalAlpha = 1;
    if (!open && size >= 8) {
      pen.strokeStyle = colours.muted;
      pen.beginPath();
      pen.moveTo(x + size * 0.35, y + size * 0.35); pen.lineTo(x + size * 0.65, y + size * 0.65);
      pen.moveTo(x + size * 0.65, y + size * 0.35); pen.lineTo(x + size * 0.35, y + size * 0.65);
      pen.stroke();
    }
  });
  if (row !== step) return;
  pen.strokeStyle = colours.selected;
  pen.lineWidth = 2;
  pen.strokeRect(1, y + 1, mask.length * size - 2, size - 2);
}
