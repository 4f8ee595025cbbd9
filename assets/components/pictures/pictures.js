// A picture as it stands on the page, as SVG or PNG: made here in the browser, without the network, from what the
// component that draws it hands out, the nodes of an SVG and their size. A caption says what it shows: a file has no page
// around it.
import { coloursOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { make, penOf, pushButton } from "../shared/draw/dom.js";
import { svg } from "../shared/draw/svg.js";
import { pictureOf } from "./dom_picture.js";

const CAPTION = 48, EDGE = 12, SCALE = 2;

// A line of the caption, smaller where the picture is too narrow for it.
const caption = (text, y, size, weight, width, style) => {
  const family = style.fontFamily || "sans-serif";
  const canvas = penOf(make("canvas"));
  canvas.font = `${weight} ${size}px ${family}`;
  const fitted = Math.min(size, (size * (width - 2 * EDGE)) / Math.max(canvas.measureText(text).width, 1));
  return svg("text", { x: EDGE, y, "font-size": fitted.toFixed(2), "font-weight": weight, "font-family": family }, text);
};

const captioned = ({ nodes, width, height }, data, root) => {
  const style = getComputedStyle(root), colour = coloursOf(root);
  const drawing = svg("svg", { width, height: height + CAPTION, viewBox: `0 0 ${width} ${height + CAPTION}` });
  drawing.append(svg("rect", { width, height: height + CAPTION, fill: colour("background") }));
  const title = caption(data.title, 20, 16, 600, width, style), place = caption(data.place, 39, 13, 400, width, style);
  title.setAttribute("fill", colour("text"));
  place.setAttribute("fill", colour("muted"));
  const picture = svg("g", { transform: `translate(0 ${CAPTION})` });
  picture.append(...nodes);
  drawing.append(title, place, picture);
  return { text: new XMLSerializer().serializeToString(drawing), width, height: height + CAPTION };
};

// What the component under a key shows, or a part of it: as it hands it out itself, or as it stands on the page.
const pictured = ({ chart, part }) => {
  const hosts = [...document.querySelectorAll(`.${chart}, .${chart} *`)];
  const own = hosts.find((element) => element.gfPicture)?.gfPicture;
  const root = hosts.map((element) => element.shadowRoot).find((shadow) => shadow?.querySelector(".gf"));
  return own ? own(part) : root && pictureOf(root.querySelector(part || ".gf"));
};

const painted = async ({ text, width, height }) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(width * SCALE), Math.round(height * SCALE)];
  penOf(canvas).drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
};

const save = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

// The window in which this stands is only as high as what lies below its button: the button moves up to make room.
// The page may grow long enough for that only after this is drawn, so it is tried again whenever the page has grown.
const makeRoom = (opener, root) => {
  const page = opener?.closest("[data-testid=stMainBlockContainer]");
  if (!page) return;
  opener.style.scrollMarginTop = "5rem";
  const low = () => opener.getBoundingClientRect().bottom >= innerHeight * 0.4;
  const watch = new ResizeObserver(() => {
    if (root.isConnected && low()) opener.scrollIntoView({ block: "start" });
    if (!root.isConnected || !low()) watch.disconnect();
  });
  watch.observe(page);
};

/**
 * @typedef {object} PicturesData
 * @property {string} chart
 * @property {string} opener
 * @property {string} [part]
 * @property {string} name
 * @property {string} title
 * @property {string} place
 * @property {Record<string, string>} words
 */

class Pictures {
  constructor(root) {
    this.root = root;
    this.placed = false;
  }

  /** @param {PicturesData} data */
  show(data) {
    const row = make("div", "pictures");
    for (const kind of ["png", "svg"]) {
      const button = pushButton(kind, data.words[kind], () => this.save(data, kind));
      button.title = data.words[`${kind}_help`];
      row.append(button);
    }
    this.root.replaceChildren(row);
    if (!this.placed) makeRoom(document.querySelector(`.${data.opener}`), this.root);
    this.placed = true;
  }

  async save(data, kind) {
    const found = pictured(data);
    if (!found) return;
    const picture = captioned(found, data, this.root);
    const blob = kind === "png" ? await painted(picture) : new Blob([picture.text], { type: "image/svg+xml" });
    save(blob, `${data.name}.${kind}`);
  }
}

export default mounted(Pictures, import.meta.url);
