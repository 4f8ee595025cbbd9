// What a component shows, of whatever it is built, as the nodes of an SVG: boxes, canvases, drawings and words, each
// where it stands and as it looks. All sizes are those on the page.
import { svg } from "../shared/draw/svg.js";

const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-size", "font-weight", "font-family", "text-anchor", "stop-color"];
const CLEAR = "transparent", AROUND = 12; // pixels around it
const HANDLES = "input, select, .controls, .tools, .found, .tip"; // what the reader works with is no part of the picture

export const pictureOf = (root) => {
  const origin = root.getBoundingClientRect();
  const found = { nodes: [], width: origin.width, height: origin.height, origin };
  walk(root, 1, found);
  const moved = svg("g", { transform: `translate(${AROUND} 0)` });
  moved.append(...found.nodes);
  return { nodes: [moved], width: Math.ceil(found.width + 2 * AROUND), height: Math.ceil(found.height + AROUND) };
};

const place = (found, box) => {
  const [x, y] = [box.left - found.origin.left, box.top - found.origin.top];
  found.width = Math.max(found.width, x + box.width);
  found.height = Math.max(found.height, y + box.height);
  return { x, y, width: box.width, height: box.height };
};

const walk = (element, above, found) => {
  if (element.matches(HANDLES)) return;
  const style = getComputedStyle(element), opacity = above * Number(style.opacity);
  if (style.display === "none" || style.visibility === "hidden" || !opacity || style.clipPath !== "none") return;
  if (element instanceof SVGElement) return void found.nodes.push(drawn(element, found));
  const box = element.getBoundingClientRect();
  if (box.width && box.height) paintBox(element, style, place(found, box), opacity, found);
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) lines(child, style, opacity, found);
    else if (child.nodeType === Node.ELEMENT_NODE) walk(child, opacity, found);
  }
};

// The colours of a background that goes evenly from left to right; none of any other.
const blend = (image) => (/^linear-gradient\(to right, [^%]*$/.test(image) ? image.match(/(rgba?|color|oklab)\([^)]*\)/g) ?? [] : []);
const shaded = (shades, at, number) => {
  const id = `shades${number}`, fill = svg("linearGradient", { id });
  fill.append(...shades.map((colour, i) => svg("stop", { offset: i / Math.max(shades.length - 1, 1), "stop-color": colour })));
  return [fill, svg("rect", { ...at, fill: `url(#${id})` })];
};

const clear = (colour) => colour === CLEAR || /^rgba\(.*,\s*0\)$|\/\s*0\)$/.test(colour);

// The sign that a style sheet puts into an empty box, in its middle.
const sign = (element, { x, y, width, height }, opacity, found) => {
  const style = getComputedStyle(element, "::before"), [, text] = /^"(.+)"$/.exec(style.content) ?? [];
  if (!text || element.childNodes.length) return;
  const size = parseFloat(style.fontSize), looks = { "font-size": size, "font-family": style.fontFamily, fill: style.color, opacity };
  found.nodes.push(svg("text", { x: x + width / 2, y: y + height / 2 + size * 0.35, "text-anchor": "middle", ...looks }, text));
};

const paintBox = (element, style, at, opacity, found) => {
  const rx = Math.min(parseFloat(style.borderTopLeftRadius) || 0, at.height / 2);
  const shades = blend(style.backgroundImage);
  if (shades.length) found.nodes.push(...shaded(shades, { ...at, rx, opacity }, found.nodes.length));
  const line = parseFloat(style.borderTopWidth) || 0;
  const edge = line && style.borderTopStyle !== "none" && !clear(style.borderTopColor);
  if (!clear(style.backgroundColor) || edge) found.nodes.push(svg("rect", {
    ...at, rx, opacity, fill: clear(style.backgroundColor) ? "none" : style.backgroundColor,
    ...(edge ? { stroke: style.borderTopColor, "stroke-width": line } : {}),
    ...(edge && style.borderTopStyle === "dashed" ? { "stroke-dasharray": "5 4" } : {}),
  }));
  sign(element, at, opacity, found);
  const looks = { preserveAspectRatio: "none", style: "image-rendering: pixelated" };
  const painted = element instanceof HTMLCanvasElement && element.width && element.height;
  if (painted || element.gfSheet) {
    found.nodes.push(painted ? svg("image", { ...at, opacity, ...looks, href: element.toDataURL() }) : cutOut(element.gfSheet, { ...at, opacity }, looks, found));
  }
  const [, colour, width] = /^(\w+\([^)]*\)) 0px 0px 0px ([\d.]+)px/.exec(style.boxShadow) ?? []; // a line around it
  if (colour) found.nodes.push(svg("rect", { ...at, rx: element.gfSheet ? 0 : rx, opacity, fill: "none", stroke: colour, "stroke-width": width }));
};

// One picture of a sheet of equal ones, which shows it as its background; the sheet itself is in the file once.
const cutOut = ({ href, x, y, columns, rows }, at, looks, found) => {
  const hole = svg("svg", { ...at, viewBox: `${x} ${y} 1 1`, preserveAspectRatio: "none" });
  hole.append(found.sheet ? svg("use", { href: "#sheet" }) : svg("image", { id: "sheet", width: columns, height: rows, ...looks, href }));
  found.sheet = true;
  return hole;
};

// A drawing is copied with its looks, which come from the page's style sheets.
const drawn = (drawing, found) => {
  const copy = drawing.cloneNode(true), { x, y } = place(found, drawing.getBoundingClientRect());
  const pairs = [[drawing, copy], ...[...drawing.querySelectorAll("*")].map((from, i) => [from, copy.querySelectorAll("*")[i]])];
  for (const [from, to] of pairs) {
    const style = getComputedStyle(from);
    for (const look of LOOKS) if (style.getPropertyValue(look)) to.setAttribute(look, style.getPropertyValue(look));
    to.removeAttribute("class");
    to.removeAttribute("style");
  }
  const group = svg("g", { transform: `translate(${x} ${y})` });
  group.append(...copy.childNodes);
  return group;
};

// A text node, a piece for every line on which it stands.
const lines = (node, style, opacity, found) => {
  if (!node.data.trim()) return;
  const range = document.createRange();
  /** @type {{text: string, box: DOMRect, right: number} | null} */
  let last = null;
  const words = [...node.data.matchAll(/\S+\s*/g)].map(({ 0: word, index }) => {
    range.setStart(node, index);
    range.setEnd(node, index + word.trimEnd().length);
    return { word, box: range.getBoundingClientRect() };
  }).filter(({ box }) => box.width && box.height);
  for (const { word, box } of words) {
    if (last && Math.abs(last.box.top - box.top) < 2) {
      last.text += word;
      last.right = box.right;
      continue;
    }
    if (last) found.nodes.push(written(last, style, opacity, found));
    last = { text: word, box, right: box.right };
  }
  if (last) found.nodes.push(written(last, style, opacity, found));
};

// As wide as on the page, though a file may have to do without the page's fonts.
const written = ({ text, box, right }, style, opacity, found) => {
  const { x, y, width, height } = place(found, box), size = parseFloat(style.fontSize), stands = style.writingMode.startsWith("vertical");
  const looks = { "font-size": size, "font-family": style.fontFamily, "font-weight": style.fontWeight, "font-style": style.fontStyle, fill: style.color, opacity, textLength: stands ? height : right - box.left, lengthAdjust: "spacingAndGlyphs" };
  if (stands) return svg("text", { x: x + width / 2, y, "writing-mode": style.writingMode, "dominant-baseline": "central", ...looks }, text.trimEnd());
  return svg("text", { x, y: y + height / 2 + size * 0.35, ...looks }, text.trimEnd());
};
