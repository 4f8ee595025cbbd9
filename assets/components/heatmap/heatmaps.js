// Heatmaps that belong together, such as those of all heads: what they have in common is sent once.
import { mounted } from "../shared/mount/component.js";
import { make } from "../shared/draw/dom.js";
import { Heatmap } from "./heatmap.js";

/**
 * @typedef {object} HeatmapsData
 * @property {(Partial<import("./heatmap.js").HeatmapData> & {title: string})[]} maps
 * @property {Partial<import("./heatmap.js").HeatmapData>} common to all of them
 * @property {Record<string, string>} words
 */

class Heatmaps {
  /** @type {HTMLElement[]} */ titles = [];
  /** @type {Heatmap[]} */ maps = [];

  constructor(root) {
    this.root = root;
    root.getRootNode().host.gfPicture = (part) => this.maps[Number(part)].view.picture();
  }

  close() { for (const map of this.maps) map.close(); }

  /** @type {(data: HeatmapsData, send: (name: "cell" | "look", value: import("./heatmap.js").CellSent | string) => void) => void} */
  show({ maps, common, words }, send) {
    if (maps.length !== this.maps.length) this.build(maps.length);
    maps.forEach(({ title, ...own }, i) => {
      this.titles[i].textContent = title;
      const data = /** @type {import("./heatmap.js").HeatmapData} */ ({ ...common, ...own, words });
      this.maps[i].show({ ...data, alt: `${data.alt} (${title})` }, send);
    });
  }

  build(n) {
    this.close();
    const places = Array.from({ length: n }, () => make("div", "place"));
    this.titles = places.map(() => make("p", "title"));
    const panels = places.map((place, i) => {
      const panel = make("div", "panel");
      panel.append(this.titles[i], place);
      return panel;
    });
    const grid = make("div", "panels");
    grid.append(...panels);
    this.root.replaceChildren(grid);
    this.maps = places.map((place, i) => new Heatmap(place, i));
  }
}

export default mounted(Heatmaps, import.meta.url);
