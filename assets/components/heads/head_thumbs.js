// All heads as thumbnails, a line for each layer: one picture for all of them, which each shows a part of.
import { fill, make, shortAddress } from "../shared/draw/dom.js";
import { ARROWS, taken, withModifier } from "../shared/input/keys.js";
import { clamp } from "../shared/draw/numbers.js";
import { exact, legendOf } from "./head_parts.js";

const FEW = 8; // heads of a layer up to which a thumbnail has a caption
const NAMED = 6; // heads of a layer up to which a column is called by more than its number
const AS_IT_IS = 64; // pixels of a thumbnail up to which each stays a sharp square

export class HeadThumbs {
  /** @type {HTMLButtonElement[][]} of each layer */ thumbs;

  /** @param {import("./heads.js").Heads} owner */
  constructor(owner) {
    this.owner = owner;
    this.address = ""; // of the picture of all heads
  }

  close() { URL.revokeObjectURL(this.address); }

  /** Draw them anew; returns where they stand. */
  draw() {
    const { words, n_layers, n_heads, block, tile, picture } = this.owner.data;
    const panel = make("section", "overview"), grid = make("div", "grid");
    panel.append(make("h5", "", words.overview), grid, this.legend(), make("p", "note", words[`scaled_${this.owner.data.scale}`]));
    if (block > 1) panel.append(make("p", "note", fill(words.shared, { block })));
    if (this.owner.data.masked) panel.append(make("p", "note blocked", words.crosses));
    grid.setAttribute("role", "grid");
    grid.setAttribute("aria-label", `${words.overview}. ${words.keys}`);
    grid.style.setProperty("--heads", String(n_heads));
    grid.style.setProperty("--shape", String(clamp(tile[1] / tile[0], 0.5, 2)));
    grid.style.setProperty("--picture", `url("${shortAddress(this, picture)}")`);
    grid.style.setProperty("--size", `${100 * n_heads}% ${100 * n_layers}%`);
    grid.classList.toggle("fine", Math.max(...tile) > AS_IT_IS);
    const heads = make("div", "line top");
    heads.setAttribute("role", "row");
    heads.append(make("span", "layer"), ...[...Array(n_heads).keys()].map((h) => this.title(n_heads > NAMED ? `${h}` : fill(words.head, { head: h }), "columnheader")));
    grid.append(heads);
    this.thumbs = [...Array(n_layers).keys()].map((layer) => {
      const line = make("div", "line");
      line.setAttribute("role", "row");
      const thumbs = [...Array(n_heads).keys()].map((head) => this.thumb(layer, head));
      line.append(this.title(fill(words.layer, { layer }), "rowheader"), ...thumbs);
      grid.append(line);
      return thumbs;
    });
    return panel;
  }

  title(text, role) {
    const title = make("span", role === "rowheader" ? "layer" : "head", text);
    title.setAttribute("role", role);
    return title;
  }

  thumb(layer, head) {
    const { n_layers, n_heads, words, reach, picture } = this.owner.data;
    const thumb = make("button", "thumb"), part = (i, n) => (n > 1 ? (100 * i) / (n - 1) : 0);
    const image = Object.assign(make("span", "image"), { gfSheet: { href: picture, x: head, y: layer, columns: n_heads, rows: n_layers } });
    image.style.backgroundPosition = `${part(head, n_heads)}% ${part(layer, n_layers)}%`;
    thumb.append(image);
    const label = this.owner.label(layer, head);
    if (n_heads <= FEW) thumb.append(make("span", "caption", label));
    thumb.type = "button";
    thumb.tabIndex = -1;
    thumb.dataset.name = `head${layer}.${head}`;
    thumb.setAttribute("role", "gridcell");
    const facts = fill(words.thumb, { layer, head, most: exact(reach[layer][head]) });
    thumb.title = label ? `${facts} ${label}` : facts;
    thumb.setAttribute("aria-label", thumb.title);
    thumb.onclick = () => this.owner.choose(layer, head);
    thumb.onkeydown = (event) => this.move(event, layer, head);
    return thumb;
  }

  legend() {
    const { words, palette, scale, most, signed } = this.owner.data;
    const high = scale === "head" ? words.own_most : exact(most, most === 1 ? 0 : 2);
    return legendOf(signed ? `\u2212 ${high}` : "0", signed, palette, high);
  }

  move(event, layer, head) {
    const step = ARROWS[event.key];
    if (!step || withModifier(event)) return;
    taken(event);
    const next = this.thumbs[layer + step[0]]?.[head + step[1]];
    if (!next) return;
    next.focus();
    // A head whose numbers are not here waits for Enter: the server is not asked for each one on the way.
    if (this.owner.numbers) this.owner.choose(layer + step[0], head + step[1]);
  }

  /** The chosen one, which Tab reaches. */
  mark() {
    const { layer, head } = this.owner.choice;
    this.each((thumb, l, h) => {
      const now = l === layer && h === head;
      thumb.classList.toggle("now", now);
      thumb.setAttribute("aria-selected", String(now));
      thumb.tabIndex = now ? 0 : -1;
    });
  }

  /** @param {(thumb: HTMLButtonElement, layer: number, head: number) => void} act */
  each(act) { this.thumbs.forEach((line, layer) => line.forEach((thumb, head) => act(thumb, layer, head))); }
}
