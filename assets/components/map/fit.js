// How wide the pieces of the map are, so that it fits: a lane's matrices give way, at last those of a crowd of folded layers.
export const WIDEST = 230, NARROWEST = 54; // pixels of a matrix; a tall one may be half as wide as it is tall
export const SLIVER = 20; // pixels of a matrix in a crowd of folded layers
const THINNEST = 10; // and where there is no more room
const NAMED = 66; // pixels of an open one among them, whose name in two lines does not reach its neighbour's
const ROOM = 900; // pixels from which the whole map is to fit
const CORNER = 300, CORNER_GAP = 44; // pixels that the words of the first visit need beside a lane, and what lies between
const LABEL = 118; // pixels from which a matrix has room for its name in one line, and for what it shows below

/** @param {string} name @returns {string} a name of two lines in one */
export const level = (name) => name.replace(/-\n/g, "-").replace(/(?<=\p{sc=Han})\n(?=[\p{sc=Han}＋])/gu, "").replace(/\n/g, " ");

export function fitMap(shown) {
  if (!shown.map.isConnected) return;
  fitLanes(shown);
  placeFront(shown);
}

// On a wide screen everything fits, to the last word. A phone scrolls along the lanes.
function fitLanes({ root, map, unit }) {
  const { paddingLeft, paddingRight } = getComputedStyle(map);
  const room = map.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  for (const lane of /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll(".lane"))) {
    const matrices = [.../** @type {NodeListOf<HTMLElement>} */ (lane.querySelectorAll(".wide canvas"))].map((canvas) => ({ canvas, width: Number(canvas.dataset.width) }));
    const slivers = [.../** @type {NodeListOf<HTMLElement>} */ (lane.querySelectorAll(".crowded canvas"))];
    for (const { canvas, width } of matrices) canvas.style.width = `${width}px`;
    for (const sliver of slivers) sliver.style.width = `${SLIVER}px`;
    const roomy = root.clientWidth > ROOM;
    const over = roomy ? lane.offsetWidth - room : 0;
    const saved = (most) => matrices.reduce((sum, { width }) => sum + Math.max(0, width - most), 0);
    let most = roomy ? Math.max(WIDEST, ...matrices.map(({ width }) => width)) : WIDEST;
    while (most > (slivers.length ? NAMED * unit : NARROWEST) && saved(most) < over) most--;
    const thinner = Math.max(0, over - saved(most)) / slivers.length;
    for (const sliver of slivers) sliver.style.width = `${Math.max(THINNEST, SLIVER - thinner)}px`;
    for (const { canvas, width } of matrices) {
      canvas.style.width = `${Math.min(width, most)}px`;
      const roomy = Math.min(width, most) >= LABEL * unit, label = /** @type {HTMLElement} */ (canvas.closest(".piece")?.firstElementChild), title = String(label.dataset.title);
      /** @type {ChildNode} */ (label.firstChild).textContent = roomy ? level(title) : title;
      /** @type {HTMLElement} */ (label.lastElementChild).hidden = !roomy;
    }
  }
}

// What this is stands beside a first lane that leaves room, else below the map.
function placeFront({ root, map, front, sides }) {
  const first = /** @type {HTMLElement} */ (map.querySelector(".lane")), last = /** @type {HTMLElement} */ (first.lastElementChild);
  const from = last.offsetLeft + last.offsetWidth + CORNER_GAP, room = root.clientWidth - from;
  const beside = sides.length > 1 && room >= CORNER && first.offsetWidth <= map.clientWidth;
  front.classList.toggle("beside", beside);
  front.style.left = beside ? `${from}px` : "";
}

/** What is cut at the right fades, until one has scrolled to the end. @param {HTMLElement} map */
export const fadeEdge = (map) => map.classList.toggle("cut", map.scrollLeft + map.clientWidth < map.scrollWidth - 1);
