// The map's ribbons: one per word from piece to piece, and from the encoder's output to whoever reads it.
import { svg } from "../shared/draw/svg.js";

const LOW = 22; // pixels above the lane that reads: below the name of that lane
const BESIDE = 3; // pixels: what comes from the encoder runs down in the gap before a piece, and enters each row from there

export function drawRibbons({ map, svg: drawing, flows, memory }) {
  if (!map?.isConnected) return;
  for (const side of ["width", "height"]) drawing.setAttribute(side, "0"); // else the last drawing keeps the map wide
  const frame = map.getBoundingClientRect();
  const left = map.scrollLeft;
  const box = (element) => { const b = element.getBoundingClientRect(); return { left: b.left - frame.left + left, right: b.right - frame.left + left, top: b.top - frame.top, bottom: b.bottom - frame.top }; };
  drawing.setAttribute("width", String(map.scrollWidth));
  drawing.setAttribute("height", String(map.scrollHeight));
  const paths = []; // put in at the end: measuring a page that has changed lays it out again
  for (const { from, to, rows, tone } of flows) {
    if (tone === "none") continue;
    const start = box(from === "memory" ? memory : from), end = box(to);
    const tall = (end.bottom - end.top) / Math.max(rows, 1);
    for (let row = 0; row < Math.max(rows, 1); row++) {
      const path = svg("path");
      const y2 = end.top + (row + 0.5) * tall;
      if (from === "memory") {
        const y1 = start.bottom, x1 = start.left + ((row + 0.5) / Math.max(rows, 1)) * (start.right - start.left);
        const x2 = rows ? end.left : (end.left + end.right) / 2;
        const lane = box(to.closest(".lane")).top - LOW;
        const way = rows ? x2 - BESIDE : x2;
        // Into a folded layer it goes at its frame: the names in it stay free.
        const last = rows ? `${way},${lane + 40} S${way},${y2} ${x2},${y2}` : `${way},${box(to.closest(".layer")).top}`;
        path.setAttribute("d", `M${x1},${y1} C${x1},${lane + 14} ${way},${lane} ${last}`);
        path.setAttribute("stroke-width", String(rows ? 1.6 : 3));
        path.setAttribute("stroke-opacity", String(rows ? 0.45 : 0.3));
      } else {
        const y1 = start.top + (row + 0.5) * ((start.bottom - start.top) / rows);
        const half = (start.right + end.left) / 2;
        path.setAttribute("d", `M${start.right},${y1} C${half},${y1} ${half},${y2} ${end.left},${y2}`);
        path.setAttribute("stroke-width", String(Math.max(2, tall * 0.62)));
        path.setAttribute("stroke-opacity", String(0.17));
      }
      path.setAttribute("fill", "none");
      path.setAttribute("stroke", `var(--gf-${tone === "weights" ? "positive" : tone})`);
      paths.push(path);
    }
  }
  drawing.replaceChildren(...paths);
}
