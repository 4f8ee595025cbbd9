// The player's lines, bars and mask, drawn anew at each step. They find their places in the player, and change nothing else.
const LINE = 14; // pixels of a weight of 1: equal weights look equal, whatever else is shown
const THINNEST = 0.005; // a line of a smaller weight could not be seen

const amongCandidates = ({ candidates, chosen }) => candidates.some(({ id }) => id === chosen.id);

function drawLines({ data, step, stage, svg, sourceChips, targetChips }) {
  if (!data || !svg.isConnected) return;
  const frame = stage.getBoundingClientRect();
  const middle = (chip) => { const box = chip.getBoundingClientRect(); return { x: box.left + box.width / 2 - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top }; };
  const { cross, own } = data.steps[step];
  const now = middle(targetChips[step + 1]);
  const line = (path, weight, kind, colour) => {
    if (weight < THINNEST) return;
    const element = document.createElementNS(SVG, "path");
    element.setAttribute("d", path);
    element.setAttribute("fill", "none");
    element.setAttribute("stroke", `var(--gf-${colour})`);
    element.setAttribute("stroke-width", Math.max(LINE * weight, 0.4));
    element.setAttribute("stroke-opacity", 0.75);
    element.setAttribute("stroke-linecap", "round");
    Object.assign(element.dataset, { weight, kind });
    svg.append(element);
  };
  svg.replaceChildren();
  cross.forEach((weight, i) => {
    const from = middle(sourceChips[i]);
    const half = (from.bottom + now.top) / 2;
    line(`M${from.x},${from.bottom} C${from.x},${half} ${now.x},${half} ${now.x},${now.top}`, weight, "cross", "source");
  });
  own.slice(0, step + 1).forEach((weight, i) => {
    const from = middle(targetChips[i]);
    const deep = Math.max(from.bottom, now.bottom) + Math.min(46, 14 + Math.abs(now.x - from.x) * 0.22);
    line(`M${from.x},${from.bottom} C${from.x},${deep} ${now.x},${deep} ${now.x},${now.bottom}`, weight, "own", "target");
  });
}

function drawBars(player) {
  const { data, step, bars, rows, root } = player;
  const focused = root.getRootNode().activeElement?.closest("button.bar");
  bars.replaceChildren(make("div", "side", data.words.candidates));
  const { candidates, chosen } = data.steps[step];
  const written = { id: chosen.id, word: data.written[step].text, p: chosen.p };
  const shown = amongCandidates(data.steps[step]) ? candidates : [...candidates, written];
  for (const one of shown) bars.append(candidateRow(player, one, one.id === chosen.id));
  // A written word may need a row of its own at some steps; what stands below stays where it is at the others.
  if (shown.length < rows) {
    const empty = make("div", "bar");
    empty.append(make("span", "", "\u00a0"));
    empty.style.visibility = "hidden";
    bars.append(empty);
  }
  bars.append(...pickNotes(player));
  if (focused) bars.querySelector("button.chosen").focus();
}

function drawMask({ data, step, canvas, root }) {
  const n = data.steps.length;
  const size = Math.max(4, Math.min(26, Math.floor(300 / n)));
  const scale = window.devicePixelRatio || 1;
  const style = getComputedStyle(root);
  const colour = (name) => style.getPropertyValue(`--gf-${name}`).trim();
  Object.assign(canvas, { width: n * size * scale, height: n * size * scale });
  canvas.style.width = `${n * size}px`;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  data.steps.forEach(({ mask }, row) => mask.forEach((open, column) => {
    const x = column * size, y = row * size;
    if (row > step) {
      pen.strokeStyle = colour("line");
      pen.strokeRect(x + 1, y + 1, size - 2, size - 2);
      return;
    }
    pen.fillStyle = open ? colour("target") : colour("blocked");
    pen.globalAlpha = open && row < step ? 0.45 : 1;
    pen.fillRect(x + 1, y + 1, size - 2, size - 2);
    pen.globalAlpha = 1;
    if (!open && size >= 8) {
      pen.strokeStyle = colour("muted");
      pen.beginPath();
      pen.moveTo(x + size * 0.35, y + size * 0.35); pen.lineTo(x + size * 0.65, y + size * 0.65);
      pen.moveTo(x + size * 0.65, y + size * 0.35); pen.lineTo(x + size * 0.35, y + size * 0.65);
      pen.stroke();
    }
  }));
  pen.strokeStyle = colour("selected");
  pen.lineWidth = 2;
  pen.strokeRect(1, step * size + 1, n * size - 2, size - 2);
  const open = data.steps[step].mask.filter(Boolean).length;
  canvas.setAttribute("aria-label", fill(data.words.mask_alt, { step, open, n }));
}
