// The branches of the tree as they are drawn: a word or a dot, and the line that leads to it.
import { svg } from "../shared/draw/svg.js";
import { DOT, START } from "./layout.js";
import { branchLabel } from "./tables.js";

export function edgeTo(beam, node) {
  const from = beam.spot(beam.nodes.get(node.parent ?? START)), to = beam.spot(node);
  const x = from.x + from.width, middle = (x + to.x) / 2;
  const path = svg("path", { d: `M${x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`, class: `edge ${kindOf(beam, node)}` });
  if (node.fate !== "dropped") path.style.strokeWidth = String(1 + 5 * node.p);
  return path;
}

export function branchOf(beam, node) {
  const { x, y, height, name, worded, text } = beam.spot(node);
  const group = svg("g", {
    class: `node ${kindOf(beam, node)}${node.special ? " special" : ""}${worded ? "" : " dot"}`, role: "button", transform: `translate(${x} ${y})`,
    tabindex: node.number === beam.shown ? 0 : -1, "aria-pressed": node.number === beam.shown, "aria-label": branchLabel(beam, node),
  });
  group.dataset.name = `node${node.number}`;
  const title = svg("title", {}), word = svg("text", { x: beam.layout.beside, dy: ".35em" });
  title.textContent = branchLabel(beam, node);
  word.textContent = text;
  if (!worded) group.append(svg("rect", { class: "reach", y: -height / 2, width: DOT, height }), svg("circle", { cx: DOT / 4, r: 3.5 }));
  group.append(title, svg("rect", { class: "name", y: -height / 2, width: name, height, rx: 7 }), word);
  group.onclick = () => beam.choose(node.number);
  group.onkeydown = (event) => beam.walk(event, node);
  return group;
}

function kindOf({ best, alive }, { number, fate }) {
  if (fate === "dropped") return fate;
  return `${fate}${best.has(number) ? " best" : ""}${alive.has(number) ? "" : " gone"}`;
}
