// The whole road: it winds from stop to stop, and the same sentence lies beside each, darker where it surprised more. Who
// points at a word sees it at all stops.
import { along, channels, coloursOf, hexOf, inkOn, inksOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { fill, make } from "../shared/draw/dom.js";
import { pageLink } from "../shared/draw/links.js";
import { handle, hearWords, lightIn, wordName } from "../shared/input/pointing.js";
import { svg } from "../shared/draw/svg.js";

/**
 * @typedef {object} WholeRoadData
 * @property {any[]} stops
 * @property {string[]} palette
 * @property {Record<string, string>} words
 */

// Down to the middle of the row, where the stop is, and on to its foot; it begins and ends at a stop.
const bend = (i, n) => {
  const side = i % 2 ? 74 : 26, place = make("div", "bend"), badge = make("b", "", `${i + 1}`);
  const before = i ? `M50 0 C50 25 ${side} 25 ${side} 50` : `M${side} 50`, behind = i < n - 1 ? ` C${side} 75 50 75 50 100` : "";
  const lanes = ["edge", "lane"].map((name) => svg("path", { d: before + behind, class: name }));
  place.append(svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, ...lanes), badge);
  badge.style.left = `${side}%`;
  return place;
};

const textOn = (cell, item, shade, inks) => {
  if (cell.share === undefined) return item;
  const colour = along(shade, cell.share);
  item.style.background = hexOf(colour);
  item.style.color = inkOn(inks, colour).colour;
  item.title = cell.told;
  return item;
};

const strip = (cells, shade, inks) => {
  const line = make("p", "strip");
  cells.forEach((cell, i) => {
    const item = textOn(cell, make("span", cell.special ? "cell special" : "cell"), shade, inks);
    item.append(make("bdi", "", cell.word));
    if (cell.near) item.append(make("small", "", `≈ ${cell.near}`));
    handle(item, wordName("road", i));
    line.append(item);
  });
  return line;
};

const bar = ({ sort, name, text, share }) => {
  const row = make("div", `bar ${sort}`), track = make("span", "track"), filled = make("span", "fill");
  filled.style.width = `${100 * share}%`;
  track.append(filled);
  row.append(make("span", "name", name), track, make("span", "value", text));
  return row;
};

export default mounted(class {
  constructor(root) {
    this.root = root;
    this.close = hearWords((word) => lightIn(root, word));
  }

  /** @type {(data: WholeRoadData, send: (event: string, value: any) => void) => void} */
  show({ stops, palette, words }, send) {
    const steps = palette.map((hex, i) => /** @type {[number, number[]]} */ ([i / (palette.length - 1), channels(hex)]));
    const inks = inksOf(coloursOf(this.root)), road = make("ol", "road");
    road.setAttribute("aria-label", words.name);
    stops.forEach((stop, i) => {
      const last = i === stops.length - 1, item = make("li", last ? "stop last" : "stop");
      const title = make("h4"), top = make("div", "top"), sees = make("div", "sees"), numbers = make("div", "numbers");
      const link = pageLink(stop.href, stop.name, () => send("go", i));
      link.dataset.name = `stop${i}`;
      link.title = fill(words.at, { i: i + 1, n: stops.length });
      title.append(link);
      top.append(title, make("p", "when", stop.when), make("p", "idea", stop.idea));
      if (stop.cells.length) sees.append(strip(stop.cells, steps, inks), make("p", "who", stop.title));
      for (const { title: who, text, number } of stop.lines) {
        const line = make("p", "line");
        line.append(make("span", "who", who), make("bdi", "", text), make("b", "", number));
        sees.append(line);
      }
      numbers.append(...stop.bars.map(bar));
      if (stop.fact) numbers.append(make("p", "fact", stop.fact));
      const pain = make("p", "pain"), told = make("span");
      told.append(make("b", "", last ? words.left : words.pain), ` ${stop.pain}`);
      pain.append(told);
      if (stop.lives) {
        const lives = pageLink(stop.lives.href, `${stop.lives.label} ↗`, () => send("live", i), "lives");
        lives.dataset.name = `lives${i}`;
        pain.append(lives);
      }
      item.append(bend(i, stops.length), top, sees, numbers, pain);
      road.append(item);
    });
    this.root.dataset.picture = ""; // what its page is about
    this.root.replaceChildren(road);
  }
}, import.meta.url);
